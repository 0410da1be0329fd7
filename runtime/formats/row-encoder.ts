import type { Batch, Column } from "../contract/batch.ts";
import { valueAt } from "../contract/rows.ts";
import type { Schema } from "../contract/types.ts";
import type { Value } from "../contract/value.ts";

/** Writes rows as text. */
export interface RowEncoder {
  /** What stands in front of all rows of a file. */
  readonly header: string;
  /** The rows of a batch, each with its line end. A row of weight n stands there n times. */
  encode(batch: Batch): string;
}

/** Name of the first column that a changelog gets: `+I` for an insert, `-D` for a delete. */
export const opColumn = "op";

/** How one row is written: its values, and its op when the sink takes a changelog. */
export type WriteRow = (values: readonly Value[], op: string | null) => string;

export function encodeRows(schema: Schema, batch: Batch, changelog: boolean, write: WriteRow): string {
  const lines: string[] = [];
  for (let row = 0; row < batch.rows; row++) {
    const values = schema.columns.map(({ type }, c) => valueAt(type, batch.columns[c] as Column, row));
    const weight = batch.weights?.[row] ?? 1;
    const line = write(values, changelog ? (weight < 0 ? "-D" : "+I") : null);
    for (let copy = 0; copy < Math.abs(weight); copy++) lines.push(line);
  }
  return lines.join("");
}
