import type { Batch, I64Column } from "../contract/batch.ts";
import { TaskFailure } from "../contract/errors.ts";
import { badRowSchema, type WatermarkSpec } from "../contract/job-graph.ts";
import type { OperatorContext, Output } from "../contract/operator.ts";
import { batchOf, rowsOf } from "../contract/rows.ts";
import { formatJson } from "../contract/text.ts";
import { timestampInfinity } from "../contract/text-time.ts";
import type { Schema } from "../contract/types.ts";
import type { Value } from "../contract/value.ts";
import { gatherBatch } from "../expr/gather.ts";
import { sliceBatch } from "../contract/slice-batch.ts";

/** Rows whose event time is NULL or infinite never pass the watermark operator: the source's policy says what becomes of them. */
export class BadTimes {
  readonly #spec: WatermarkSpec;
  readonly #context: OperatorContext;
  readonly #schema: Schema;
  readonly #side: Output | null;

  constructor(spec: WatermarkSpec, context: OperatorContext) {
    this.#spec = spec;
    this.#context = context;
    this.#schema = context.inputs[0] ?? { columns: [] };
    this.#side = spec.badRows === "side" ? context.sideOutput("bad") : null;
  }

  /** The batch without its bad rows; the batch itself when it has none. `infinite`: whether one of its times may be infinite. */
  remove(batch: Batch, infinite: boolean): Batch {
    const times = batch.columns[this.#spec.timeColumn] as I64Column;
    const hasNull = times.validity?.subarray(0, batch.rows).includes(0) === true;
    if (!hasNull && !infinite) return batch;
    const good = new Int32Array(batch.rows);
    let kept = 0;
    for (let row = 0; row < batch.rows; row++) {
      if (isBadTime(times, row)) this.#refuse(batch, row);
      else good[kept++] = row;
    }
    if (kept === batch.rows) return batch;
    this.#context.metrics.add("numBadRecords", batch.rows - kept);
    return gatherBatch(batch, good, kept);
  }

  #refuse(batch: Batch, row: number): void {
    const { badRows, source, timeColumn } = this.#spec;
    const column = this.#schema.columns[timeColumn]?.name ?? "";
    const times = batch.columns[timeColumn] as I64Column;
    const isNull = times.validity !== null && times.validity[row] === 0;
    const reason = `event time "${column}" is ${isNull ? "NULL" : "infinite"}`;
    const origin = this.#context.origins?.of(row) ?? null;
    if (badRows === "fail") {
      const where = origin === null ? "" : ` met a bad row at ${origin.file}${origin.line > 0 ? `:${origin.line}` : ""}`;
      throw new TaskFailure("user", "fail", `source "${source}"${where}: ${reason}`, { sqlState: "22008" });
    }
    if (this.#side === null) return;
    const [values = []] = rowsOf(this.#schema, sliceBatch(batch, row, row + 1));
    const line = origin === null ? null : BigInt(origin.line);
    this.#side.batch(batchOf(badRowSchema, [[source, origin?.file ?? null, line, reason, this.#rowJson(values)]]));
  }

  #rowJson(values: readonly Value[]): string {
    return formatJson({ id: "struct", fields: this.#schema.columns }, values);
  }
}

const isBadTime = (times: I64Column, row: number): boolean => {
  if (times.validity !== null && times.validity[row] === 0) return true;
  const time = times.values[row] as bigint;
  return time >= timestampInfinity || time <= -timestampInfinity;
};
