import type { Batch, Column, Validity } from "../../contract/batch.ts";
import type { Expression } from "../../contract/expressions.ts";
import type { JoinSpec } from "../../contract/job-graph.ts";
import type { Operator, OperatorContext, OperatorSnapshot, Output, Watermark } from "../../contract/operator.ts";
import { boolean, type Schema } from "../../contract/types.ts";
import type { RowChanges } from "../../state/row-changes.ts";
import { grownInts } from "../../state/slots/slot-column.ts";
import { PairFilter } from "../pair-filter.ts";
import { JoinOutput } from "./join-output.ts";
import { Pairs } from "./pairs.ts";
import { Side, type SideNumber } from "./side.ts";

const isFalse = 0;
const isTrue = 1;
const isUnknown = 2;

/** Of the right rows as a whole, for IN without correlation: how many there are, and how many of them are NULL. */
interface Totals {
  rows: number;
  nulls: number;
}

/**
 * IN and EXISTS as a value: left rows with true when a right row matches, NULL when none does but a comparison is NULL, else false.
 *
 * With one strict key (`x IN (subquery)`) pairs are found by it, and NULLs are counted over all right rows, which therefore are on
 * one subtask. Otherwise the condition is evaluated for each pair of rows with equal keys, in three values.
 */
export class MarkJoin implements Operator {
  readonly #context: OperatorContext;
  /** Rows have a time to live: what is known of left rows is stored with them. */
  readonly #isTimed: boolean;
  readonly #downstream: Output;
  readonly #sides: readonly [Side, Side];
  readonly #pairs: Pairs;
  readonly #holds: PairFilter | null;
  readonly #unknown: PairFilter | null;
  readonly #strictKeys: readonly [number, number] | null;
  readonly #out: JoinOutput;
  readonly #totals: Totals = { rows: 0, nulls: 0 };
  /** By left row: right rows for which the condition is NULL, and the mark that was sent. */
  #unknowns: Int32Array = new Int32Array(0);
  #marks: Int32Array = new Int32Array(0);
  readonly #touched = new Set<number>();

  constructor(spec: JoinSpec, context: OperatorContext, output: Output) {
    const [left, right] = context.inputs as readonly [Schema, Schema];
    this.#context = context;
    this.#isTimed = spec.ttl_ms !== undefined;
    this.#downstream = output;
    this.#sides = [new Side(spec, left, 0, context), new Side(spec, right, 1, context)];
    this.#pairs = new Pairs(this.#sides, spec.nullsMatch);
    const { residual } = spec;
    this.#holds = residual === null ? null : new PairFilter(residual, context.inputs);
    this.#unknown = residual === null ? null : new PairFilter(isNull(residual), context.inputs);
    const strict = spec.nullsMatch.indexOf(false);
    this.#strictKeys = strict < 0 ? null : [spec.leftKeys[strict] as number, spec.rightKeys[strict] as number];
    this.#out = new JoinOutput(this.#sides, context.inputs, "mark", true, output);
  }

  batch(batch: Batch, input: number): void {
    const now_ms = this.#context.world.clock.now_ms();
    this.tick(now_ms);
    const changes = this.#sides[input as SideNumber].add(batch, now_ms);
    if (input === 0) this.#changeLeft(changes, true);
    else this.#changeRight(changes);
    this.#out.flush();
  }

  watermark(watermark: Watermark): void {
    this.#downstream.watermark(watermark);
  }

  idle(idle: boolean): void {
    this.#downstream.idle(idle);
  }

