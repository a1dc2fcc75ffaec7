import { buildCatalog, type CatalogTable, type ColumnRow } from "../../src/catalog.ts";
import type { Config } from "../../src/config.ts";
import { connectorConfig } from "../../src/setup/connector.ts";
import { indexAlias, type Table } from "../../src/tables.ts";
import { type Answer, ask, judgeServer } from "./answer.ts";
import { about, type Check, skipped } from "./check.ts";
import { judgeClock, type Skew } from "./clock.ts";
import { askConnect, type ConnectAnswers, connectChecks, connectorState, judgeConnect } from "./connect.ts";
import {
  askElasticsearch,
  type ElasticsearchAnswers,
  judgeElasticsearchVersion,
  judgeHealth,
} from "./elasticsearch.ts";
import { indexChecks, judgeIndex } from "./indices.ts";
import { askKafka, judgeKafka, type KafkaAnswers, kafkaChecks } from "./kafka.ts";
import { judgeMigrations } from "./migrations.ts";
import {
  askPostgres,
  judgeServerSettings,
  OLDEST_MAJOR,
  type PostgresAnswers,
  type PostgresDetails,
  serverChecks,
} from "./postgres.ts";
import { judgePublication, publicationChecks } from "./publication.ts";
import { judgeRoles, roleChecks } from "./roles.ts";
import { judgeSlot, slotChecks } from "./slot.ts";
import { judgeTable, tableChecks } from "./tables.ts";
import { judgeTransactions, transactionChecks } from "./transactions.ts";

/** What each server answered; those of one say why another's are as they are. */
export type Answers = {
  readonly postgres: Answer<PostgresAnswers>;
  readonly connect: Answer<ConnectAnswers>;
  readonly kafka: Answer<KafkaAnswers>;
  readonly elasticsearch: Answer<ElasticsearchAnswers>;
};

export type Examination = {
  readonly checks: readonly Check[];
  /** Servers that could not be reached. */
  readonly unreachable: readonly (keyof Answers)[];
};

const detailChecks = [
  "migrations",
  ...roleChecks,
  ...tableChecks,
  ...publicationChecks,
  ...slotChecks,
  ...transactionChecks,
] as const;

/** Asks every server at once, and judges their answers together. */
export async function examine(config: Config, tables: readonly Table[]): Promise<Examination> {
  const [postgres, connect, kafka, elasticsearch] = await Promise.all([
    ask(() => askPostgres(config, tables)),
    ask(() => askConnect(config)),
    ask(() => askKafka(config, tables)),
    ask(() => askElasticsearch(config, tables)),
  ]);
  return judge({ postgres, connect, kafka, elasticsearch }, config, tables);
}

/** The verdict on all answers; pure. */
export function judge(answers: Answers, config: Config, tables: readonly Table[]): Examination {
  const { postgres, connect, kafka, elasticsearch } = answers;
  const host = `${config.postgresHost}:${config.postgresPort}`;
  const servers = Object.keys(answers) as (keyof Answers)[];
  return {
    unreachable: servers.filter((name) => answers[name].kind === "unreachable"),
    checks: [
      ...judgeServer({ name: "postgres", address: host }, postgres, [...serverChecks, ...detailChecks], (value) =>
        judgePostgres(value, answers, config, tables),
      ),
      ...judgeServer({ name: "connect", address: config.connectUrl }, connect, connectChecks, (value) =>
        judgeConnect(value, connectorConfig(config, tables), config),
      ),
      ...judgeServer({ name: "kafka", address: config.kafkaBrokers }, kafka, kafkaChecks, (value) =>
        judgeKafka(value, answered(connect)?.clusterId, config, tables),
      ),
      ...judgeServer(
        { name: "elasticsearch", address: config.elasticsearchUrl },
        elasticsearch,
        ["elasticsearch-version", "elasticsearch-health", ...indexChecks],
        (value) => judgeElasticsearch(value, answers, config, tables),
      ),
      ...judgeClocks(answers),
    ],
  };
}

function answered<T>(answer: Answer<T>): T | undefined {
  return answer.kind === "answered" ? answer.value : undefined;
}

function judgePostgres(
  { server, adminRefusal, details }: PostgresAnswers,
  { connect }: Answers,
  config: Config,
  tables: readonly Table[],
): readonly Check[] {
  const settings = judgeServerSettings(server, adminRefusal);
  if (details === undefined) {
    return [...settings, ...skipped(detailChecks, `PostgreSQL is older than ${OLDEST_MAJOR}`)];
  }
  const worker = answered(connect);
  return [
    ...settings,
    judgeMigrations(details.migrations),
    ...judgeRoles(details.roles),
    ...tables.flatMap((table) =>
      judgeTable(table, factsOf(details, table), details.columns, details.publication.publishesStored),
    ),
    ...judgePublication(details.publication, tables),
    ...judgeSlot(details.slot, config, worker ? connectorState(worker) : "unknown"),
    ...judgeTransactions(details.transactions),
  ];
}

function factsOf({ tables }: PostgresDetails, table: Table) {
  return tables.find(({ name }) => name === table.name);
}

function judgeElasticsearch(
  { version, details }: ElasticsearchAnswers,
  { postgres, kafka }: Answers,
  config: Config,
  tables: readonly Table[],
): readonly Check[] {
  const versionCheck = judgeElasticsearchVersion(version);
  if (details === undefined) {
    return [versionCheck, ...skipped(["elasticsearch-health", ...indexChecks], "Elasticsearch is too old")];
  }
  const columns = answered(postgres)?.details?.columns;
  const members = answered(kafka)?.sinkMembers;
  const sinkRuns = members === undefined ? undefined : members > 0;
  return [
    versionCheck,
    judgeHealth(details.health, config, tables),
    ...tables.flatMap((table) => {
      const facts = details.indices.find(({ alias }) => alias === indexAlias(config.indexPrefix, table));
      const known = columns && catalogOf(table, columns);
      const noColumns =
        columns === undefined
          ? "postgres did not tell the columns"
          : `the columns of ${table.name} are not as they should be`;
      return facts ? judgeIndex(facts, known, config, { sinkRuns, noColumns }) : [];
    }),
  ];
}

/** One table's columns; undefined where the sink would refuse them, which is a check of its own. */
function catalogOf(table: Table, columns: readonly ColumnRow[]): CatalogTable | undefined {
  try {
    return buildCatalog([table], columns)[0];
  } catch {
    return undefined;
  }
}

function judgeClocks({ postgres, connect, elasticsearch }: Answers): readonly Check[] {
  const skews: Readonly<Record<string, Skew | null | undefined>> = {
    postgres: answered(postgres)?.details?.skew,
    connect: answered(connect)?.skew,
    elasticsearch: answered(elasticsearch)?.details?.skew,
  };
  return Object.entries(skews).map(([server, skew]) =>
    skew ? judgeClock(server, skew) : about("clock", "", { server }).skip(`${server} did not tell the time`),
  );
}
