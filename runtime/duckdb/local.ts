import { DuckDBInstance } from "@duckdb/node-api";
import type { Batch } from "../contract/batch.ts";
import { bigint, formatType, type Schema } from "../contract/types.ts";
import type { QueryResult } from "../contract/store.ts";
import type { Value } from "../contract/value.ts";
import { AheadResult } from "./ahead-result.ts";
import { appendBatches } from "./append.ts";
import { DuckdbConnection } from "./connection.ts";
import { fromDuckdbError } from "./errors.ts";
import { registerNativeFunctions } from "./native-functions.ts";
import { quoteName } from "../contract/quote.ts";

/**
 * An in-memory DuckDB of one slot thread: reads and writes Parquet for connectors, evaluates expressions without a kernel
 * (design D10). It must be closed before its thread ends: terminating a thread with a query in flight aborts the process.
 */
export interface LocalDuckdb {
  /** Streams a query on a connection of its own, so that several may be open at once. Close the result, or read it to its end. */
  stream(sql: string, parameters?: readonly Value[]): Promise<QueryResult>;
  run(sql: string): Promise<void>;
  /** Appends to a table of the main schema. */
  append(table: string, batches: Iterable<Batch>): Promise<void>;
  /** Runs `sql` over the relation `input` (columns of `schema`, then `input_row` BIGINT, the row's position) and returns all batches. */
  evaluate(sql: string, schema: Schema, batch: Batch): Promise<{ readonly schema: Schema; readonly batches: readonly Batch[] }>;
  /** Waits for fetches under way: closing under them would end the process. */
  close(): Promise<void>;
}

export async function openLocal(): Promise<LocalDuckdb> {
  const instance = await DuckDBInstance.create(":memory:", {
    threads: "1",
    default_null_order: "nulls_last_on_asc_first_on_desc",
    errors_as_json: "true",
    autoinstall_known_extensions: "false",
    preserve_insertion_order: "true",
  });
  const driver = await instance.connect();
  await driver.run("SET GLOBAL TimeZone = 'UTC'");
  registerNativeFunctions(driver);
  const own = new DuckdbConnection(driver);
  const open = new Set<AheadResult>();
  let inputOf: Schema | null = null;

  async function load(schema: Schema, batch: Batch): Promise<void> {
    if (inputOf !== schema) {
      const columns = schema.columns.map((c) => `${quoteName(c.name)} ${formatType(c.type)}`);
      await own.run(`CREATE OR REPLACE TABLE input (${[...columns, `input_row ${formatType(bigint)}`].join(", ")})`);
      inputOf = schema;
    } else await own.run("TRUNCATE input");
    const position = BigInt64Array.from({ length: batch.rows }, (_, i) => BigInt(i));
    const numbered: Batch = { ...batch, columns: [...batch.columns, { phys: "i64", values: position, validity: null }] };
    await appendBatches(driver, "main", "input", [numbered]);
  }

  return {
    async stream(sql, parameters = []) {
      const connection = new DuckdbConnection(await instance.connect());
      const result = await connection.query(sql, parameters).catch((error: unknown) => {
        connection.close();
        throw error;
      });
      const ahead = new AheadResult(result, connection);
      open.add(ahead);
      void ahead.done.then(() => open.delete(ahead));
      return ahead;
    },
    run: (sql) => own.run(sql),
    async append(table, batches) {
      await own.run("BEGIN");
      try {
        await appendBatches(driver, "main", table, batches);
        await own.run("COMMIT");
      } catch (error) {
        await own.run("ROLLBACK");
        throw fromDuckdbError(error, `append to ${table}`);
      }
    },
    async evaluate(sql, schema, batch) {
      await load(schema, batch);
      const result = await own.query(sql);
      const batches: Batch[] = [];
      for (let next = await result.next(); next !== null; next = await result.next()) batches.push(next);
      return { schema: result.schema, batches };
    },
    async close() {
      for (const result of open) result.close();
      await Promise.all([...open].map((result) => result.done));
      own.close();
      instance.closeSync();
    },
  };
}
