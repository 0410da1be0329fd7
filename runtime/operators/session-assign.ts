import type { Batch, Column, I64Column } from "../contract/batch.ts";
import { isRevised, type SessionAggregateSpec, type SessionAssignSpec } from "../contract/job-graph.ts";
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
import { gatherBatch } from "../expr/gather.ts";
import { StagedColumns } from "../functions/aggregate/input.ts";
import { kernels } from "../kernels/kernels.ts";
import { staged } from "../state/group-table.ts";
import { RowTable } from "../state/row-table.ts";
import { type RowTableOptions, rowTableSpec } from "../state/row-table-spec.ts";
import { dropLateRows } from "./late-rows.ts";
import { StoredWatermark, watermarkTable } from "./progress.ts";
import { Sessions } from "./session/sessions.ts";
import { ShownRows } from "./session/shown-rows.ts";
import { TimerHeap } from "../state/timer-heap.ts";
import { hasFired } from "./window/geometry.ts";

const rowsOptions = (schema: Schema): RowTableOptions => ({ name: "rows", schema, keys: [], changelog: false });

export const sessionAssign: OperatorDefinition<SessionAssignSpec> = {
  op: "sessionAssign",
  doc: "Appends the window of its session to each row: when the session ends, or early, and again when it changes.",
  stateTables: (spec, [input]) => [rowTableSpec(rowsOptions(input as Schema), spec.partitionKeys), watermarkTable],
  create: (spec, context, output) => new SessionAssign(spec, context, output),
};

/** Only where sessions begin and end. */
const sessionsOf = (spec: SessionAssignSpec): SessionAggregateSpec => ({
  ...spec,
  op: "sessionAggregate",
  keys: spec.partitionKeys,
  aggregates: [],
  windowColumns: [],
});

/**
 * Rows of open sessions, and with which window each was shown. All of that follows from the rows and the watermark, so a
 * checkpoint holds only those: sessions are made anew of their rows.
 */
class SessionAssign implements Operator {
  readonly #spec: SessionAssignSpec;
  readonly #context: OperatorContext;
  readonly #output: Output;
  readonly #isEarly: boolean;
  readonly #isRevised: boolean;
  readonly #sessions: Sessions;
  readonly #rows: RowTable;
  readonly #rowsOf = new Map<number, number[]>();
  readonly #shown: ShownRows;
  /** Ends of sessions that are to be shown then, though they may change still. */
  readonly #closing = new TimerHeap();
  readonly #storedWatermark: StoredWatermark;
  #watermark: Watermark = watermark_min;

  constructor(spec: SessionAssignSpec, context: OperatorContext, output: Output) {
    const input = context.inputs[0] as Schema;
    this.#spec = spec;
    this.#context = context;
    this.#output = output;
    this.#isEarly = spec.emission.earlyEvery_ms !== null;
    this.#sessions = new Sessions(sessionsOf(spec), input);
    this.#rows = new RowTable(rowsOptions(input), context.subtaskIndex);
    this.#isRevised = isRevised(spec.emission);
    this.#shown = new ShownRows(this.#isRevised);
    this.#storedWatermark = new StoredWatermark(context);
  }

