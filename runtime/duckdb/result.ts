import type { DuckDBResult, DuckDBType } from "@duckdb/node-api";
import type { Batch } from "../contract/batch.ts";
import { rowsOf } from "../contract/rows.ts";
import { SqlError } from "../contract/errors.ts";
import type { QueryResult } from "../contract/store.ts";
import type { Schema } from "../contract/types.ts";
import type { Value } from "../contract/value.ts";
import { resultName } from "../contract/result-name.ts";
import { fromDuckdbError } from "./errors.ts";
import { readChunk } from "./read-chunk.ts";
import { fromDuckdbType } from "./types.ts";

export function schemaOf(names: readonly string[], types: readonly DuckDBType[]): Schema {
  return { columns: names.map((name, i) => ({ name: resultName(name), type: fromDuckdbType(types[i] as DuckDBType) })) };
}

/** A stream of batches over a driver result, read on demand. */
export class DuckdbQueryResult implements QueryResult {
  readonly schema: Schema;
  readonly changed: number;
  readonly #result: DuckDBResult;
  readonly #types: readonly DuckDBType[];
  readonly #sql: string;
  readonly #released: () => void;
  readonly #spooled: Batch[] = [];
  #drained = false;
  #ended = false;
  #interrupted = false;

  constructor(result: DuckDBResult, sql: string, released: () => void) {
    this.#result = result;
    this.#types = result.columnTypes();
    this.#sql = sql;
    this.#released = released;
    this.schema = schemaOf(result.columnNames(), this.#types);
    this.changed = result.rowsChanged;
  }

  async next(): Promise<Batch | null> {
    if (this.#ended) return null;
    const batch = this.#spooled.shift() ?? (await this.#fetch());
    if (batch === null) this.close();
    return batch;
  }

  /** The driver may end an interrupted stream as if it had no more rows: from now on reading fails with 57014. */
  interrupt(): void {
    this.#interrupted = true;
  }

  /** Reads what remains into memory, so that the connection is free for another statement. */
  async spool(): Promise<void> {
    for (let batch = await this.#fetch(); batch !== null; batch = await this.#fetch()) this.#spooled.push(batch);
    this.#released();
  }

  async rows(): Promise<Value[][]> {
    const rows: Value[][] = [];
    for (let batch = await this.next(); batch !== null; batch = await this.next()) rows.push(...rowsOf(this.schema, batch));
    return rows;
  }

  close(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#spooled.length = 0;
    this.#released();
  }

  async #fetch(): Promise<Batch | null> {
    if (this.#drained || this.#ended) return null;
    try {
      const chunk = await this.#result.fetchChunk();
      if (this.#interrupted) throw new SqlError({ sqlState: "57014", message: "canceling statement due to user request" });
      if (chunk !== null && chunk.rowCount > 0) return readChunk(chunk, this.#types);
      this.#drained = true;
      return null;
    } catch (error) {
      this.close();
      throw fromDuckdbError(error, this.#sql);
    }
  }
}
