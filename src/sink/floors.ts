import type { Client } from "@elastic/elasticsearch";
import { indexAlias, type Table } from "../tables.ts";
import { readFloor, writeFloor } from "./truncate.ts";

/** For each table the version of its last TRUNCATE. Read again whenever partitions may have come from another sink. */
export class Floors {
  private versions = new Map<string, Promise<number>>();

  constructor(
    private readonly client: Client,
    private readonly indexPrefix: string,
  ) {}

  of(table: Table): Promise<number> {
    const known = this.versions.get(table.name);
    if (known !== undefined) return known;
    const reading = readFloor(this.client, indexAlias(this.indexPrefix, table));
    this.versions.set(table.name, reading);
    reading.catch(() => this.versions.delete(table.name));
    return reading;
  }

  async raise(table: Table, version: number): Promise<void> {
    await writeFloor(this.client, indexAlias(this.indexPrefix, table), version);
    this.versions.set(table.name, Promise.resolve(Math.max(version, await this.of(table))));
  }

  forget(): void {
    this.versions.clear();
  }
}
