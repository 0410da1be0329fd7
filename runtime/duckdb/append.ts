import type { DuckDBConnection, DuckDBType } from "@duckdb/node-api";
import { DuckDBDataChunk } from "@duckdb/node-api";
import duckdb from "@duckdb/node-bindings";
import type { Batch, Column } from "../contract/batch.ts";
import { assert } from "../contract/errors.ts";
import { writeVector } from "./write-chunk.ts";

const chunk_rows_max = 2_048;
/** Appending is synchronous in the driver: give the event loop a turn after this many rows (about 5 ms). */
const slice_rows = 16_384;

/**
 * Appends batches to a table through reused raw chunks. Must run inside a transaction: outside one the appender commits by
 * itself every 204,800 rows. The batch columns are the table's, in order.
 */
export async function appendBatches(
  connection: DuckDBConnection,
  schemaName: string,
  table: string,
  batches: Iterable<Batch>,
  catalog?: string,
): Promise<void> {
  const appender = await connection.createAppender(table, schemaName, catalog);
  try {
    const types = Array.from({ length: appender.columnCount }, (_, i) => appender.columnType(i));
    const chunk = DuckDBDataChunk.create(types);
    let sinceTurn_rows = 0;
    for (const batch of batches) {
      assert(batch.columns.length === types.length, `batch for ${table} has ${types.length} columns`);
      for (let from = 0; from < batch.rows; from += chunk_rows_max) {
        const rows = Math.min(chunk_rows_max, batch.rows - from);
        fillChunk(chunk, types, batch, from, rows);
        appender.appendDataChunk(chunk);
        sinceTurn_rows += rows;
        if (sinceTurn_rows >= slice_rows) {
          sinceTurn_rows = 0;
          await new Promise((resolve) => setImmediate(resolve));
        }
      }
    }
    appender.flushSync();
  } finally {
    appender.closeSync();
  }
}

function fillChunk(chunk: DuckDBDataChunk, types: readonly DuckDBType[], batch: Batch, from: number, rows: number): void {
  chunk.reset();
  chunk.rowCount = rows;
  types.forEach((type, c) => writeVector(duckdb.data_chunk_get_vector(chunk.chunk, c), type, batch.columns[c] as Column, from, rows));
}
