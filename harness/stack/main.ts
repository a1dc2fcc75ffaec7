import { type Command, option, runCommand, toggle } from "../../src/command.ts";
import type { Config } from "../../src/config.ts";
import { ExitCode, OperationError, UsageError } from "../../src/errors.ts";
import { parseInteger } from "../../src/settings.ts";
import { ComposeStack } from "./compose/compose-stack.ts";
import { installSource } from "./install/equipment.ts";
import { pinChecksums } from "./install/install.ts";
import { thisMachine } from "./machine.ts";
import { follow, readTail } from "./native/log-tail.ts";
import { openStack, stackFolders } from "./open.ts";
import { Pgadmin } from "./pgadmin/pgadmin.ts";
import { chooseProvider } from "./provider.ts";
import { showEndpoints, showEnvironment, showStatus } from "./show.ts";
import { type ServerName, type Stack, serverNames } from "./stack.ts";

const options = {
  json: toggle("up, status: print JSON"),
  env: toggle("status: print NAME=value lines that the other commands need"),
  purge: toggle("down: remove all data as well"),
  with: option("pgadmin", "up: pgAdmin as well, with the stack's PostgreSQL registered", "", expectPgadmin),
  follow: toggle("logs: print what is added, until interrupted (also -f)"),
  lines: option("N", "logs: this many lines from the end (default 100)", 100, (text) =>
    parseInteger(text, 0, 1_000_000),
  ),
};

function expectPgadmin(name: string): string {
  if (name === "pgadmin") return name;
  const kibana =
    name === "kibana"
      ? "; Kibana is to be had as a container alone, beside the native stack the status page shows the figures"
      : "";
  throw new Error(`expected pgadmin${kibana}`);
}

type Options = Parameters<Command<typeof options>["run"]>[0]["options"];
type Action = (
  stack: Stack,
  given: { config: Config; options: Options; signal: AbortSignal; name?: string },
) => Promise<ExitCode>;

const actions: Record<string, Action> = { up, down, status, logs, pin };

async function up(stack: Stack, { options, signal, config }: Parameters<Action>[1]): Promise<ExitCode> {
  if (options.with !== "" && stack.provider === "external") {
    throw new UsageError(["--with: STACK_PROVIDER=external, so somebody else runs what there is"]);
  }
  const result = await Promise.race([stack.start(), interruption(signal)]);
  const pgadmin = stack.provider === "containers" ? `http://127.0.0.1:${config.pgadminPort}` : undefined;
  const extra = options.with === "" ? pgadmin : await (pgadmin ?? pgadminBeside(config).start(result.endpoints));
  if (options.json) {
    console.log(JSON.stringify({ provider: stack.provider, ...result, pgadmin: extra }));
    return ExitCode.done;
  }
  if (stack.provider === "external") progress("all servers answer");
  else if (result.started.length === 0) progress("the stack was running already");
  else progress(`ready in ${result.seconds.toFixed(1)} s; bun run stack down stops it`);
  console.log(showEndpoints(result.endpoints));
  if (extra !== undefined) console.log(`pgadmin        ${extra}`);
  return ExitCode.done;
}

async function down(stack: Stack, { options, config }: Parameters<Action>[1]): Promise<ExitCode> {
  if (stack.provider === "external") {
    throw new OperationError("STACK_PROVIDER=external: somebody else runs these servers, and stops them");
  }
  if (stack.provider === "native") await pgadminBeside(config).stop();
  await stack.stop({ purge: options.purge });
  progress(options.purge ? "stopped, and all data removed" : "stopped; the data stays (--purge removes it)");
  return ExitCode.done;
}

async function status(stack: Stack, { options }: Parameters<Action>[1]): Promise<ExitCode> {
  const servers = await stack.status();
  const ready = servers.every(({ state }) => state === "ready");
  if (options.env) console.log(showEnvironment(stack.provider, stack.endpoints));
  else if (options.json) console.log(JSON.stringify({ provider: stack.provider, ready, servers }));
  else console.log(showStatus(servers));
  return ready ? ExitCode.done : ExitCode.failure;
}

async function logs(stack: Stack, { options, signal, name }: Parameters<Action>[1]): Promise<ExitCode> {
  if (!serverNames.includes(name as ServerName)) {
    throw new UsageError([`logs: expected one of ${serverNames.join(", ")}, got ${name ?? "no name"}`]);
  }
  if (stack instanceof ComposeStack) {
    await stack.printLogs(name as ServerName, options, signal);
    return ExitCode.done;
  }
  const file = stack.logs(name as ServerName);
  if (!(await Bun.file(file).exists())) throw new OperationError(`${name} has no log yet: expected it in ${file}`);
  const tail = readTail(file, options.lines);
  if (tail !== "") console.log(tail);
  if (options.follow) await follow(file, (text) => process.stdout.write(text), signal);
  return ExitCode.done;
}

async function pin(_: Stack, { config }: Parameters<Action>[1]): Promise<ExitCode> {
  const machine = thisMachine();
  await pinChecksums(
    installSource({ machine, cacheDir: stackFolders(config, machine).cacheDir, onProgress: progress }),
  );
  progress("infra/native/checksums.txt now pins what was fetched: look at what changed before committing it");
  return ExitCode.done;
}

function pgadminBeside(config: Config): Pgadmin {
  const machine = thisMachine();
  return new Pgadmin({ config, machine, ...stackFolders(config, machine), onProgress: progress });
}

/** The stack that this command is about: with containers all of the compose file, not its servers alone. */
function chosenStack(config: Config): Stack {
  const { provider, reason } = chooseProvider(config);
  if (config.stackProvider === "auto" && provider === "containers") progress(`in containers: ${reason}`);
  return provider === "containers" ? new ComposeStack(config) : openStack(config, { onProgress: progress });
}

function interruption(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => {
      reject(new OperationError("interrupted: bun run stack down stops the servers that were started"));
    });
  });
}

function progress(line: string): void {
  process.stderr.write(`${line}\n`);
}

// The command runner knows long options only, and settings by their full names.
process.argv = process.argv.map((argument) =>
  argument === "-f" ? "--follow" : argument.replace(/^--provider(?=$|=)/, "--stack-provider"),
);

await runCommand({
  name: "stack",
  summary:
    "PostgreSQL, Kafka, Kafka Connect and Elasticsearch: up, down, status, logs NAME; pin rewrites the checksums of what they are installed from",
  positionals: "up|down|status|logs NAME|pin",
  options,
  settings: [
    "stackProvider",
    "stackDir",
    "cacheDir",
    "postgresHost",
    "postgresPort",
    "postgresAdminUser",
    "postgresAdminPassword",
    "postgresReplicationPassword",
    "kafkaBrokers",
    "connectUrl",
    "elasticsearchUrl",
    "kafkaPort",
    "connectPort",
    "elasticsearchPort",
    "pgadminPort",
  ],
  run: async ({ config, options, positionals, signal }) => {
    const [verb = "", name, ...rest] = positionals;
    const action = Object.hasOwn(actions, verb) ? actions[verb] : undefined;
    const surplus = verb === "logs" ? rest : positionals.slice(1);
    if (action === undefined || surplus.length > 0) {
      const got = action === undefined ? verb || "nothing" : `${positionals.join(" ")}`;
      throw new UsageError([`expected one of up, down, status, logs NAME, pin; got ${got}`]);
    }
    return action(chosenStack(config), { config, options, signal, name });
  },
});
