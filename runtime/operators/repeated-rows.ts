import type { Batch } from "../contract/batch.ts";
import { gatherBatch } from "../expr/gather.ts";

/** Rows as often as their weights say, none of which is negative. */
export function repeated(batch: Batch, weights: Int32Array): Batch {
  let rows = 0;
  for (let i = 0; i < batch.rows; i++) rows += weights[i] as number;
  if (rows === batch.rows) return { ...batch, weights: null };
  const selection = new Int32Array(rows);
  for (let i = 0, at = 0; i < batch.rows; i++) for (let n = weights[i] as number; n > 0; n--) selection[at++] = i;
  return gatherBatch({ ...batch, weights: null }, selection, rows);
}
