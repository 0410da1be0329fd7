import type { Batch, I64Column } from "../contract/batch.ts";
import type { TemporalBound, TemporalFilterSpec } from "../contract/temporal.ts";
import type { Operator, OperatorContext, OperatorDefinition, OperatorSnapshot, Output, Watermark } from "../contract/operator.ts";
import type { Schema } from "../contract/types.ts";
import { gatherBatch } from "../expr/gather.ts";
import type { RowChanges } from "../state/row-changes.ts";
import { RowTable } from "../state/row-table.ts";
import { type RowTableOptions, rowTableSpec } from "../state/row-table-spec.ts";
import { TimerHeap } from "../state/timer-heap.ts";
import { instantAfter } from "./temporal/instant.ts";

type TableName = "waiting" | "valid";

const options = (name: TableName, spec: TemporalFilterSpec, schema: Schema): RowTableOptions => ({
  name,
  schema,
  keys: [],
  changelog: spec.changelog,
});

/** Ends: the row goes when the other side reaches the column. Begins: it comes when the other side has passed it. */
const isEnd = ({ operator }: TemporalBound): boolean => operator === ">" || operator === ">=";

/** Rows wait where a bound begins, and are remembered where one ends. */
const tablesOf = ({ bounds }: TemporalFilterSpec): readonly TableName[] => [
  ...(bounds.some((bound) => !isEnd(bound)) ? (["waiting"] as const) : []),
  ...(bounds.some(isEnd) ? (["valid"] as const) : []),
];

export const temporalFilter: OperatorDefinition<TemporalFilterSpec> = {
  op: "temporalFilter",
  doc: "Keeps rows while a condition on now() holds: they come when their time comes and are taken back when it is over.",
  stateTables: (spec, [input]) => tablesOf(spec).map((name) => rowTableSpec(options(name, spec, input as Schema), spec.keys)),
  create: (spec, context, output) => new TemporalFilter(spec, context, output),
};

function holds({ operator }: TemporalBound, time: bigint, instant: bigint): boolean {
  switch (operator) {
    case ">":
      return time > instant;
    case ">=":
      return time >= instant;
    case "<":
      return time < instant;
    case "<=":
      return time <= instant;
  }
}

/**
 * At every moment `waiting` holds the rows that have not begun, `valid` those that were sent on and will end: a row tells by
 * its columns and the clock where it is, so rows that are taken back are found too.
 */
class TemporalFilter implements Operator {
  readonly #context: OperatorContext;
  readonly #output: Output;
  readonly #bounds: readonly TemporalBound[];
  readonly #ends: readonly TemporalBound[];
  readonly #begins: readonly TemporalBound[];
  readonly #used: readonly TableName[];
  readonly #tables: { readonly [N in TableName]: RowTable };
  readonly #timers: ReadonlyMap<TemporalBound, TimerHeap>;
  #now_us = -(2n ** 62n);
  /** The other side of each bound, now. */
  #instants: ReadonlyMap<TemporalBound, bigint> = new Map();

