import type { SourceSpec } from "../../../runtime/contract/job-graph.ts";
import { batchOf } from "../../../runtime/contract/rows.ts";
import type { Batch } from "../../../runtime/contract/batch.ts";
import type { Schema } from "../../../runtime/contract/types.ts";
import type { Value } from "../../../runtime/contract/value.ts";

/** Rows of one source in its declared columns; weights null for inserts alone. */
export interface SourceRows {
  readonly rows: readonly (readonly Value[])[];
  readonly weights: readonly number[] | null;
}

export type SourceItem =
  | { readonly kind: "rows"; readonly rows: SourceRows }
  | { readonly kind: "barrier"; readonly checkpoint: number }
  | { readonly kind: "idle" }
  | { readonly kind: "end" };

/** The columns that the job reads, picked by name from the declared ones. */
export function sourceBatch(spec: SourceSpec, declared: Schema, { rows, weights }: SourceRows): Batch {
  const positions = spec.schema.columns.map(({ name }) => {
    const at = declared.columns.findIndex((column) => column.name === name);
    if (at < 0) throw new Error(`source ${spec.source} has no column ${name}`);
    return at;
  });
  const picked = rows.map((row) => positions.map((at) => row[at] ?? null));
  return batchOf(spec.schema, picked, weights);
}
