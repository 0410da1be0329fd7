import type { Batch } from "../contract/batch.ts";
import type { SinkSpec } from "../contract/job-graph.ts";
import type { DeltaRest, Operator, OperatorContext, OperatorSnapshot, Output, Watermark } from "../contract/operator.ts";
import { BatchBuilder } from "../exchange/batch-builder.ts";
import { netRows } from "./net-rows.ts";
import { GatheredRows, NettedRows } from "./result-rest.ts";

/** Rows of one result batch, for the store's appender. */
const resultBatch_rows_max = 65_536;
/** A changelog is first netted when it holds this many rows, and then whenever it has doubled. */
const netting_rows_min = 65_536;

/**
 * Keeps the rows since the last checkpoint and hands them out with the snapshot, so that they commit in its transaction.
 * A changelog is netted: what was inserted and deleted between two checkpoints is never seen.
 */
export class ResultSink implements Operator {
  private readonly spec: SinkSpec;
  private readonly context: OperatorContext;
  private readonly output: Output;
  private readonly full: BatchBuilder[] = [];
  private current: BatchBuilder;
  private netAt_rows = netting_rows_min;

  constructor(spec: SinkSpec, context: OperatorContext, output: Output) {
    this.spec = spec;
    this.context = context;
    this.output = output;
    this.current = new BatchBuilder(spec.schema);
  }

  batch(batch: Batch): void {
    this.context.metrics.add("numRecordsOut", batch.rows);
    this.current.append(batch, { selection: null, from: 0, to: batch.rows });
    if (this.spec.changelog) {
      if (this.current.rows >= this.netAt_rows) this.net();
    } else if (this.current.rows >= resultBatch_rows_max) {
      this.full.push(this.current);
      this.current = new BatchBuilder(this.spec.schema);
    }
  }

  watermark(watermark: Watermark): void {
    this.output.watermark(watermark);
  }

  snapshot(): OperatorSnapshot {
    const batches = [...this.full, this.current].map((builder) => builder.build()).filter(({ rows }) => rows > 0);
    this.full.length = 0;
    this.current = new BatchBuilder(this.spec.schema);
    this.netAt_rows = netting_rows_min;
    const results = batches.map((batch) => ({ table: this.spec.sink, rest: this.rest(batch) }));
    return { deltas: [], results };
  }

  private net(): void {
    const netted = netRows(this.spec.schema, this.current.build());
    if (netted !== null) this.current = netted;
    this.netAt_rows = Math.max(netting_rows_min, 2 * this.current.rows);
  }

  private rest(batch: Batch): DeltaRest {
    if (!this.spec.changelog) return new GatheredRows(batch);
    if (batch.weights === null) return new GatheredRows({ ...batch, weights: new Int32Array(batch.rows).fill(1) });
    return new NettedRows(this.spec.schema, batch, batch.weights);
  }
}
