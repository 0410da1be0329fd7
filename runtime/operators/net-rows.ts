import type { Batch, Column } from "../contract/batch.ts";
import { hashRows } from "../contract/hash.ts";
import type { Schema } from "../contract/types.ts";
import { BatchBuilder } from "../exchange/batch-builder.ts";
import { sameValue } from "./same-value.ts";

/**
 * Adds up the weights of equal rows and drops those that come to 0; deletes come first. null when nothing can be netted.
 *
 * Over a changelog with a unique key this leaves at most one -1 (the row as it was) and one +1 (as it is) per key, and nothing
 * for a row that came back to what it was: each -1 names the very row that an earlier +1 brought.
 */
export function netRows(schema: Schema, batch: Batch): BatchBuilder | null {
  const { rows, weights } = batch;
  if (weights === null || rows === 0) return null;
  const first = firstEqualRows(batch);
  const net = new Int32Array(rows);
  for (let i = 0; i < rows; i++) net[first[i] as number] = (net[first[i] as number] as number) + (weights[i] as number);
  const selection = new Int32Array(rows);
  let kept = 0;
  for (let i = 0; i < rows; i++) if ((net[i] as number) < 0) selection[kept++] = i;
  for (let i = 0; i < rows; i++) if ((net[i] as number) > 0) selection[kept++] = i;
  const netted = new BatchBuilder(schema);
  netted.append({ ...batch, weights: net }, { selection, from: 0, to: kept });
  return netted;
}

/** For each row the first row that equals it in all columns. */
function firstEqualRows({ rows, columns }: Batch): Int32Array {
  const hashes = new Int32Array(rows);
  hashRows(
    { rows, columns, weights: null },
    columns.map((_, c) => c),
    hashes,
  );
  const mask = 2 ** Math.ceil(Math.log2(2 * rows + 1)) - 1;
  const slots = new Int32Array(mask + 1); // row + 1; 0 is free
  const first = new Int32Array(rows);
  for (let i = 0; i < rows; i++) {
    let slot = (hashes[i] as number) & mask;
    while (slots[slot] !== 0) {
      const row = (slots[slot] as number) - 1;
      if (hashes[row] === hashes[i] && sameRow(columns, row, i)) break;
      slot = (slot + 1) & mask;
    }
    if (slots[slot] === 0) slots[slot] = i + 1;
    first[i] = (slots[slot] as number) - 1;
  }
  return first;
}

function sameRow(columns: readonly Column[], a: number, b: number): boolean {
  for (const column of columns) if (!sameValue(column, a, b)) return false;
  return true;
}
