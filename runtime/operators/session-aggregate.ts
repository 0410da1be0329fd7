import { type Batch, batch_rows_target, type Column } from "../contract/batch.ts";
import { assert } from "../contract/errors.ts";
import type { SessionAggregateSpec } from "../contract/job-graph.ts";
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
import { dropLateRows } from "./late-rows.ts";
import { StoredWatermark, watermarkTable } from "./progress.ts";
import { SessionCheckpoint } from "./session/checkpoint.ts";
import { sessionsTable } from "./session/layout.ts";
import { windowTime_us } from "./window/geometry.ts";
import { Sessions } from "./session/sessions.ts";

export const sessionAggregate: OperatorDefinition<SessionAggregateSpec> = {
  op: "sessionAggregate",
  doc: "Aggregates per key and session: rows no further apart than the gap are one window, which fires once the watermark passes it.",
  stateTables: (spec, [input]) => [sessionsTable(spec, input as Schema), watermarkTable],
  create: (spec, context, output) => new SessionAggregate(spec, context, output),
};

class SessionAggregate implements Operator {
  readonly #spec: SessionAggregateSpec;
  readonly #context: OperatorContext;
  readonly #output: Output;
  readonly #sessions: Sessions;
  readonly #checkpoint: SessionCheckpoint;
  readonly #storedWatermark: StoredWatermark;
  /** All sessions whose window ends by it have fired. */
  #watermark: Watermark = watermark_min;
  #assigned = new Int32Array(batch_rows_target);

  constructor(spec: SessionAggregateSpec, context: OperatorContext, output: Output) {
    assert(spec.keys.join() === spec.partitionKeys.join(), "a session aggregate groups by the keys that its sessions are built by");
    const input = context.inputs[0] as Schema;
    this.#spec = spec;
    this.#context = context;
    this.#output = output;
    this.#sessions = new Sessions(spec, input);
    this.#checkpoint = new SessionCheckpoint(spec, input, this.#sessions);
    this.#storedWatermark = new StoredWatermark(context);
  }

  batch(batch: Batch): void {
    staged(() => {
      const late = this.#assign(batch);
      this.#checkpoint.gone(this.#sessions.mergedAway);
      const kept = late.length === 0 ? batch : this.#without(batch, late);
      this.#sessions.add(this.#assigned, kept.rows, new StagedColumns(kept.columns, kept.rows, kept.weights));
    });
  }

  watermark(watermark: Watermark): void {
    if (watermark > this.#watermark) this.#watermark = watermark;
    let fired: number[] = [];
    for (let session = this.#sessions.nextFired(watermark); session !== 0; session = this.#sessions.nextFired(watermark)) {
      fired.push(session);
      if (fired.length < batch_rows_target) continue;
      this.#fire(fired);
      fired = [];
    }
    this.#fire(fired);
    this.#output.watermark(watermark);
  }

  idle(idle: boolean): void {
    this.#output.idle(idle);
  }

  snapshot(): OperatorSnapshot {
    const sessions = this.#checkpoint.snapshot();
    const progress = this.#storedWatermark.delta(this.#watermark);
    return { deltas: [sessions, progress].filter((delta) => delta !== null) };
  }

  restore(table: string, rows: Batch): void {
    if (table === watermarkTable.name) this.#watermark = this.#storedWatermark.restore(rows);
    else this.#checkpoint.restore(rows);
  }

  close(): void {
    this.#checkpoint.free();
    this.#sessions.free();
  }

  /** The session of each row to #assigned; the rows that are late. */
  #assign(batch: Batch): readonly number[] {
    if (this.#assigned.length < batch.rows) this.#assigned = new Int32Array(batch.rows);
    const keys = this.#sessions.keysOf(
      this.#spec.keys.map((key) => batch.columns[key] as Column),
      batch.rows,
    );
    const times = (batch.columns[this.#spec.timeColumn] as Extract<Column, { phys: "i64" }>).values;
    const { u32 } = kernels().heap();
    const late: number[] = [];
    for (let i = 0; i < batch.rows; i++) {
      const session = this.#sessions.assign(u32[(keys >>> 2) + i] as number, times[i] as bigint, this.#watermark);
      this.#assigned[i] = session;
      if (session === 0) late.push(i);
    }
    return late;
  }

  /** Puts late rows aside and leaves the others, with their sessions moved together. */
  #without(batch: Batch, late: readonly number[]): Batch {
    dropLateRows(this.#context, batch, late);
    const rows = Int32Array.from({ length: batch.rows }, (_, i) => i).filter((i) => this.#assigned[i] !== 0);
    rows.forEach((row, i) => {
      this.#assigned[i] = this.#assigned[row] as number;
    });
    return gatherBatch(batch, rows, rows.length);
  }

  #fire(sessions: readonly number[]): void {
    if (sessions.length === 0) return;
    this.#context.metrics.add("numWindowsFired", sessions.length);
    const { list, keys, layout } = this.#sessions;
    const starts = BigInt64Array.from(sessions, (session) => list.start[session] as bigint);
    const ends = BigInt64Array.from(sessions, (session) => list.end[session] as bigint);
    const windows = { window_start: () => starts, window_end: () => ends, window_time: () => ends.map((end) => end - windowTime_us) };
    staged(() => {
      const columns: Column[] = [
        ...keys.decode(this.#sessions.keyAddressesOf(sessions), sessions.length),
        ...layout.aggregates.finish(this.#sessions.addressesOf(sessions, sessions.length), sessions.length),
        ...this.#spec.windowColumns.map((name): Column => ({ phys: "i64", values: windows[name](), validity: null })),
      ];
      this.#output.batch({ rows: sessions.length, columns, weights: null });
    });
    this.#checkpoint.gone(sessions);
    this.#sessions.end(sessions);
  }
}
