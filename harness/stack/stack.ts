/** The four servers, in the order in which they are shown. */
export const serverNames = ["postgres", "kafka", "connect", "elasticsearch"] as const;
export type ServerName = (typeof serverNames)[number];

/** Where clients reach the servers. The names are those of the settings, so `{ ...config, ...endpoints }` works. */
export interface Endpoints {
  readonly postgresHost: string;
  readonly postgresPort: number;
  /** host:port, separated by commas. */
  readonly kafkaBrokers: string;
  readonly connectUrl: string;
  /** PostgreSQL as Kafka Connect reaches it; empty and 0 where that is the address above. */
  readonly connectPostgresHost: string;
  readonly connectPostgresPort: number;
  readonly elasticsearchUrl: string;
}

export interface ServerStatus<Name extends string = ServerName> {
  readonly name: Name;
  /** `unready`: its process runs (or its address is known), but it does not answer as it should. */
  readonly state: "ready" | "unready" | "paused" | "down";
  readonly address: string;
  readonly pid?: number;
  /** Why it is not ready, in the words of whatever was asked. */
  readonly reason?: string;
}

export interface StartResult {
  /** Started by this call; empty when all were running. */
  readonly started: readonly ServerName[];
  /** Found running. */
  readonly found: readonly ServerName[];
  readonly endpoints: Endpoints;
  readonly seconds: number;
}

/** Process control of one server, by signals or by Docker. The provider `external` refuses all of it. */
export interface Server {
  readonly name: ServerName;
  /** SIGKILL to the server and its children; returns once all are gone. */
  kill(): Promise<void>;
  /** SIGSTOP to the server and its children: connections stay open, nothing answers. @throws when it does not run */
  pause(): Promise<void>;
  /** SIGCONT after `pause`. @throws when it does not run */
  resume(): Promise<void>;
  /** Asks it to stop, and kills it past a deadline of a few seconds. */
  stop(): Promise<void>;
  /** Starts it unless it runs, and returns once it is ready. */
  start(): Promise<void>;
  restart(): Promise<void>;
  /** The id of the running process; undefined when it is down, or is no process of this machine that we could see. */
  pid(): number | undefined;
}

export interface Stack {
  readonly provider: "native" | "containers" | "external";
  /** Starts what does not run, and returns once all four are ready. The servers outlive this process. */
  start(): Promise<StartResult>;
  /** Stops all servers within 10 s. Their data stays, unless `purge`. */
  stop(options?: { purge?: boolean }): Promise<void>;
  status(): Promise<ServerStatus[]>;
  /** @throws OperationError before the first start */
  readonly endpoints: Endpoints;
  server(name: ServerName): Server;
  /** Path of the server's log file. @throws OperationError where it is none, with what shows it */
  logs(name: ServerName): string;
}
