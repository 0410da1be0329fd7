import type { Batch } from "../contract/batch.ts";
import type { WindowOverSpec } from "../contract/job-graph.ts";
import type { Operator, OperatorContext, OperatorDefinition, OperatorSnapshot, Output, Watermark } from "../contract/operator.ts";
import type { Schema } from "../contract/types.ts";
import { gatherColumn } from "../expr/gather.ts";
import { staged } from "../state/group-table.ts";
import type { RowsInOrder } from "../state/partition-order.ts";
import { OverEvaluation } from "./over/evaluate.ts";
import { Positions, positions_max } from "./over/positions.ts";
import { RowEmitter } from "./row-emitter.ts";
import { WindowPartitions, windowPartitionTables } from "./window-partitions.ts";

export const windowOver: OperatorDefinition<WindowOverSpec> = {
  op: "windowOver",
  doc: "Window functions over the rows of each window and partition, answered once, when the watermark passes the window.",
  stateTables: (spec, [input]) => windowPartitionTables(spec, input as Schema),
  create: (spec, context, output) => new WindowOver(spec, context, output),
};

class WindowOver implements Operator {
  readonly #output: Output;
  readonly #partitions: WindowPartitions;
  readonly #evaluation: OverEvaluation;
  readonly #emitter: RowEmitter;
  readonly #positions = new Positions();

  constructor(spec: WindowOverSpec, context: OperatorContext, output: Output) {
    this.#output = output;
    this.#partitions = new WindowPartitions(spec, context);
    this.#evaluation = new OverEvaluation(spec.calls, spec.order);
    this.#emitter = new RowEmitter(context.inputs[0] as Schema, output);
  }

  open(): void {
    this.#partitions.open();
  }

  batch(batch: Batch): void {
    this.#partitions.add(batch, null);
  }

  watermark(watermark: Watermark): void {
    this.#partitions.fire(
      watermark,
      (rows) => this.#push(rows),
      () => this.#answer(),
    );
    this.#output.watermark(watermark);
  }

  idle(idle: boolean): void {
    this.#output.idle(idle);
  }

  snapshot(checkpointId: number): OperatorSnapshot {
    return this.#partitions.snapshot(checkpointId);
  }

  restore(table: string, rows: Batch): void {
    this.#partitions.restore(table, rows);
  }

  close(): void {
    this.#evaluation.free();
  }

  #push({ rows, length }: RowsInOrder): void {
    if (this.#positions.count >= positions_max) this.#answer();
    this.#positions.begin();
    for (let i = 0; i < length; i++) this.#positions.rows.push(rows[i] as number);
    this.#positions.end(this.#partitions.isPeer);
  }

  #answer(): void {
    const { rows, count } = this.#positions;
    const stored = this.#partitions.rows;
    staged(() => {
      const answers = this.#evaluation.run(this.#positions, stored.columns);
      this.#emitter.emit(stored, rows.values, count, null, (from, to) => {
        const part = Int32Array.from({ length: to - from }, (_, i) => from + i);
        return answers.map((column) => gatherColumn(column, part, part.length));
      });
    });
    this.#positions.clear();
  }
}
