import type { Batch } from "../../runtime/contract/batch.ts";
import { rowsOf } from "../../runtime/contract/rows.ts";
import type { QueryResult } from "../../runtime/contract/store.ts";
import type { Schema } from "../../runtime/contract/types.ts";

/** Batches in memory as an answer. */
export function batchesResult(schema: Schema, batches: readonly Batch[]): QueryResult {
  const left = [...batches];
  return {
    schema,
    changed: 0,
    next: async () => left.shift() ?? null,
    rows: async () => left.splice(0).flatMap((batch) => rowsOf(schema, batch)),
    close: () => {
      left.length = 0;
    },
  };
}
