import type { Batch } from "../contract/batch.ts";
import type { RankSpec } from "../contract/job-graph.ts";
import type { Operator, OperatorContext, OperatorDefinition, OperatorSnapshot, Output, Watermark } from "../contract/operator.ts";
import type { Schema } from "../contract/types.ts";
import type { Clock } from "../contract/world.ts";
import { GroupedChanges } from "../state/grouped-changes.ts";
import { IntList } from "../state/int-list.ts";
import { PartitionOrder } from "../state/partition-order.ts";
import { PartitionTtl } from "../state/partition-ttl.ts";
import { RowTable } from "../state/row-table.ts";
import { type RowTableOptions, rowTableSpec } from "../state/row-table-spec.ts";
import { RankOutput } from "./rank/rank-output.ts";
import { RankCounter, type RowRank } from "./rank/rank-scan.ts";

const tableOf = (spec: RankSpec, schema: Schema): RowTableOptions => ({
  name: "rows",
  schema,
  keys: spec.partition,
  changelog: spec.changelog,
});

export const rank: OperatorDefinition<RankSpec> = {
  op: "rank",
  doc: "Keeps the rows of certain ranks of each partition up to date (top N, LIMIT, DISTINCT ON), as a changelog.",
  stateTables: (spec, [input]) => [rowTableSpec(tableOf(spec, input as Schema), spec.partition)],
  create: (spec, context, output) => new Rank(spec, context, output),
};

/**
 * A batch touches some partitions: one pass over each, in order and up to the last rank asked for, tells every row's rank before and
 * after. Of an append-only input rows behind the last rank can never come back: they are forgotten.
 */
class Rank implements Operator {
  readonly #spec: RankSpec;
  readonly #output: Output;
  readonly #table: RowTable;
  readonly #order: PartitionOrder;
  readonly #ttl: PartitionTtl | null;
  readonly #clock: Clock;
  readonly #changes: GroupedChanges;
  readonly #ranked: RankOutput;
  readonly #before: RankCounter;
  readonly #after: RankCounter;
  readonly #evicted = new IntList();

  constructor(spec: RankSpec, context: OperatorContext, output: Output) {
    const schema = context.inputs[0] as Schema;
    this.#spec = spec;
    this.#output = output;
    this.#clock = context.world.clock;
    const report = spec.ttl_ms === undefined ? null : (rows: number): void => context.metrics.add("numForgottenRetractions", rows);
    this.#table = new RowTable(tableOf(spec, schema), context.subtaskIndex, report);
    this.#order = new PartitionOrder(this.#table, spec.order, schema.columns.length);
    this.#ttl = spec.ttl_ms === undefined ? null : new PartitionTtl(spec.ttl_ms, this.#table, (group) => this.#order.forget(group));
    this.#changes = new GroupedChanges(this.#table);
    this.#ranked = new RankOutput(schema, spec.withRank, output);
    this.#before = new RankCounter(spec);
    this.#after = new RankCounter(spec);
  }

  batch(batch: Batch): void {
    const now_ms = this.#clock.now_ms();
    this.tick(now_ms);
    const changes = this.#changes;
    changes.take(this.#table.add(batch));
    this.#order.refresh();
    for (let k = 0; k < changes.groups; k++) {
      this.#ttl?.touch(changes.groupAt(k), now_ms);
      this.#partition(changes.groupAt(k), changes.rowsAt(k));
    }
    this.#ranked.flush(this.#table.rows());
  }

  open(): void {
    this.#order.refresh();
    this.#ttl?.touchAll(this.#clock.now_ms());
  }

  /** Forgets partitions whose time is over; what was sent of them stays. */
  tick(now_ms: number): void {
    this.#ttl?.expire(now_ms);
  }

  watermark(watermark: Watermark): void {
    this.#output.watermark(watermark);
  }

  idle(idle: boolean): void {
    this.#output.idle(idle);
  }

  snapshot(checkpointId: number): OperatorSnapshot {
    return { deltas: [this.#table.takeDelta(checkpointId)] };
  }

  restore(_table: string, rows: Batch): void {
    this.#table.restore(rows);
  }

  #partition(group: number, changed: Int32Array): void {
    const { changelog } = this.#spec;
    this.#rankAnew(group, changed);
    if (changelog) {
      const gone = changed.filter((row) => this.#changes.before(row) > 0 && this.#changes.now(row) === 0);
      this.#order.settle(group, gone, (row) => this.#changes.now(row) === 0);
      return;
    }
    const evicted = this.#evicted.values.subarray(0, this.#evicted.length);
    for (const row of evicted) this.#table.remove(row);
    this.#order.settle(group, evicted, (row) => this.#table.countOf(row) === 0);
  }

  #rankAnew(group: number, changed: Int32Array): void {
    const { rows, length } = this.#order.changing(group, changed, this.#changes);
    const { isPeer } = this.#order;
    const old: RowRank = { rank: 0, copies: 0 };
    const now: RowRank = { rank: 0, copies: 0 };
    this.#before.start();
    this.#after.start();
    this.#evicted.clear();
    for (let i = 0; i < length; i++) {
      const row = rows[i] as number;
      if (this.#before.isDone && this.#after.isDone) {
        if (this.#spec.changelog) return;
        this.#evicted.push(row);
        continue;
      }
      old.copies = 0;
      now.copies = 0;
      const had = this.#changes.before(row);
      const has = this.#changes.now(row);
      if (had > 0) this.#before.next(row, had, isPeer, old);
      if (has > 0) this.#after.next(row, has, isPeer, now);
      this.#note(row, old, now);
      if (!this.#spec.changelog && now.copies === 0 && this.#after.isDone) this.#evicted.push(row);
    }
  }

  #note(row: number, old: RowRank, now: RowRank): void {
    if (!this.#spec.withRank) this.#ranked.add(row, 0, now.copies - old.copies);
    else if (this.#spec.function === "rowNumber") this.#noteNumbers(row, old, now);
    else if (old.rank === now.rank) this.#ranked.add(row, now.rank, now.copies - old.copies);
    else {
      this.#ranked.add(row, old.rank, -old.copies);
      this.#ranked.add(row, now.rank, now.copies);
    }
  }

  /** Each copy has a number of its own; those that stay are not said again. */
  #noteNumbers(row: number, old: RowRank, now: RowRank): void {
    for (let n = old.rank; n < old.rank + old.copies; n++) if (!isAmong(n, now)) this.#ranked.add(row, n, -1);
    for (let n = now.rank; n < now.rank + now.copies; n++) if (!isAmong(n, old)) this.#ranked.add(row, n, 1);
  }
}

const isAmong = (n: number, { rank, copies }: RowRank): boolean => n >= rank && n < rank + copies;