  batch(batch: Batch): void {
    const touched = staged(() => this.#take(batch, this.#watermark - this.#spec.emission.allowedLateness_us));
    for (const session of touched) this.#sync(session);
    this.#flush();
  }

  /** Shows sessions that ended, ends those that no row can change any more, then forwards. */
  watermark(watermark: Watermark): void {
    if (watermark > this.#watermark) this.#watermark = watermark;
    if (this.#isRevised) this.#close();
    const over: number[] = [];
    const until = this.#watermark - this.#spec.emission.allowedLateness_us;
    for (let s = this.#sessions.nextFired(until); s !== 0; s = this.#sessions.nextFired(until)) over.push(s);
    if (!this.#isRevised) for (const session of over) this.#sync(session);
    this.#flush();
    for (const session of over) {
      for (const row of this.#rowsOf.get(session) ?? []) {
        this.#rows.remove(row);
        this.#shown.forget(row);
      }
      this.#rowsOf.delete(session);
    }
    this.#sessions.end(over);
    this.#output.watermark(watermark);
  }

  idle(idle: boolean): void {
    this.#output.idle(idle);
  }

  snapshot(checkpointId: number): OperatorSnapshot {
    const deltas = [this.#rows.takeDelta(checkpointId), this.#storedWatermark.delta(this.#watermark)];
    return { deltas: deltas.filter((delta) => delta !== null) };
  }

  restore(table: string, rows: Batch): void {
    if (table === watermarkTable.name) this.#watermark = this.#storedWatermark.restore(rows);
    else this.#rows.restore(rows);
  }

  /** Restored rows find their sessions again, and count as shown where theirs was. */
  open(): void {
    const numbers = this.#rows.liveRows();
    if (numbers.length === 0) return;
    const batch = gatherBatch(this.#rows.rows(), numbers, numbers.length);
    const touched = staged(() => this.#place(batch, numbers, watermark_min));
    for (const session of touched) {
      const { list } = this.#sessions;
      if (this.#isShown(session)) {
        this.#shown.mark(this.#rowsOf.get(session) ?? [], list.start[session] as bigint, list.end[session] as bigint);
      }
    }
  }

  close(): void {
    this.#sessions.free();
  }

  /** Keeps a batch's rows, but for late ones; returns the sessions that they changed. */
  #take(batch: Batch, fired: bigint): ReadonlySet<number> {
    const late: number[] = [];
    const assigned = this.#assign(batch, fired, late);
    dropLateRows(this.#context, batch, late);
    const kept = late.length === 0 ? null : Int32Array.from(assigned.keys()).filter((i) => assigned[i] !== 0);
    const rows = kept === null ? batch : gatherBatch(batch, kept, kept.length);
    const sessions = kept === null ? assigned : assigned.filter((session) => session !== 0);
    const { rows: numbers, count } = this.#rows.add({ ...rows, weights: null });
    return this.#settle(rows, sessions, numbers.subarray(0, count));
  }

  #place(batch: Batch, numbers: Int32Array, fired: bigint): ReadonlySet<number> {
    return this.#settle(batch, this.#assign(batch, fired, []), numbers);
  }

  #assign(batch: Batch, fired: bigint, late: number[]): Int32Array {
    const keys = this.#sessions.keysOf(
      this.#spec.partitionKeys.map((key) => batch.columns[key] as Column),
      batch.rows,
    );
    const times = (batch.columns[this.#spec.timeColumn] as I64Column).values;
    const { u32 } = kernels().heap();
    return Int32Array.from({ length: batch.rows }, (_, i) => {
      const session = this.#sessions.assign(u32[(keys >>> 2) + i] as number, times[i] as bigint, fired);
      if (session === 0) late.push(i);
      return session;
    });
  }

  /** Rows join the sessions that theirs were merged into. */
  #settle(batch: Batch, assigned: Int32Array, numbers: Int32Array): ReadonlySet<number> {
    const { list } = this.#sessions;
    for (const merged of this.#sessions.mergedAway) {
      const moved = this.#rowsOf.get(merged) ?? [];
      this.#rowsOf.delete(merged);
      this.#rowsOfRoot(list.rootOf(merged)).push(...moved);
    }
    const touched = new Set<number>();
    for (let i = 0; i < batch.rows; i++) {
      const root = list.rootOf(assigned[i] as number);
      this.#rowsOfRoot(root).push(numbers[i] as number);
      touched.add(root);
    }
    this.#sessions.add(assigned, batch.rows, new StagedColumns(batch.columns, batch.rows));
    this.#sessions.takeDirty();
    if (this.#isRevised) for (const session of touched) this.#closing.push(list.end[session] as bigint, session);
    return touched;
  }

  #rowsOfRoot(session: number): number[] {
    const known = this.#rowsOf.get(session);
    if (known !== undefined) return known;
    const rows: number[] = [];
    this.#rowsOf.set(session, rows);
    return rows;
  }

  #close(): void {
    const { list } = this.#sessions;
    for (let end = this.#closing.first; end !== null && hasFired(end, this.#watermark); end = this.#closing.first) {
      const session = this.#closing.pop();
      if (list.root[session] === session && list.end[session] === end) this.#sync(session);
    }
  }

  #isShown(session: number): boolean {
    return this.#isEarly || hasFired(this.#sessions.list.end[session] as bigint, this.#watermark);
  }

  #sync(session: number): void {
    const { list } = this.#sessions;
    const rows = this.#rowsOf.get(session) ?? [];
    if (this.#isShown(session)) this.#shown.show(rows, list.start[session] as bigint, list.end[session] as bigint);
    else this.#shown.hide(rows);
  }

  #flush(): void {
    for (const batch of this.#shown.take(this.#rows.rows())) this.#output.batch(batch);
  }
}
