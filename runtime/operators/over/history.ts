import { type Batch, type I64Column, words } from "../../contract/batch.ts";
import type { EventTimeOverSpec } from "../../contract/job-graph.ts";
import type { StateDelta, StateTableSpec } from "../../contract/operator.ts";
import { keepsNothing, type Retention, retentionOf } from "../../contract/over-retention.ts";
import type { Schema } from "../../contract/types.ts";
import { GroupedChanges } from "../../state/grouped-changes.ts";
import { PartitionOrder, type RowsInOrder } from "../../state/partition-order.ts";
import { PartitionTtl } from "../../state/partition-ttl.ts";
import { RowTable } from "../../state/row-table.ts";
import { type RowTableOptions, rowTableSpec } from "../../state/row-table-spec.ts";
import { IntList } from "../../state/int-list.ts";
import { TimeSlices } from "../../state/time-slices.ts";
import { approximate_us, gap_us, lanesOf, slack_us } from "../interval-join/times.ts";

export const historyTable = "answered";

const tableOf = (spec: EventTimeOverSpec, schema: Schema): RowTableOptions => ({
  name: historyTable,
  schema,
  keys: spec.partition,
  changelog: false,
});

export const historyTables = (spec: EventTimeOverSpec, schema: Schema): readonly StateTableSpec[] =>
  keepsNothing(retentionOf(spec.calls)) ? [] : [rowTableSpec(tableOf(spec, schema), spec.partition)];

/** Rows [from, to) of a batch, and the words of its time column. */
export interface NewRows {
  readonly times: Int32Array;
  readonly from: number;
  readonly to: number;
}

/** Rows that were answered and that frames of later ones reach. */
export class History {
  readonly #spec: EventTimeOverSpec;
  readonly #retention: Retention;
  readonly #table: RowTable;
  readonly #order: PartitionOrder;
  readonly #changes: GroupedChanges;
  /** Rows by the time from which no frame reaches them, where time alone says so. */
  readonly #expiring: TimeSlices | null;
  readonly #expired = new IntList();
  readonly #ttl: PartitionTtl | null;

  constructor(spec: EventTimeOverSpec, schema: Schema, subtask: number) {
    this.#spec = spec;
    this.#retention = retentionOf(spec.calls);
    this.#table = new RowTable(tableOf(spec, schema), subtask);
    this.#order = new PartitionOrder(this.#table, spec.order, schema.columns.length);
    this.#changes = new GroupedChanges(this.#table);
    const { rows, all } = this.#retention;
    this.#expiring = rows === 0 && !all ? new TimeSlices() : null;
    this.#ttl = spec.ttl_ms === undefined ? null : new PartitionTtl(spec.ttl_ms, this.#table, (group) => this.#order.forget(group));
  }

  get rows(): Batch {
    return this.#table.rows();
  }

  /** After a restore. */
  open(now_ms: number): void {
    this.#order.refresh();
    this.#ttl?.touchAll(now_ms);
    const times = this.#times();
    for (const row of this.#table.liveRows()) this.#expiring?.pushFrom(times, row, row);
  }

  /** Writes the group of each row's partition, -1 where there is none. */
  findGroups(other: RowTable, rows: Int32Array, into: Int32Array): void {
    const { partition } = this.#spec;
    this.#table.findGroupsOf(
      other,
      rows,
      rows.length,
      partition.map(() => true),
      into,
    );
  }

  rowsOf(group: number): RowsInOrder {
    return group < 0 ? { rows: new Int32Array(0), length: 0 } : this.#order.rowsOf(group);
  }

  /**
   * Of a partition's rows, its own ones (of the history) and then the new ones, those at the end stay. Returns how many of the new ones
   * are to be added by `add`.
   */
  retain(group: number, own: Int32Array, added: NewRows, watermark: bigint): number {
    const { all } = this.#retention;
    const total = own.length + added.to - added.from;
    if (all) return added.to - added.from;
    const from = total - this.#reached(own, added, watermark);
    if (from > 0 && own.length > 0) {
      const gone = own.subarray(0, Math.min(from, own.length));
      for (let i = 0; i < gone.length; i++) this.#table.remove(gone[i] as number);
      this.#order.drop(group, gone, (row) => this.#table.countOf(row) === 0);
    }
    return total - Math.max(from, own.length);
  }

  add(batch: Batch, now_ms: number): void {
    this.#changes.take(this.#table.add(batch));
    this.#order.refresh();
    const times = this.#times();
    for (let k = 0; k < this.#changes.groups; k++) {
      const added = this.#changes.rowsAt(k);
      this.#ttl?.touch(this.#changes.groupAt(k), now_ms);
      this.#order.add(this.#changes.groupAt(k), added);
      if (this.#expiring !== null) for (const row of added) this.#expiring.pushFrom(times, row, row);
    }
  }

  /** Forgets partitions that had no new row for their time to live. */
  forget(now_ms: number): void {
    this.#ttl?.expire(now_ms);
  }

  /** Drops rows that no frame behind the watermark reaches. */
  expire(watermark: bigint): void {
    if (this.#expiring === null) return;
    this.#expired.clear();
    const last = watermark - this.#retention.span_us - 1n;
    this.#expiring.takeUntil(last, this.#expired);
    const times = this.#times();
    const lastLanes = lanesOf(last);
    for (let k = 0; k < this.#expired.length; k++) {
      const row = this.#expired.values[k] as number;
      // The slot of a row that was dropped before may be a later one's by now.
      if (this.#table.countOf(row) === 0 || gap_us(times, row, lastLanes, 0) > 0) continue;
      const group = this.#table.groupOf(row);
      this.#table.remove(row);
      this.#order.drop(group, Int32Array.of(row), (r) => r === row);
    }
  }

  takeDelta(checkpoint: number): StateDelta {
    return this.#table.takeDelta(checkpoint);
  }

  restore(rows: Batch): void {
    this.#table.restore(rows);
  }

  /** How many rows from the end on are the last so many, or not longer ago than the span. */
  #reached(own: Int32Array, { times: newTimes, from, to }: NewRows, watermark: bigint): number {
    const { rows, span_us } = this.#retention;
    const total = own.length + to - from;
    let reached = Math.min(rows, total);
    if (span_us === 0n) return reached;
    const times = this.#times();
    const until = Number(watermark - span_us);
    const until_us = Number.isSafeInteger(until) ? until : until - slack_us;
    for (; reached < total; reached++) {
      const at = total - 1 - reached;
      const time = at < own.length ? approximate_us(times, own[at] as number) : approximate_us(newTimes, from + at - own.length);
      if (time < until_us) break;
    }
    return reached;
  }

  /** The words of the time column. */
  #times(): Int32Array {
    return words((this.#table.rows().columns[this.#spec.timeColumn] as I64Column).values);
  }
}
