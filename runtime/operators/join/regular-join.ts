import type { Batch } from "../../contract/batch.ts";
import { TaskFailure } from "../../contract/errors.ts";
import type { JoinSpec } from "../../contract/job-graph.ts";
import type { Operator, OperatorContext, OperatorSnapshot, Output, Watermark } from "../../contract/operator.ts";
import type { Schema } from "../../contract/types.ts";
import { ChangeList, type RowChanges } from "../../state/row-changes.ts";
import { PairFilter } from "../pair-filter.ts";
import { JoinOutput, nullRow } from "./join-output.ts";
import { Pairs } from "./pairs.ts";
import { type Alone, alone, Side, type SideNumber } from "./side.ts";

/**
 * Keeps the rows of both inputs. A batch changes counts of rows of one side: each changed row is paired with the rows that match it
 * on the other side as it stands, so that every pair is answered once, by whichever of the two came last.
 */
export class RegularJoin implements Operator {
  readonly #spec: JoinSpec;
  readonly #context: OperatorContext;
  readonly #downstream: Output;
  readonly #sides: readonly [Side, Side];
  readonly #pairs: Pairs;
  readonly #residual: PairFilter | null;
  readonly #out: JoinOutput;
  readonly #alone: readonly [Alone, Alone];
  readonly #emitsPairs: boolean;
  /** Rows of the other side whose matches the batch changes. */
  readonly #touched = new ChangeList();
  /** Left rows of a single join that match more than once. */
  readonly #doubles = new Set<number>();

  constructor(spec: JoinSpec, context: OperatorContext, output: Output) {
    const [left, right] = context.inputs as readonly [Schema, Schema];
    this.#spec = spec;
    this.#context = context;
    this.#downstream = output;
    this.#sides = [new Side(spec, left, 0, context), new Side(spec, right, 1, context)];
    this.#pairs = new Pairs(this.#sides, spec.nullsMatch);
    this.#residual = spec.residual === null ? null : new PairFilter(spec.residual, context.inputs);
    this.#alone = alone[spec.kind as keyof typeof alone];
    this.#emitsPairs = spec.kind !== "semi" && spec.kind !== "anti";
    const appendOnly = !spec.leftChangelog && !spec.rightChangelog && (spec.kind === "inner" || spec.kind === "semi");
    this.#out = new JoinOutput(this.#sides, context.inputs, this.#emitsPairs ? "both" : "left", !appendOnly, output);
  }

  batch(batch: Batch, input: number): void {
    const own = input as SideNumber;
    const now_ms = this.#context.world.clock.now_ms();
    this.tick(now_ms);
    const changes = this.#sides[own].add(batch, now_ms);
    if (changes.count === 0) return;
    this.#answer(own, changes, true);
    this.#out.flush();
  }

  watermark(watermark: Watermark): void {
    this.#downstream.watermark(watermark);
  }

  idle(idle: boolean): void {
    this.#downstream.idle(idle);
  }

