import type { Batch, Column } from "../contract/batch.ts";
import type { EmitEverySpec } from "../contract/job-graph.ts";
import {
  type Operator,
  type OperatorContext,
  type OperatorDefinition,
  type OperatorSnapshot,
  type Output,
  type Watermark,
  watermark_max,
} from "../contract/operator.ts";
import { bigint, type Field, type Schema } from "../contract/types.ts";
import type { Clock } from "../contract/world.ts";
import { BatchBuilder } from "../exchange/batch-builder.ts";
import { kernels, type Pointer } from "../kernels/kernels.ts";
import { stageI32, stageIntegers } from "../kernels/stage-column.ts";
import { eraseRows } from "../state/erase-rows.ts";
import { FrozenGroups } from "../state/frozen-groups.ts";
import { gathered, GroupTable, setStored, staged } from "../state/group-table.ts";
import { KeyLayout, rowHeader_bytes } from "../state/key-layout.ts";
import { repeated } from "./repeated-rows.ts";

const waitingTable = "waiting";
const counter_bytes = 8;

const rowFields = (input: Schema): readonly Field[] => input.columns.map(({ name, type }, i) => ({ name: `${name}_${i}`, type }));

export const emitEvery: OperatorDefinition<EmitEverySpec> = {
  op: "emitEvery",
  doc: "Holds changes back and hands on, every so often, what has become of them. Keeps the rows that changed since the last time.",
  stateTables: (spec, [input]) => {
    const rows = rowFields(input as Schema);
    return [
      {
        name: waitingTable,
        version: 1,
        columns: [...rows, { name: "weight", type: bigint }],
        keyColumns: rows.length,
        redistribution: { kind: "keyed", distribution: spec.keys },
      },
    ];
  },
  create: (spec, context, output) => new EmitEvery(spec, context, output),
};

/**
 * Rows with the sum of their weights since the last time. What has come to nothing, and what was handed on, stays as a row of
 * weight 0 until the next snapshot, which deletes it.
 */
class EmitEvery implements Operator {
  readonly #spec: EmitEverySpec;
  readonly #output: Output;
  readonly #clock: Clock;
  readonly #keys: KeyLayout;
  readonly #table: GroupTable;
  /** Of the weight in a row. */
  readonly #weight: number;
  readonly #deleted: BatchBuilder;
  /** null: nothing waits. */
  #due_ms: number | null = null;

  constructor(spec: EmitEverySpec, context: OperatorContext, output: Output) {
    const input = context.inputs[0] as Schema;
    this.#spec = spec;
    this.#output = output;
    this.#clock = context.world.clock;
    this.#keys = new KeyLayout(input.columns.map((c) => c.type));
    this.#table = new GroupTable(this.#keys, counter_bytes);
    this.#weight = rowHeader_bytes + 8 * this.#keys.keyWords;
    this.#deleted = new BatchBuilder({ columns: rowFields(input) });
  }

  batch(batch: Batch): void {
    staged(() => {
      const rows = this.#table.find(batch.columns, batch.rows, { insert: true, mark: true });
      const weights = batch.weights === null ? 0 : stageI32(batch.weights, batch.rows);
      kernels().run.addCount(rows, batch.rows, this.#weight, 0, weights);
    });
    this.#due_ms ??= this.#clock.now_ms() + this.#spec.every_ms;
  }

  tick(now_ms: number): void {
    if (this.#due_ms !== null && now_ms >= this.#due_ms) this.#emit();
  }

  watermark(watermark: Watermark): void {
    // At the end nothing is worth waiting for.
    if (watermark === watermark_max) this.#emit();
    this.#output.watermark(watermark);
  }

  idle(idle: boolean): void {
    this.#output.idle(idle);
  }

  snapshot(): OperatorSnapshot {
    return staged(() => {
      const deletes = this.#eraseEmpty();
      const rest = FrozenGroups.of([{ table: this.#table, tag: null }], (rows, count) => this.#stateRows(rows, count));
      return { deltas: [{ table: waitingTable, puts: null, deletes, rest }] };
    });
  }

  restore(_table: string, batch: Batch): void {
    staged(() => {
      const rows = this.#table.find(batch.columns.slice(0, -1), batch.rows, { insert: true, mark: false });
      kernels().run.addCounters(rows, batch.rows, this.#weight, stageIntegers(batch.columns.at(-1) as Column, batch.rows));
      setStored(rows, batch.rows);
    });
    this.#due_ms ??= this.#clock.now_ms() + this.#spec.every_ms;
  }

  close(): void {
    this.#table.free();
    this.#keys.free();
  }

  #emit(): void {
    this.#due_ms = null;
    staged(() => {
      const { rows, count } = this.#table.allRows();
      this.#table.meet(rows, count);
      // What is taken back goes first: a row may have the key of one that comes.
      this.#hand(rows, count, (weight) => weight < 0n);
      this.#hand(rows, count, (weight) => weight > 0n);
    });
  }

  #hand(rows: Pointer, count: number, isWanted: (weight: bigint) => boolean): void {
    const { staging, heap } = kernels();
    const chosen = staging.bytes(count * 4);
    const { u32, i64 } = heap();
    const weights = new Int32Array(count);
    let n = 0;
    for (let i = 0; i < count; i++) {
      const row = u32[(rows >>> 2) + i] as number;
      const at = (row + this.#weight) >>> 3;
      const weight = i64[at] as bigint;
      if (!isWanted(weight)) continue;
      u32[(chosen >>> 2) + n] = row;
      weights[n++] = Number(weight);
      i64[at] = 0n;
    }
    if (n === 0) return;
    this.#table.mark(chosen, n);
    const net: Batch = { rows: n, columns: this.#keys.decode(chosen, n), weights: weights.subarray(0, n) };
    this.#output.batch(this.#spec.changelog ? net : repeated(net, weights));
  }

  /** Ends rows of weight 0; those that the last checkpoint holds. */
  #eraseEmpty(): Batch | null {
    const { staging, heap } = kernels();
    const { rows, count } = this.#table.allRows();
    const empty = staging.bytes(count * 4);
    const { u32, i64 } = heap();
    let n = 0;
    for (let i = 0; i < count; i++) {
      const row = u32[(rows >>> 2) + i] as number;
      if (i64[(row + this.#weight) >>> 3] === 0n) u32[(empty >>> 2) + n++] = row;
    }
    return n === 0 ? null : eraseRows(this.#table, empty, n, this.#deleted);
  }

  #stateRows(rows: Pointer, count: number): Batch {
    const values = gathered(rows, count, this.#weight);
    return { rows: count, columns: [...this.#keys.decode(rows, count), { phys: "i64", values, validity: null }], weights: null };
  }
}
