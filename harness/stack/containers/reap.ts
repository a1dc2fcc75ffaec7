import { containersWith, type Docker, removeStack, stackLabel } from "./docker.ts";
import { isAbandoned } from "./owner.ts";

/**
 * Removes what stacks have left in Docker whose process ended without stopping them: killed, or cut off by a crash.
 * @returns the folders of those stacks
 */
export async function reap(docker: Docker): Promise<string[]> {
  const filters = { label: [stackLabel] };
  const [containers, networks] = await Promise.all([
    containersWith(docker, stackLabel),
    docker.listNetworks({ filters }),
  ]);
  const stacks = new Set([...containers, ...networks].flatMap(({ Labels }) => Labels?.[stackLabel] ?? []));
  const abandoned = [...stacks].filter(isAbandoned);
  for (const stackDir of abandoned) await removeStack(docker, stackDir);
  return abandoned;
}
