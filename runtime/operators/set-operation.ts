import type { Batch, Column } from "../contract/batch.ts";
import type { SetOperationSpec } from "../contract/job-graph.ts";
import type { Operator, OperatorContext, OperatorDefinition, OperatorSnapshot, Output, Watermark } from "../contract/operator.ts";
import { bigint, type Field, type Schema } from "../contract/types.ts";
import { BatchBuilder } from "../exchange/batch-builder.ts";
import { kernels, type Pointer } from "../kernels/kernels.ts";
import { stageI32, stageIntegers } from "../kernels/stage-column.ts";
import { eraseRows } from "../state/erase-rows.ts";
import { FrozenGroups } from "../state/frozen-groups.ts";
import { gathered, GroupTable, setStored, staged, stagedRows, touchedRows } from "../state/group-table.ts";
import { GroupTtl } from "../state/group-ttl.ts";
import { KeyLayout, rowHeader_bytes } from "../state/key-layout.ts";
import { repeated } from "./repeated-rows.ts";

const countersTable = "counts";
/** Behind the key words of a row: how often it is in the left input, and in the right one. */
const counters_bytes = 16;
const stamp_max = 0xffff_ffff;

const keyFields = (input: Schema): readonly Field[] => input.columns.map(({ name, type }, i) => ({ name: `${name}_${i}`, type }));

export const setOperation: OperatorDefinition<SetOperationSpec> = {
  op: "setOperation",
  doc: "INTERSECT and EXCEPT [ALL] of two inputs: counts each row per side. Keeps every distinct row while either side has it.",
  stateTables: (_spec, [input]) => {
    const keys = keyFields(input as Schema);
    return [
      {
        name: countersTable,
        version: 1,
        columns: [...keys, { name: "left_rows", type: bigint }, { name: "right_rows", type: bigint }],
        keyColumns: keys.length,
        redistribution: { kind: "keyed", distribution: keys.map((_, i) => i) },
      },
    ];
  },
  create: (spec, context, output) => new SetOperation(spec, context, output),
};

/** How often a row is in the result. */
function multiplicity(spec: SetOperationSpec, left: number, right: number): number {
  const l = Math.max(0, left);
  const r = Math.max(0, right);
  if (spec.operation === "intersect") return spec.all ? Math.min(l, r) : Number(l > 0 && r > 0);
  return spec.all ? Math.max(0, l - r) : Number(l > 0 && r === 0);
}

class SetOperation implements Operator {
  readonly #spec: SetOperationSpec;
  readonly #output: Output;
  readonly #keys: KeyLayout;
  readonly #table: GroupTable;
  readonly #counters: number;
  /** Addresses of rows that neither side has, until the next snapshot deletes them. */
  readonly #empty = new Set<number>();
  readonly #deleted: BatchBuilder;
  readonly #context: OperatorContext;
  readonly #ttl: GroupTtl | null;
  #stamp = 0;

  constructor(spec: SetOperationSpec, context: OperatorContext, output: Output) {
    const input = context.inputs[0] as Schema;
    this.#spec = spec;
    this.#output = output;
    this.#keys = new KeyLayout(input.columns.map((c) => c.type));
    const isTimed = spec.ttl_ms !== undefined;
    this.#table = new GroupTable(this.#keys, counters_bytes + (isTimed ? GroupTtl.bytes : 0));
    this.#counters = rowHeader_bytes + 8 * this.#keys.keyWords;
    this.#ttl = isTimed ? new GroupTtl(spec.ttl_ms, this.#table, this.#counters + counters_bytes) : null;
    this.#context = context;
    this.#deleted = new BatchBuilder({ columns: keyFields(input) });
  }

