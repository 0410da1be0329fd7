import type { Batch } from "../contract/batch.ts";
import type { ProcessingTimeSpec } from "../contract/job-graph.ts";
import { type Operator, type OperatorDefinition, type Output, type Watermark, watermark_max, watermark_min } from "../contract/operator.ts";
import type { Clock } from "../contract/world.ts";

export const processingTime: OperatorDefinition<ProcessingTimeSpec> = {
  op: "processingTime",
  doc: "Makes event time of processing time: rows get the present instant, which is the watermark too.",
  stateTables: () => [],
  create: (spec, context, output) => new ProcessingTime(spec.timeColumn, context.world.clock, output),
};

class ProcessingTime implements Operator {
  readonly #timeColumn: number;
  readonly #clock: Clock;
  readonly #output: Output;
  #watermark: Watermark = watermark_min;
  #times = new BigInt64Array(0);

  constructor(timeColumn: number, clock: Clock, output: Output) {
    this.#timeColumn = timeColumn;
    this.#clock = clock;
    this.#output = output;
  }

  batch(batch: Batch): void {
    if (this.#times.length < batch.rows) this.#times = new BigInt64Array(batch.rows);
    const now_us = micros(this.#clock.now_ms());
    // A clock that is put back makes no row late.
    this.#times.fill(now_us > this.#watermark ? now_us : this.#watermark + 1n, 0, batch.rows);
    const columns = [...batch.columns];
    columns[this.#timeColumn] = { phys: "i64", values: this.#times, validity: null };
    this.#output.batch({ ...batch, columns });
  }

  /** Whoever is upstream knows nothing of this time, but when the input ends, no time follows. */
  watermark(watermark: Watermark): void {
    if (watermark === watermark_max) this.#output.watermark(watermark);
  }

  idle(): void {}

  /** Rows may still come in this very microsecond. */
  tick(now_ms: number): void {
    const watermark = micros(now_ms) - 1n;
    if (watermark <= this.#watermark) return;
    this.#watermark = watermark;
    this.#output.watermark(watermark);
  }
}

const micros = (now_ms: number): bigint => BigInt(Math.floor(now_ms)) * 1_000n;
