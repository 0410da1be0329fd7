import { type Batch, type Column, words } from "../contract/batch.ts";
import type { WindowJoinSpec } from "../contract/job-graph.ts";
import {
  type Operator,
  type OperatorContext,
  type OperatorDefinition,
  type OperatorSnapshot,
  type Output,
  type StateTableSpec,
  type Watermark,
  watermark_min,
} from "../contract/operator.ts";
import type { Schema } from "../contract/types.ts";
import { BatchBuilder } from "../exchange/batch-builder.ts";
import { joinBatches } from "./join-table.ts";
import { NullColumns } from "./null-columns.ts";
import { PairFilter } from "./pair-filter.ts";
import { StoredWatermark, watermarkTable } from "./progress.ts";
import { identityColumns } from "../state/row-identity.ts";
import { WindowRows } from "./window-rows.ts";
import { windowTime_us } from "./window/geometry.ts";

const sides = ["left", "right"] as const;

export const windowJoin: OperatorDefinition<WindowJoinSpec> = {
  op: "windowJoin",
  doc: "Join of two windowed inputs on equal windows and keys; buffers each window until the watermark passes it.",
  stateTables: (spec, inputs) => [
    ...sides.map(
      (name, side): StateTableSpec => ({
        name,
        version: 1,
        columns: [...identityColumns, ...(inputs[side] as Schema).columns],
        keyColumns: identityColumns.length,
        defaults: [...identityColumns.map(() => undefined), ...(inputs[side] as Schema).columns.map(() => null)],
        redistribution: { kind: "keyed", distribution: keysOf(spec, side).map((key) => key + identityColumns.length) },
      }),
    ),
    watermarkTable,
  ],
  create: (spec, context, output) => new WindowJoin(spec, context, output),
};

const keysOf = (spec: WindowJoinSpec, side: number): readonly number[] => (side === 0 ? spec.leftKeys : spec.rightKeys);

const alone_rows_max = 4_096;

const aloneOf = {
  inner: [null, null],
  left: ["unmatched", null],
  right: [null, "unmatched"],
  full: ["unmatched", "unmatched"],
  semi: ["matched", null],
  anti: ["unmatched", null],
} as const satisfies Readonly<Record<WindowJoinSpec["join"], readonly unknown[]>>;

class WindowJoin implements Operator {
  readonly #context: OperatorContext;
  readonly #output: Output;
  readonly #sides: readonly WindowRows[];
  readonly #windowEnds: readonly number[];
  readonly #matched: readonly (readonly number[])[];
  readonly #out: readonly BatchBuilder[];
  readonly #residual: PairFilter | null;
  readonly #emitsPairs: boolean;
  /** By side: whether rows that (do not) match go out alone. */
  readonly #alone: readonly ("matched" | "unmatched" | null)[];
  readonly #nulls: readonly NullColumns[];
  readonly #stored: StoredWatermark;
  #watermark: Watermark = watermark_min;

  constructor(spec: WindowJoinSpec, context: OperatorContext, output: Output) {
    this.#context = context;
    this.#output = output;
    this.#sides = context.inputs.map((schema) => new WindowRows(schema, context.subtaskIndex));
    this.#windowEnds = [spec.leftWindowEnd, spec.rightWindowEnd];
    this.#matched = [spec.leftKeys, spec.rightKeys].map((keys) => spec.matched.map((k) => keys[k] as number));
    this.#stored = new StoredWatermark(context);
    this.#out = context.inputs.map((schema) => new BatchBuilder(schema));
    this.#emitsPairs = spec.join !== "semi" && spec.join !== "anti";
    this.#alone = aloneOf[spec.join];
    this.#nulls = context.inputs.map((schema) => new NullColumns(schema));
    this.#residual = spec.residual === null ? null : new PairFilter(spec.residual, context.inputs);
  }

