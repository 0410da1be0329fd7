import type { Batch } from "../../contract/batch.ts";
import type { OperatorContext, Output } from "../../contract/operator.ts";
import { BatchBuilder } from "../../exchange/batch-builder.ts";
import { kernels, type Pointer } from "../../kernels/kernels.ts";
import type { SliceRows } from "./slice-router.ts";

/** Counts rows that came after the last window that held them had fired, and puts them aside where somebody asked for them. */
export class LateRows {
  private readonly context: OperatorContext;
  private readonly side: Output | null;
  private readonly kept: BatchBuilder | null;

  constructor(context: OperatorContext, keep: boolean) {
    this.context = context;
    this.side = keep ? context.sideOutput("late") : null;
    this.kept = this.side === null || context.inputs[0] === undefined ? null : new BatchBuilder(context.inputs[0]);
  }

  /** Input rows of a late slice. */
  drop(batch: Batch, late: SliceRows): void {
    this.context.metrics.add("numLateRecordsDropped", late.count);
    if (this.kept === null) return;
    const selection = new Int32Array(late.count);
    const { u32 } = kernels().heap();
    for (let i = 0; i < late.count; i++) selection[i] = late.selection === 0 ? late.first + i : (u32[(late.selection >>> 2) + i] as number);
    this.kept.append(batch, { selection, from: 0, to: late.count });
  }

  /** Partial results of a late slice: as many rows as they were made of. */
  dropCounted(late: SliceRows, counts: Pointer): void {
    const { u32, i64 } = kernels().heap();
    let rows = 0n;
    for (let i = 0; i < late.count; i++) {
      const row = late.selection === 0 ? late.first + i : (u32[(late.selection >>> 2) + i] as number);
      rows += i64[(counts >>> 3) + row] as bigint;
    }
    this.context.metrics.add("numLateRecordsDropped", Number(rows));
  }

  /** Sends the rows put aside. */
  flush(): void {
    if (this.kept === null || this.side === null) return;
    const batch = this.kept.build();
    if (batch.rows === 0) return;
    this.side.batch(batch);
    this.kept.clear();
  }
}