  batch(batch: Batch, input: number): void {
    staged(() => {
      const { run, staging } = kernels();
      const rows = this.#table.find(batch.columns, batch.rows, { insert: true, mark: true });
      const touched = staging.bytes(batch.rows * 4);
      this.#stamp = (this.#stamp % stamp_max) + 1;
      const count = touchedRows(rows, batch.rows, this.#stamp, touched);
      if (this.#ttl !== null) this.#forget(this.#ttl.touch(touched, count, this.#context.world.clock.now_ms()));
      const before = this.#multiplicities(touched, count);
      const weights = batch.weights === null ? 0 : stageI32(batch.weights, batch.rows);
      run.addCount(rows, batch.rows, this.#counters + 8 * input, 0, weights);
      if (this.#ttl !== null && batch.weights !== null) this.#ignoreForgotten(touched, count, input);
      this.#emit(touched, count, before);
    });
  }

  tick(now_ms: number): void {
    const ttl = this.#ttl;
    if (ttl !== null) staged(() => this.#forget(ttl.expired(now_ms)));
  }

  watermark(watermark: Watermark): void {
    this.#output.watermark(watermark);
  }

  idle(idle: boolean): void {
    this.#output.idle(idle);
  }

  snapshot(): OperatorSnapshot {
    return staged(() => {
      const deletes = this.#eraseEmpty();
      const rest = FrozenGroups.of([{ table: this.#table, tag: null }], (rows, count) => this.#stateRows(rows, count));
      return { deltas: [{ table: countersTable, puts: null, deletes, rest }] };
    });
  }

  restore(_table: string, batch: Batch): void {
    staged(() => {
      const rows = this.#table.find(batch.columns.slice(0, -2), batch.rows, { insert: true, mark: false });
      for (const [side, column] of batch.columns.slice(-2).entries()) {
        kernels().run.addCounters(rows, batch.rows, this.#counters + 8 * side, stageIntegers(column, batch.rows));
      }
      setStored(rows, batch.rows);
    });
  }

  close(): void {
    this.#table.free();
    this.#keys.free();
  }

  /** As if neither side had them; what the result has of them stays. */
  #forget(rows: readonly number[]): void {
    if (rows.length === 0) return;
    this.#table.meet(stagedRows(rows), rows.length);
    const { i64 } = kernels().heap();
    for (const row of rows) {
      i64.fill(0n, (row + this.#counters) >>> 3, (row + this.#counters + counters_bytes) >>> 3);
      this.#empty.add(row);
    }
  }

  /** Rows that were taken back after they had been forgotten. */
  #ignoreForgotten(touched: Pointer, count: number, input: number): void {
    const { u32, i64 } = kernels().heap();
    for (let i = 0; i < count; i++) {
      const at = ((u32[(touched >>> 2) + i] as number) + this.#counters + 8 * input) >>> 3;
      const held = i64[at] as bigint;
      if (held >= 0n) continue;
      this.#context.metrics.add("numForgottenRetractions", Number(-held));
      i64[at] = 0n;
    }
  }

  #countsOf(row: number): readonly [left: number, right: number] {
    const { i64 } = kernels().heap();
    const at = (row + this.#counters) >>> 3;
    return [Number(i64[at]), Number(i64[at + 1])];
  }

  #multiplicities(rows: Pointer, count: number): Float64Array {
    const { u32 } = kernels().heap();
    const result = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      const [left, right] = this.#countsOf(u32[(rows >>> 2) + i] as number);
      result[i] = multiplicity(this.#spec, left, right);
    }
    return result;
  }

  /** What changed: rows with the difference of their multiplicities as weights. */
  #emit(touched: Pointer, count: number, before: Float64Array): void {
    const after = this.#multiplicities(touched, count);
    const { staging, heap } = kernels();
    const changed = staging.bytes(count * 4);
    const { u32 } = heap();
    const weights = new Int32Array(count);
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const row = u32[(touched >>> 2) + i] as number;
      const [left, right] = this.#countsOf(row);
      if (left === 0 && right === 0) this.#empty.add(row);
      const difference = (after[i] as number) - (before[i] as number);
      if (difference === 0) continue;
      u32[(changed >>> 2) + kept] = row;
      weights[kept++] = difference;
    }
    if (kept === 0) return;
    const net: Batch = { rows: kept, columns: this.#keys.decode(changed, kept), weights };
    this.#output.batch(this.#spec.changelog ? net : repeated(net, weights));
  }

  /** Ends the rows that are still on neither side; the keys of those that the last checkpoint holds. */
  #eraseEmpty(): Batch | null {
    const empty = [...this.#empty].filter((row) => this.#countsOf(row).every((n) => n === 0));
    this.#empty.clear();
    if (empty.length === 0) return null;
    return eraseRows(this.#table, stagedRows(empty), empty.length, this.#deleted);
  }

  #stateRows(rows: Pointer, count: number): Batch {
    const counters = [0, 8].map(
      (offset): Column => ({ phys: "i64", values: gathered(rows, count, this.#counters + offset), validity: null }),
    );
    return { rows: count, columns: [...this.#keys.decode(rows, count), ...counters], weights: null };
  }
}