  batch(batch: Batch, input: number): void {
    const ends = (batch.columns[this.#windowEnds[input] as number] as Extract<Column, { phys: "i64" }>).values;
    const lanes = words(ends);
    let late = 0;
    // Rows come grouped by window, nearly always: each run of one window_end is appended at once.
    for (let from = 0; from < batch.rows; ) {
      const low = lanes[2 * from];
      const high = lanes[2 * from + 1];
      let to = from + 1;
      while (to < batch.rows && lanes[2 * to] === low && lanes[2 * to + 1] === high) to++;
      const end = ends[from] as bigint;
      if (end - windowTime_us <= this.#watermark) late += to - from;
      else this.#side(input).append(end, batch, from, to);
      from = to;
    }
    if (late > 0) this.#context.metrics.add("numLateRecordsDropped", late);
  }

  watermark(watermark: Watermark): void {
    if (watermark > this.#watermark) this.#watermark = watermark;
    const due = new Set(this.#sides.flatMap((side) => side.ends()).filter((end) => end - windowTime_us <= watermark));
    for (const end of [...due].sort((a, b) => (a < b ? -1 : 1))) this.#fire(end);
    this.#output.watermark(watermark);
  }

  idle(idle: boolean): void {
    this.#output.idle(idle);
  }

  snapshot(checkpointId: number): OperatorSnapshot {
    const rows = sides.map((table, side) => ({
      table,
      puts: this.#side(side).takeNew(checkpointId),
      deletes: this.#side(side).takeDropped(),
    }));
    const progress = this.#stored.delta(this.#watermark);
    return { deltas: progress === null ? rows : [...rows, progress] };
  }

  restore(table: string, rows: Batch): void {
    if (table === watermarkTable.name) {
      this.#watermark = this.#stored.restore(rows);
      return;
    }
    const side = table === "left" ? 0 : 1;
    this.#side(side).restore(rows, this.#windowEnds[side] as number);
  }

  #side(side: number): WindowRows {
    return this.#sides[side] as WindowRows;
  }

  #fire(end: bigint): void {
    const left = this.#side(0).rowsOf(end);
    const right = this.#side(1).rowsOf(end);
    const ofLeft = new Uint8Array(left?.rows ?? 0);
    const ofRight = new Uint8Array(right?.rows ?? 0);
    if (left !== null && right !== null) {
      const [leftKeys, rightKeys] = this.#matched as readonly [readonly number[], readonly number[]];
      joinBatches(left, right, leftKeys, rightKeys, (pairs, count) => {
        const kept = this.#keep(left, pairs.left, right, pairs.right, count);
        for (let i = 0; i < kept; i++) {
          ofLeft[pairs.left[i] as number] = 1;
          ofRight[pairs.right[i] as number] = 1;
        }
        if (this.#emitsPairs && kept > 0) this.#emit(left, pairs.left, right, pairs.right, kept);
      });
    }
    if (left !== null) this.#emitAlone(0, left, ofLeft);
    if (right !== null) this.#emitAlone(1, right, ofRight);
    this.#context.metrics.add("numWindowsFired", 1);
    for (const side of this.#sides) side.drop(end);
  }

  /** Rows of an outer join without a partner, padded; those of a semi or anti join. */
  #emitAlone(side: number, batch: Batch, isMatched: Uint8Array): void {
    const alone = this.#alone[side];
    if (alone === null) return;
    const wanted = alone === "matched" ? 1 : 0;
    const selection = new Int32Array(alone_rows_max);
    let count = 0;
    for (let row = 0; row < batch.rows; row++) {
      if (isMatched[row] !== wanted) continue;
      selection[count++] = row;
      if (count < alone_rows_max) continue;
      this.#emitPadded(side, batch, selection, count);
      count = 0;
    }
    if (count > 0) this.#emitPadded(side, batch, selection, count);
  }

  #emitPadded(side: number, batch: Batch, selection: Int32Array, rows: number): void {
    const out = this.#out[side] as BatchBuilder;
    out.append(batch, { selection, from: 0, to: rows });
    const own = out.build().columns;
    const other = (this.#nulls[1 - side] as NullColumns).take(rows);
    const columns = !this.#emitsPairs ? own : side === 0 ? [...own, ...other] : [...other, ...own];
    this.#output.batch({ rows, columns, weights: null });
    out.clear();
  }

  #keep(left: Batch, leftRows: Int32Array, right: Batch, rightRows: Int32Array, count: number): number {
    if (this.#residual === null) return count;
    const now_us = BigInt(Math.trunc(this.#context.world.clock.now_ms())) * 1_000n;
    return this.#residual.keep(left, leftRows, right, rightRows, count, now_us);
  }

  #emit(left: Batch, leftRows: Int32Array, right: Batch, rightRows: Int32Array, kept: number): void {
    const [leftOut, rightOut] = this.#out as readonly [BatchBuilder, BatchBuilder];
    leftOut.append(left, { selection: leftRows, from: 0, to: kept });
    rightOut.append(right, { selection: rightRows, from: 0, to: kept });
    this.#output.batch({ rows: kept, columns: [...leftOut.build().columns, ...rightOut.build().columns], weights: null });
    leftOut.clear();
    rightOut.clear();
  }
}
