import type { DuckDBConnection } from "@duckdb/node-api";
import type { Batch } from "../contract/batch.ts";
import type { QueryResult, StoreConnection } from "../contract/store.ts";
import type { SqlType } from "../contract/types.ts";
import type { Value } from "../contract/value.ts";
import { appendBatches } from "./append.ts";
import { fromDuckdbError } from "./errors.ts";
import { DuckdbQueryResult, schemaOf } from "./result.ts";
import { fromDuckdbType } from "./types.ts";
import { toDuckdb } from "./values.ts";

/**
 * One driver connection. The driver has at most one open stream per connection and ends it *silently* when another
 * statement runs (measured, notes): so an unread result is spooled into memory before the next statement.
 */
export class DuckdbConnection implements StoreConnection {
  readonly #connection: DuckDBConnection;
  #open: DuckdbQueryResult | null = null;

  constructor(connection: DuckDBConnection) {
    this.#connection = connection;
  }

  async query(sql: string, parameters: readonly Value[] = []): Promise<QueryResult> {
    await this.#open?.spool();
    try {
      const bound = parameters.map(toDuckdb);
      const raw = await this.#connection.stream(
        sql,
        bound.map((b) => b.value),
        bound.map((b) => b.type),
      );
      const result = new DuckdbQueryResult(raw, sql, () => {
        if (this.#open === result) this.#open = null;
      });
      this.#open = result;
      return result;
    } catch (error) {
      throw fromDuckdbError(error, sql);
    }
  }

  async run(sql: string, parameters: readonly Value[] = []): Promise<void> {
    const result = await this.query(sql, parameters);
    while ((await result.next()) !== null);
  }

  async describe(sql: string): ReturnType<StoreConnection["describe"]> {
    await this.#open?.spool();
    try {
      const statement = await this.#connection.prepare(sql);
      try {
        const indexes = Array.from({ length: statement.columnCount }, (_, i) => i);
        const schema = schemaOf(
          indexes.map((i) => statement.columnName(i)),
          indexes.map((i) => statement.columnType(i)),
        );
        const parameters = Array.from({ length: statement.parameterCount }, (_, i): SqlType | null => {
          try {
            return fromDuckdbType(statement.parameterType(i + 1));
          } catch {
            return null; // "Failed to get param logical type": DuckDB could not infer it
          }
        });
        return { schema, parameters };
      } finally {
        statement.destroySync();
      }
    } catch (error) {
      throw fromDuckdbError(error, sql);
    }
  }

  async appendTemporary(table: string, batches: Iterable<Batch>): Promise<void> {
    await this.#open?.spool();
    try {
      await appendBatches(this.#connection, "main", table, batches, "temp");
    } catch (error) {
      throw fromDuckdbError(error, `append to ${table}`);
    }
  }

  interrupt(): void {
    this.#open?.interrupt();
    this.#connection.interrupt();
  }

  close(): void {
    this.#open?.close();
    this.#connection.closeSync();
  }
}