  /** Lets rows go whose time is over; their pairs stay. */
  tick(now_ms: number): void {
    for (const side of this.#sides) side.expire(now_ms);
  }

  prepareBarrier(): void {
    this.#refuseDoubles();
  }

  finish(): void {
    this.#refuseDoubles();
  }

  snapshot(checkpointId: number): OperatorSnapshot {
    return { deltas: this.#sides.map((side) => side.table.takeDelta(checkpointId)) };
  }

  restore(table: string, rows: Batch): void {
    this.#sides[table === "left" ? 0 : 1].table.restore(rows);
  }

  /** How many rows each row matches follows from the rows, unless some may have been forgotten: then it is stored. */
  open(): void {
    for (const side of this.#sides) side.open(this.#context.world.clock.now_ms());
    if (this.#alone[0] === null && this.#alone[1] === null) return;
    const [left] = this.#sides;
    const rows = left.table.liveRows();
    if (this.#spec.ttl_ms !== undefined) {
      for (const row of rows) this.#noteDouble(row, left.matches[row] as number);
      return;
    }
    const weights = Int32Array.from(rows, (row) => left.table.countOf(row));
    this.#answer(0, { rows, weights, count: rows.length }, false);
  }

  #answer(own: SideNumber, changes: RowChanges, emits: boolean): void {
    const side = this.#sides[own];
    side.reserve();
    const counts = this.#alone[own] !== null;
    for (let i = 0; i < changes.count; i++) {
      const row = changes.rows[i] as number;
      side.weightOf[row] = changes.weights[i] as number;
      if (counts) side.matches[row] = 0;
    }
    const other = this.#sides[own === 0 ? 1 : 0];
    other.reserve();
    this.#touched.begin(other.table.size);
    this.#touched.reserve(other.table.end);
    const now_us = BigInt(Math.trunc(this.#context.world.clock.now_ms())) * 1_000n;
    this.#pairs.list(own, changes.rows, changes.count, (left, right, count) => {
      const kept = this.#residual === null ? count : this.#pairs.keep(this.#residual, left, right, count, now_us);
      this.#takePairs(own, left, right, kept, emits);
    });
    this.#settleTouched(own === 0 ? 1 : 0, emits);
    if (counts) this.#settleOwn(own, changes, emits);
  }

  #takePairs(own: SideNumber, left: Int32Array, right: Int32Array, count: number, emits: boolean): void {
    const side = this.#sides[own];
    const other = this.#sides[own === 0 ? 1 : 0];
    const [ownRows, otherRows] = own === 0 ? [left, right] : [right, left];
    const countsOwn = this.#alone[own] !== null;
    const countsOther = this.#alone[own === 0 ? 1 : 0] !== null;
    for (let i = 0; i < count; i++) {
      const row = ownRows[i] as number;
      const match = otherRows[i] as number;
      const weight = side.weightOf[row] as number;
      const times = other.table.countOf(match);
      if (countsOwn) side.matches[row] = (side.matches[row] as number) + times;
      if (countsOther) this.#touched.note(match, weight);
      if (emits && this.#emitsPairs) this.#out.add(left[i] as number, right[i] as number, weight * times);
    }
  }

  /** Rows of the other side gained or lost matches. */
  #settleTouched(number: SideNumber, emits: boolean): void {
    const side = this.#sides[number];
    const role = this.#alone[number];
    if (role === null) return;
    for (let i = 0; i < this.#touched.count; i++) {
      const row = this.#touched.rows[i] as number;
      const before = side.matches[row] as number;
      const after = before + (this.#touched.weights[i] as number);
      side.matches[row] = after;
      side.noteMatches(row);
      if (number === 0) this.#noteDouble(row, after);
      const times = contribution(role, after) - contribution(role, before);
      if (emits) this.#addAlone(number, row, times * side.table.countOf(row));
    }
  }

  #settleOwn(own: SideNumber, changes: RowChanges, emits: boolean): void {
    const side = this.#sides[own];
    const role = this.#alone[own] as Exclude<Alone, null>;
    for (let i = 0; i < changes.count; i++) {
      const row = changes.rows[i] as number;
      const matches = side.matches[row] as number;
      if (own === 0) this.#noteDouble(row, side.table.countOf(row) === 0 ? 0 : matches);
      if (emits) this.#addAlone(own, row, (changes.weights[i] as number) * contribution(role, matches));
    }
  }

  #addAlone(side: SideNumber, row: number, weight: number): void {
    if (side === 0) this.#out.add(row, nullRow, weight);
    else this.#out.add(nullRow, row, weight);
  }

  #noteDouble(row: number, matches: number): void {
    if (this.#spec.kind !== "single") return;
    if (matches > 1) this.#doubles.add(row);
    else this.#doubles.delete(row);
  }

  /** Only what a checkpoint would show counts: in between, a new value may come before the old one is taken back. */
  #refuseDoubles(): void {
    if (this.#doubles.size === 0) return;
    const message = "more than one row returned by a subquery used as an expression - scalar subqueries can only return a single row";
    throw new TaskFailure("user", "fail", message, { sqlState: "21000" });
  }
}

const contribution = (role: Exclude<Alone, null>, matches: number): number => ((role === "matched") === matches > 0 ? 1 : 0);
