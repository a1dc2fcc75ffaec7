import { type Config, type SettingName, settings } from "../../../src/config.ts";
import { UsageError } from "../../../src/errors.ts";
import type { PortChoice } from "./ports.ts";

const loopback = ["127.0.0.1", "localhost", "[::1]", "::1"];

/**
 * The ports that were asked for by a setting, rather than left to us.
 * @throws UsageError for an address that the native stack, which is on loopback only, cannot have
 */
export function requestedPorts(config: Config): PortChoice["requested"] {
  const mistakes: string[] = [];
  const port = (name: SettingName, address: string) => {
    if (!config.explicit.has(name)) return undefined;
    const setting = settings[name].env;
    const url = URL.parse(address.includes("://") ? address : `tcp://${address}`);
    if (url === null || !loopback.includes(url.hostname) || url.port === "") {
      mistakes.push(
        `${setting}: the native stack listens on one port of 127.0.0.1, got ${JSON.stringify(address)}; for servers elsewhere set STACK_PROVIDER=external`,
      );
      return undefined;
    }
    return { port: Number(url.port), setting };
  };
  if (config.explicit.has("postgresHost") && !loopback.includes(config.postgresHost)) {
    port("postgresHost", config.postgresHost);
  }
  const requested = {
    postgres: port("postgresPort", `127.0.0.1:${config.postgresPort}`),
    kafka: port("kafkaBrokers", config.kafkaBrokers),
    connect: port("connectUrl", config.connectUrl),
    elasticsearch: port("elasticsearchUrl", config.elasticsearchUrl),
  };
  if (mistakes.length > 0) throw new UsageError(mistakes);
  return requested;
}
