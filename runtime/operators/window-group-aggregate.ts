import type { Batch, Column } from "../contract/batch.ts";
import { isRevised, type WindowGroupAggregateSpec } from "../contract/job-graph.ts";
import {
  type Operator,
  type OperatorContext,
  type OperatorDefinition,
  type OperatorSnapshot,
  type Output,
  type Watermark,
  watermark_min,
} from "../contract/operator.ts";
import type { Schema } from "../contract/types.ts";
import { kernels, type Pointer } from "../kernels/kernels.ts";
import { staged } from "../state/group-table.ts";
import { Interval } from "./interval.ts";
import { dropLateRows } from "./late-rows.ts";
import { StoredWatermark, watermarkTable } from "./progress.ts";
import { hasFired } from "./window/geometry.ts";
import { GroupsCheckpoint } from "./window-groups/checkpoint.ts";
import { type GroupRows, type TouchedWindows, WindowGroups } from "./window-groups/groups.ts";
import { groupsTable, hasPending, pendingTable } from "./window-groups/layout.ts";
import { PendingGroups } from "./window-groups/pending.ts";
import { windowedRows, windowsOf } from "./window-groups/windowed-rows.ts";

export const windowGroupAggregate: OperatorDefinition<WindowGroupAggregateSpec> = {
  op: "windowGroupAggregate",
  doc: "Aggregates per key and window with a state row for each: for early results, late corrections, windows of calendar lengths, and changelogs.",
  stateTables: (spec, [input]) => [
    groupsTable(spec, input as Schema),
    ...(hasPending(spec) ? [pendingTable(spec, input as Schema)] : []),
    watermarkTable,
  ],
  create: (spec, context, output) => new WindowGroupAggregate(spec, context, output),
};

class WindowGroupAggregate implements Operator {
  readonly #spec: WindowGroupAggregateSpec;
  readonly #context: OperatorContext;
  readonly #output: Output;
  readonly #groups: WindowGroups;
  readonly #checkpoint: GroupsCheckpoint;
  readonly #pending: PendingGroups;
  readonly #storedWatermark: StoredWatermark;
  readonly #windows: ReturnType<typeof windowsOf>;
  readonly #isRevised: boolean;
  /** Groups that are pending carry this stamp. */
  readonly #pendingStamp: number;
  readonly #interval: Interval;
  /** All windows that end by it have shown their results. */
  #progress: Watermark = watermark_min;

  constructor(spec: WindowGroupAggregateSpec, context: OperatorContext, output: Output) {
    const input = context.inputs[0] as Schema;
    this.#spec = spec;
    this.#context = context;
    this.#output = output;
    this.#groups = new WindowGroups(spec, input);
    this.#checkpoint = new GroupsCheckpoint(spec, input, this.#groups);
    this.#pending = new PendingGroups(spec, input, this.#groups);
    this.#storedWatermark = new StoredWatermark(context);
    this.#windows = windowsOf(spec);
    this.#isRevised = isRevised(spec.emission);
    this.#pendingStamp = this.#groups.nextStamp();
    this.#interval = new Interval(spec.emission.earlyEvery_ms ?? 0);
  }

