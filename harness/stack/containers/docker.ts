import { type ContainerRuntimeClient, getContainerRuntimeClient } from "testcontainers";
import { messageOf, OperationError } from "../../../src/errors.ts";

export type Docker = ContainerRuntimeClient["container"]["dockerode"];

/** Labels of everything that a stack makes: the stack's folder, and which of its servers a container is. */
export const stackLabel = "tidemark.stack";
export const serverLabel = "tidemark.server";

// Its reaper is an image of its own that holds a connection for as long as this process lives. Ours is in reap.ts.
process.env.TESTCONTAINERS_RYUK_DISABLED = "true";

/** The Docker daemon, as testcontainers finds it. @throws OperationError where none answers */
export async function connectDocker(): Promise<Docker> {
  try {
    return (await getContainerRuntimeClient()).container.dockerode;
  } catch (cause) {
    throw new OperationError(
      `STACK_PROVIDER=containers, and no Docker daemon answers (${messageOf(cause)}): start it, or use STACK_PROVIDER=native`,
      { cause },
    );
  }
}

/** Every container with a label, running or not. */
export function containersWith(docker: Docker, label: string) {
  return docker.listContainers({ all: true, filters: { label: [label] } });
}

/** Removes a container, whatever it does, with its anonymous volumes. One that is gone already is fine. */
export async function removeContainer(docker: Docker, id: string): Promise<void> {
  await docker
    .getContainer(id)
    .remove({ force: true, v: true })
    .catch((error: { statusCode?: number }) => {
      if (error.statusCode !== 404) throw error;
    });
}

/** Removes the containers of a stack, then its network. */
export async function removeStack(docker: Docker, stackDir: string): Promise<void> {
  const label = `${stackLabel}=${stackDir}`;
  const containers = await containersWith(docker, label);
  await Promise.all(containers.map(({ Id }) => removeContainer(docker, Id)));
  const networks = await docker.listNetworks({ filters: { label: [label] } });
  await Promise.all(networks.map(({ Id }) => docker.getNetwork(Id).remove()));
}
