import type { Batch } from "../contract/batch.ts";
import type { WindowRankSpec } from "../contract/job-graph.ts";
import type { Operator, OperatorContext, OperatorDefinition, OperatorSnapshot, Output, Watermark } from "../contract/operator.ts";
import type { Schema } from "../contract/types.ts";
import { IntList } from "../state/int-list.ts";
import type { RowsInOrder } from "../state/partition-order.ts";
import { RankOutput } from "./rank/rank-output.ts";
import { RankCounter, rankRows } from "./rank/rank-scan.ts";
import { WindowPartitions, windowPartitionTables } from "./window-partitions.ts";

export const windowRank: OperatorDefinition<WindowRankSpec> = {
  op: "windowRank",
  doc: "Emits the rows of certain ranks of each window and partition once, when the watermark passes the window.",
  stateTables: (spec, [input]) => windowPartitionTables(spec, input as Schema),
  create: (spec, context, output) => new WindowRank(spec, context, output),
};

/** Keeps of each partition the rows up to the last rank asked for. */
class WindowRank implements Operator {
  readonly #output: Output;
  readonly #partitions: WindowPartitions;
  readonly #ranked: RankOutput;
  readonly #counter: RankCounter;
  readonly #beyond = new IntList();

  constructor(spec: WindowRankSpec, context: OperatorContext, output: Output) {
    this.#output = output;
    this.#partitions = new WindowPartitions(spec, context);
    this.#ranked = new RankOutput(context.inputs[0] as Schema, spec.withRank, output);
    this.#counter = new RankCounter(spec);
  }

  open(): void {
    this.#partitions.open();
  }

  batch(batch: Batch): void {
    this.#partitions.add(batch, (rows) => this.#rowsBeyond(rows));
  }

  watermark(watermark: Watermark): void {
    this.#partitions.fire(
      watermark,
      (rows) =>
        rankRows(
          rows,
          this.#counter,
          this.#partitions.isPeer,
          (row, rank) => this.#ranked.add(row, rank, 1),
          () => undefined,
        ),
      () => this.#ranked.flushAppended(this.#partitions.rows),
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

  #rowsBeyond(rows: RowsInOrder): Int32Array {
    this.#beyond.clear();
    rankRows(
      rows,
      this.#counter,
      this.#partitions.isPeer,
      () => undefined,
      (row) => this.#beyond.push(row),
    );
    return this.#beyond.values.subarray(0, this.#beyond.length);
  }
}