  constructor(spec: TemporalFilterSpec, context: OperatorContext, output: Output) {
    const schema = context.inputs[0] as Schema;
    this.#context = context;
    this.#output = output;
    this.#bounds = spec.bounds;
    this.#ends = spec.bounds.filter(isEnd);
    this.#begins = spec.bounds.filter((bound) => !isEnd(bound));
    this.#used = tablesOf(spec);
    this.#tables = {
      waiting: new RowTable(options("waiting", spec, schema), context.subtaskIndex),
      valid: new RowTable(options("valid", spec, schema), context.subtaskIndex),
    };
    this.#timers = new Map(spec.bounds.map((bound) => [bound, new TimerHeap()]));
  }

  batch(batch: Batch): void {
    this.#advance(this.#context.world.clock.now_ms());
    const waiting: number[] = [];
    const valid: number[] = [];
    for (let row = 0; row < batch.rows; row++) {
      if (!this.#ends.every((bound) => this.#holds(bound, batch, row))) continue;
      if (this.#begins.some((bound) => isNull(batch, bound, row))) continue;
      (this.#begins.every((bound) => this.#holds(bound, batch, row)) ? valid : waiting).push(row);
    }
    if (waiting.length > 0) this.#wait(pick(batch, waiting));
    if (valid.length > 0) this.#send(pick(batch, valid));
  }

  watermark(watermark: Watermark): void {
    this.#output.watermark(watermark);
  }

  idle(idle: boolean): void {
    this.#output.idle(idle);
  }

  tick(now_ms: number): void {
    this.#advance(now_ms);
  }

  snapshot(checkpointId: number): OperatorSnapshot {
    return { deltas: this.#used.map((name) => this.#tables[name].takeDelta(checkpointId)) };
  }

  restore(table: string, rows: Batch): void {
    this.#tables[table as TableName].restore(rows);
  }

  open(): void {
    for (const row of this.#tables.waiting.liveRows()) this.#schedule("waiting", this.#begins, row);
    for (const row of this.#tables.valid.liveRows()) this.#schedule("valid", this.#ends, row);
  }

  /** Lets processing time go on; never back. Rows that begin and end in between are not seen. */
  #advance(now_ms: number): void {
    const now_us = BigInt(Math.floor(now_ms)) * 1_000n;
    if (now_us <= this.#now_us) return;
    this.#now_us = now_us;
    this.#instants = new Map(this.#bounds.map((bound) => [bound, instantAfter(bound.steps, now_us)]));
    this.#end();
    this.#begin();
  }

  #end(): void {
    const { valid } = this.#tables;
    const rows = new Set<number>();
    for (const bound of this.#ends) {
      this.#due("valid", bound, (time, instant) => !holds(bound, time, instant)).forEach((row) => rows.add(row));
    }
    if (rows.size === 0) return;
    const ended = this.#rowsOf(valid, [...rows]);
    for (const row of rows) valid.remove(row);
    this.#output.batch({ ...ended.batch, weights: ended.counts.map((count) => -count) });
  }

  #begin(): void {
    const { waiting } = this.#tables;
    const rows = new Set<number>();
    for (const bound of this.#begins) {
      for (const row of this.#due("waiting", bound, (time, instant) => holds(bound, time, instant))) {
        // Others may still be to come.
        if (this.#begins.every((b) => this.#holds(b, waiting.rows(), row))) rows.add(row);
      }
    }
    if (rows.size === 0) return;
    const { batch, counts } = this.#rowsOf(waiting, [...rows]);
    for (const row of rows) waiting.remove(row);
    const begun = { ...batch, weights: counts.every((count) => count === 1) ? null : counts };
    const kept = Array.from({ length: begun.rows }, (_, i) => i).filter((i) => this.#ends.every((bound) => this.#holds(bound, begun, i)));
    if (kept.length > 0) this.#send(pick(begun, kept));
  }

  #wait(batch: Batch): void {
    this.#scheduleNew("waiting", this.#begins, this.#tables.waiting.add(batch));
  }

  #send(batch: Batch): void {
    if (this.#ends.length > 0) this.#scheduleNew("valid", this.#ends, this.#tables.valid.add(batch));
    const isRevised = this.#ends.length > 0 && batch.weights === null;
    this.#output.batch(isRevised ? { ...batch, weights: new Int32Array(batch.rows).fill(1) } : batch);
  }

  #scheduleNew(name: TableName, bounds: readonly TemporalBound[], changes: RowChanges): void {
    for (let i = 0; i < changes.count; i++) {
      const row = changes.rows[i] as number;
      // Rows that were there already have their timers.
      if (this.#tables[name].countOf(row) === changes.weights[i]) this.#schedule(name, bounds, row);
    }
  }

  #schedule(name: TableName, bounds: readonly TemporalBound[], row: number): void {
    const rows = this.#tables[name].rows();
    for (const bound of bounds) this.#timers.get(bound)?.push(timeOf(rows, bound, row), row);
  }

  /** Rows whose column the other side has reached. A timer may be of a row that is gone: then another stands in its place, or none. */
  #due(name: TableName, bound: TemporalBound, isDue: (time: bigint, instant: bigint) => boolean): readonly number[] {
    const table = this.#tables[name];
    const timers = this.#timers.get(bound) as TimerHeap;
    const instant = this.#instants.get(bound) as bigint;
    const due: number[] = [];
    for (let time = timers.first; time !== null && isDue(time, instant); time = timers.first) {
      const row = timers.pop();
      if (table.countOf(row) !== 0 && timeOf(table.rows(), bound, row) === time) due.push(row);
    }
    return due;
  }

  #holds(bound: TemporalBound, batch: Batch, row: number): boolean {
    return !isNull(batch, bound, row) && holds(bound, timeOf(batch, bound, row), this.#instants.get(bound) as bigint);
  }

  #rowsOf(table: RowTable, rows: readonly number[]): { readonly batch: Batch; readonly counts: Int32Array } {
    return {
      batch: gatherBatch(table.rows(), Int32Array.from(rows), rows.length),
      counts: Int32Array.from(rows, (row) => table.countOf(row)),
    };
  }
}

const timeOf = (batch: Batch, { column }: TemporalBound, row: number): bigint => (batch.columns[column] as I64Column).values[row] as bigint;

const isNull = (batch: Batch, { column }: TemporalBound, row: number): boolean => batch.columns[column]?.validity?.[row] === 0;

const pick = (batch: Batch, rows: readonly number[]): Batch =>
  rows.length === batch.rows ? batch : gatherBatch(batch, Int32Array.from(rows), rows.length);