  /** NULLs of the right side, and whether it has rows at all, are part of every mark: these stay. */
  tick(now_ms: number): void {
    const [left, right] = this.#sides;
    left.expire(now_ms);
    if (this.#strictKeys === null) return right.expire(now_ms);
    const { validity } = right.table.rows().columns[this.#strictKeys[1]] as Column;
    right.expire(now_ms, (row) => {
      const stays = this.#totals.rows <= right.table.countOf(row) || (validity !== null && validity[row] === 0);
      if (!stays) this.#totals.rows -= right.table.countOf(row);
      return !stays;
    });
  }

  snapshot(checkpointId: number): OperatorSnapshot {
    return { deltas: this.#sides.map((side) => side.table.takeDelta(checkpointId)) };
  }

  restore(table: string, rows: Batch): void {
    this.#sides[table === "left" ? 0 : 1].table.restore(rows);
  }

  /** Marks follow from the rows, unless some may have been forgotten: then they are stored. */
  open(): void {
    const [left, right] = this.#sides;
    for (const side of this.#sides) side.open(this.#context.world.clock.now_ms());
    this.#count(right.table.liveRows(), (row) => right.table.countOf(row));
    this.#reserve();
    if (this.#isTimed) return;
    const rows = left.table.liveRows();
    this.#changeLeft({ rows, weights: Int32Array.from(rows, (row) => left.table.countOf(row)), count: rows.length }, false);
  }

  #changeLeft(changes: RowChanges, emits: boolean): void {
    this.#reserve();
    const [left] = this.#sides;
    for (let i = 0; i < changes.count; i++) {
      const row = changes.rows[i] as number;
      left.matches[row] = 0;
      this.#unknowns[row] = 0;
    }
    const { table: right } = this.#sides[1];
    this.#compare(0, changes, (row, match, counter) => {
      counter[row] = (counter[row] as number) + right.countOf(match);
    });
    const isStrictNull = this.#strictNulls();
    for (let i = 0; i < changes.count; i++) {
      const row = changes.rows[i] as number;
      this.#marks[row] = this.#markOf(row, isStrictNull);
      if (emits) this.#out.add(row, this.#marks[row] as number, changes.weights[i] as number);
    }
  }

  #changeRight(changes: RowChanges): void {
    this.#reserve();
    const before = { ...this.#totals };
    const weights = this.#sides[1].weightOf;
    for (let i = 0; i < changes.count; i++) weights[changes.rows[i] as number] = changes.weights[i] as number;
    this.#count(changes.rows.subarray(0, changes.count), (row) => weights[row] as number);
    this.#touched.clear();
    this.#compare(1, changes, (row, match, counter) => {
      counter[row] = (counter[row] as number) + (weights[match] as number);
      this.#sides[0].noteMatches(row);
      this.#touched.add(row);
    });
    const flipped = before.rows > 0 !== this.#totals.rows > 0 || before.nulls > 0 !== this.#totals.nulls > 0;
    const isStrictNull = this.#strictNulls();
    for (const row of flipped ? this.#sides[0].table.liveRows() : this.#touched) this.#remark(row, isStrictNull);
  }

  /** Sends the row's mark again if it is another now. */
  #remark(row: number, isStrictNull: Validity): void {
    const before = this.#marks[row] as number;
    const mark = this.#markOf(row, isStrictNull);
    if (mark === before) return;
    const count = this.#sides[0].table.countOf(row);
    this.#marks[row] = mark;
    this.#sides[0].noteMatches(row);
    this.#out.add(row, before, -count);
    this.#out.add(row, mark, count);
  }

  #markOf(row: number, validity: Validity): number {
    if ((this.#sides[0].matches[row] as number) > 0) return isTrue;
    if (this.#strictKeys === null) return (this.#unknowns[row] as number) > 0 ? isUnknown : isFalse;
    const { rows, nulls } = this.#totals;
    return (validity !== null && validity[row] === 0 ? rows : nulls) > 0 ? isUnknown : isFalse;
  }

  /** Calls back for each pair whose condition holds, or is NULL, with the counter of such. */
  #compare(own: SideNumber, changes: RowChanges, add: (left: number, right: number, counter: Int32Array) => void): void {
    const now_us = BigInt(Math.trunc(this.#context.world.clock.now_ms())) * 1_000n;
    const { matches } = this.#sides[0];
    this.#pairs.list(own, changes.rows, changes.count, (left, right, count) => {
      const addAll = (l: Int32Array, r: Int32Array, n: number, counter: Int32Array): void => {
        for (let i = 0; i < n; i++) add(l[i] as number, r[i] as number, counter);
      };
      if (this.#holds === null || this.#unknown === null) return addAll(left, right, count, matches);
      const [l, r] = [left.slice(0, count), right.slice(0, count)];
      addAll(l, r, this.#pairs.keep(this.#unknown, l, r, count, now_us), this.#unknowns);
      addAll(left, right, this.#pairs.keep(this.#holds, left, right, count, now_us), matches);
    });
  }

  /** Adds right rows to the totals. */
  #count(rows: Int32Array, weightOf: (row: number) => number): void {
    if (this.#strictKeys === null) return;
    const validity = (this.#sides[1].table.rows().columns[this.#strictKeys[1]] as Column).validity;
    for (const row of rows) {
      this.#totals.rows += weightOf(row);
      if (validity !== null && validity[row] === 0) this.#totals.nulls += weightOf(row);
    }
  }

  #strictNulls(): Validity {
    return this.#strictKeys === null ? null : (this.#sides[0].table.rows().columns[this.#strictKeys[0]] as Column).validity;
  }

  #reserve(): void {
    for (const side of this.#sides) side.reserve();
    const { table } = this.#sides[0];
    this.#unknowns = this.#isTimed ? table.attribute(1) : grownInts(this.#unknowns, table.end);
    this.#marks = this.#isTimed ? table.attribute(2) : grownInts(this.#marks, table.end);
  }
}

const isNull = (condition: Expression): Expression => ({ kind: "isNull", argument: condition, type: boolean });
