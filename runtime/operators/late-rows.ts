import type { Batch } from "../contract/batch.ts";
import type { OperatorContext } from "../contract/operator.ts";
import { gatherBatch } from "../expr/gather.ts";

/** Counts the rows of a batch that came too late, and puts them aside where somebody asked for them. */
export function dropLateRows(context: OperatorContext, batch: Batch, late: readonly number[]): void {
  if (late.length === 0) return;
  context.metrics.add("numLateRecordsDropped", late.length);
  context.sideOutput("late")?.batch({ ...gatherBatch(batch, Int32Array.from(late), late.length), weights: null });
}