  batch(batch: Batch): void {
    const rows = windowedRows(this.#windows, batch, (end) => this.#isOver(end, this.#progress));
    dropLateRows(this.#context, batch, rows.late);
    if (rows.batch.rows === 0) return;
    staged(() => {
      const found = this.#groups.find(rows.batch, rows.starts, rows.ends);
      const shown = this.#capture(found.touched);
      this.#groups.add(found.rows, rows.batch);
      if (batch.weights !== null) this.#groups.clearEmpty(found.touched);
      this.#emit(shown.rows, shown.count, 1);
    });
  }

  /** Shows and ends windows in order of their end, then forwards. */
  watermark(watermark: Watermark): void {
    if (watermark > this.#progress) this.#progress = watermark;
    this.#close();
    for (const windows of this.#groups.ordered.filter(({ end }) => this.#isOver(end, this.#progress))) {
      this.#checkpoint.closing(windows);
      this.#groups.remove(windows);
      windows.table.free();
    }
    this.#output.watermark(watermark);
  }

  idle(idle: boolean): void {
    this.#output.idle(idle);
  }

  tick(now_ms: number): void {
    if (hasPending(this.#spec) && this.#interval.isDue(now_ms)) this.#show(() => true);
  }

  snapshot(): OperatorSnapshot {
    const deltas = [
      this.#checkpoint.snapshot(this.#pending.groups()),
      this.#pending.snapshot(),
      this.#storedWatermark.delta(this.#progress),
    ];
    return { deltas: deltas.filter((delta) => delta !== null) };
  }

  restore(table: string, rows: Batch): void {
    if (table === watermarkTable.name) this.#progress = this.#storedWatermark.restore(rows);
    else if (table === "groups") this.#checkpoint.restore(rows);
    else this.#restorePending(rows);
  }

  /** What had been shown is known by the watermark. */
  open(): void {
    for (const windows of this.#groups.ordered) windows.closed = hasFired(windows.end, this.#progress);
  }

  close(): void {
    this.#pending.free();
    this.#groups.free();
  }

  #isOver(end: bigint, watermark: Watermark): boolean {
    return hasFired(end + this.#spec.emission.allowedLateness_us, watermark);
  }

  /**
   * Takes results back that rows are about to change. Those that are shown again with this batch are returned, staged; others
   * wait for their interval or the end of their window.
   */
  #capture(touched: readonly TouchedWindows[]): GroupRows {
    const { earlyEvery_ms } = this.#spec.emission;
    const stamp = this.#groups.nextStamp();
    const atOnce = kernels().staging.bytes(4 * touched.reduce((sum, part) => sum + part.count, 0));
    let count = 0;
    for (const { rows, count: all, windows } of touched) {
      if (windows.closed || earlyEvery_ms === 0) {
        const fresh = this.#groups.fresh(rows, all, stamp);
        const { u32 } = kernels().heap();
        u32.copyWithin((atOnce >>> 2) + count, fresh.rows >>> 2, (fresh.rows >>> 2) + fresh.count);
        count += fresh.count;
      } else if (earlyEvery_ms !== null) {
        const fresh = this.#groups.fresh(rows, all, this.#pendingStamp);
        this.#pending.capture(fresh.rows, fresh.count, windows.end);
      }
    }
    this.#emit(atOnce, count, -1);
    return { rows: atOnce, count };
  }

  /** Shows the results of windows that the watermark has passed. */
  #close(): void {
    const closing = this.#groups.ordered.filter(({ end, closed }) => !closed && hasFired(end, this.#progress));
    if (closing.length === 0) return;
    this.#context.metrics.add("numWindowsFired", closing.length);
    for (const windows of closing) {
      windows.closed = true;
      if (this.#spec.emission.earlyEvery_ms === null) {
        staged(() => {
          const { rows, count } = windows.table.allRows();
          this.#emit(rows, count, 1);
        });
      }
    }
    if (hasPending(this.#spec)) this.#show((end) => hasFired(end, this.#progress));
  }

  #show(of: (end: bigint) => boolean): void {
    const { groups, retracted } = this.#pending.take(of);
    if (groups.length === 0) return;
    if (retracted !== null) this.#output.batch({ ...retracted, weights: new Int32Array(retracted.rows).fill(-1) });
    staged(() => {
      const rows = kernels().staging.bytes(groups.length * 4);
      kernels()
        .heap()
        .u32.set(groups, rows >>> 2);
      // Another stamp: these groups are not pending any more.
      this.#groups.fresh(rows, groups.length, this.#groups.nextStamp());
      this.#emit(rows, groups.length, 1);
    });
  }

  /** Results of the groups that have rows. */
  #emit(rows: Pointer, count: number, weight: 1 | -1): void {
    const live = this.#groups.live(rows, count);
    if (live.count === 0) return;
    const columns: readonly Column[] = this.#groups.results(live.rows, live.count);
    const weights = this.#isRevised ? new Int32Array(live.count).fill(weight) : null;
    this.#output.batch({ rows: live.count, columns, weights });
  }

  #restorePending(batch: Batch): void {
    staged(() => {
      const keys = batch.columns.slice(0, this.#spec.keys.length + 2);
      const ends = (keys.at(-1) as Extract<Column, { phys: "i64" }>).values;
      const { rows } = this.#groups.lookup(keys, ends, batch.rows, false);
      this.#groups.fresh(rows, batch.rows, this.#pendingStamp);
      this.#pending.restore(batch, rows, ends);
    });
  }
}
