import type { Batch, Column } from "../contract/batch.ts";
import type { GroupAggregateSpec } from "../contract/job-graph.ts";
import type { Operator, OperatorContext, OperatorDefinition, OperatorSnapshot, Output, Watermark } from "../contract/operator.ts";
import { bigint, type Field, type Schema } from "../contract/types.ts";
import type { Clock } from "../contract/world.ts";
import { StagedColumns } from "../functions/aggregate/input.ts";
import { accumulatorSchema, emptyAccumulators } from "../functions/aggregate/registry.ts";
import { BatchBuilder } from "../exchange/batch-builder.ts";
import { kernels, type Pointer } from "../kernels/kernels.ts";
import { stageIntegers } from "../kernels/stage-column.ts";
import { AggregateLayout, AggregateTable } from "../state/aggregate-table.ts";
import { rowHeader_bytes } from "../state/key-layout.ts";
import { GroupValues, groupsVersion, storedInGroups, valueTables } from "./group-values.ts";
import { GroupTtl } from "../state/group-ttl.ts";
import { eraseRows } from "../state/erase-rows.ts";
import { FrozenGroups } from "../state/frozen-groups.ts";
import { setStored, staged, stagedRows, touchedRows } from "../state/group-table.ts";

/** Behind the accumulators of a group: how many input rows it holds now. */
const count_bytes = 8;
/** Batches are told apart by a stamp in each row that they touch (u32, not 0). */
const stamp_max = 0xffff_ffff;
const groupsTable = "groups";

const keyFields = (spec: GroupAggregateSpec, input: Schema): readonly Field[] => spec.keys.map((key) => input.columns[key] as Field);

export const groupAggregate: OperatorDefinition<GroupAggregateSpec> = {
  op: "groupAggregate",
  doc: "Aggregates per key without a window; emits a changelog, compacted per batch. Keeps one row per group for ever.",
  stateTables: (spec, [input]) => [
    {
      name: groupsTable,
      version: groupsVersion(spec.aggregates),
      columns: [...keyFields(spec, input as Schema), ...accumulatorSchema(storedInGroups(spec.aggregates)), { name: "rows", type: bigint }],
      keyColumns: spec.keys.length,
      ...(spec.changelog === true ? {} : { defaults: [...spec.keys.map(() => undefined), ...emptyAccumulators(spec.aggregates)] }),
      redistribution: { kind: "keyed", distribution: spec.keys.map((_, i) => i) },
    },
    ...valueTables(spec, input as Schema),
  ],
  create: (spec, context, output) => new GroupAggregate(spec, context, output),
};

/**
 * A batch touches some groups: their old results are taken back before the batch is added, their new ones sent after it.
 * A group whose last row was taken back stays as an empty row until the next snapshot, which deletes it: so a group that comes
 * back in between is one change of one row.
 */
class GroupAggregate implements Operator {
  readonly #spec: GroupAggregateSpec;
  readonly #output: Output;
  readonly #layout: AggregateLayout;
  readonly #table: AggregateTable;
  readonly #values: GroupValues;
  /** Without keys there is one group, which is there even when it is empty. */
  readonly #global: boolean;
  /** Addresses of groups that lost their last row since the last snapshot. */
  readonly #empty = new Set<number>();
  readonly #deleted: BatchBuilder;
  readonly #ttl: GroupTtl | null;
  readonly #clock: Clock;
  #stamp = 0;
  #restored = false;

  constructor(spec: GroupAggregateSpec, context: OperatorContext, output: Output) {
    const input = context.inputs[0] as Schema;
    this.#spec = spec;
    this.#output = output;
    this.#layout = new AggregateLayout(
      spec.keys.map((key) => (input.columns[key] as Field).type),
      spec.aggregates,
      count_bytes + (spec.ttl_ms === undefined ? 0 : GroupTtl.bytes),
    );
    this.#table = new AggregateTable(this.#layout);
    this.#values = new GroupValues(spec, this.#table);
    this.#deleted = new BatchBuilder({ columns: keyFields(spec, input) });
    this.#global = spec.keys.length === 0;
    const isTimed = spec.ttl_ms !== undefined && !this.#global;
    this.#ttl = isTimed ? new GroupTtl(spec.ttl_ms, this.#table, this.#layout.extraOffset + count_bytes) : null;
    this.#clock = context.world.clock;
  }

  open(): void {
    if (!this.#global || this.#restored) return;
    staged(() => this.#emit(this.#table.group([], 1), 1, 1));
  }

  batch(batch: Batch): void {
    staged(() => {
      const { run, staging } = kernels();
      const keys = this.#spec.keys.map((key) => batch.columns[key] as Column);
      const rows = this.#table.group(keys, batch.rows);
      const touched = staging.bytes(batch.rows * 4);
      this.#stamp = (this.#stamp % stamp_max) + 1;
      const count = touchedRows(rows, batch.rows, this.#stamp, touched);
      if (this.#ttl !== null) this.#forget(this.#ttl.touch(touched, count, this.#clock.now_ms()));
      this.#emit(touched, count, -1);
      const columns = new StagedColumns(batch.columns, batch.rows, batch.weights);
      this.#layout.aggregates.add(rows, columns);
      run.addCount(rows, batch.rows, this.#layout.extraOffset, 0, columns.weights);
      if (batch.weights !== null) {
        if (this.#ttl !== null) this.#forget(this.#overdrawn(touched, count));
        this.#clearEmpty(touched, count);
      }
      this.#emit(touched, count, 1);
    });
  }

  tick(now_ms: number): void {
    if (this.#ttl === null) return;
    const ttl = this.#ttl;
    staged(() => this.#forget(ttl.expired(now_ms)));
  }

  watermark(watermark: Watermark): void {
    this.#output.watermark(watermark);
  }

  idle(idle: boolean): void {
    this.#output.idle(idle);
  }

  /** The columns are borrowed: the task encodes them before anything else runs here. */
  snapshot(): OperatorSnapshot {
    return staged(() => {
      const values = this.#values.snapshot();
      const deletes = this.#eraseEmpty();
      const rest = FrozenGroups.of([{ table: this.#table, tag: null }], (rows, count) => this.#stateRows(rows, count));
      return { deltas: [{ table: groupsTable, puts: null, deletes, rest }, ...values] };
    });
  }

  restore(table: string, batch: Batch): void {
    this.#restored = true;
    const keys = this.#spec.keys.length;
    staged(() => {
      if (this.#values.restore(table, batch)) return;
      const rows = this.#table.find(batch.columns.slice(0, keys), batch.rows, { insert: true, mark: false });
      this.#layout.aggregates.mergeOthers(rows, batch.rows, batch.columns.slice(keys, -1));
      kernels().run.addCounters(rows, batch.rows, this.#layout.extraOffset, stageIntegers(batch.columns.at(-1) as Column, batch.rows));
      setStored(rows, batch.rows);
    });
  }

  close(): void {
    this.#values.close();
    this.#table.free();
    this.#layout.free();
  }

  /** Results of the groups that hold rows, with one weight for all. */
  #emit(rows: Pointer, count: number, weight: 1 | -1): void {
    const { run, staging } = kernels();
    const live = this.#global ? rows : staging.bytes(count * 4);
    const n = this.#global ? count : run.rowsPositive(rows, count, this.#layout.extraOffset, live);
    if (n === 0) return;
    const columns = [...this.#layout.keys.decode(live, n), ...this.#layout.aggregates.finish(live, n)];
    this.#output.batch({ rows: n, columns, weights: new Int32Array(n).fill(weight) });
  }

  /** Groups whose rows had been forgotten when they were taken back. */
  #overdrawn(touched: Pointer, count: number): readonly number[] {
    const { u32, i64 } = kernels().heap();
    const rows = Array.from(u32.subarray(touched >>> 2, (touched >>> 2) + count));
    return rows.filter((row) => (i64[(row + this.#layout.extraOffset) >>> 3] as bigint) < 0n);
  }

  /** Makes groups as if they had no rows. */
  #forget(groups: readonly number[]): void {
    if (groups.length === 0) return;
    const rows = stagedRows(groups);
    this.#table.meet(rows, groups.length);
    for (const row of groups) kernels().heap().i64[(row + this.#layout.extraOffset) >>> 3] = 0n;
    this.#clearEmpty(rows, groups.length);
  }

  /** Groups without rows lose their accumulators: what is left of floats after taking rows back must not live on. */
  #clearEmpty(touched: Pointer, count: number): void {
    if (this.#global) return;
    const { extraOffset, keys } = this.#layout;
    const { u32 } = kernels().heap();
    for (let i = 0; i < count; i++) {
      const row = u32[(touched >>> 2) + i] as number;
      if (!this.#isEmpty(row)) continue;
      this.#layout.aggregates.release(touched + 4 * i, 1);
      kernels()
        .heap()
        .u8.fill(0, row + rowHeader_bytes + 8 * keys.keyWords, row + extraOffset);
      this.#empty.add(row);
    }
  }

  /** Ends the groups that are still empty; the keys of those that the last checkpoint holds. */
  #eraseEmpty(): Batch | null {
    const empty = [...this.#empty].filter((row) => this.#isEmpty(row));
    this.#empty.clear();
    return empty.length === 0 ? null : eraseRows(this.#table, stagedRows(empty), empty.length, this.#deleted);
  }

  #isEmpty(row: number): boolean {
    const { i32 } = kernels().heap();
    const at = (row + this.#layout.extraOffset) >>> 2;
    return i32[at] === 0 && i32[at + 1] === 0;
  }

  #stateRows(rows: Pointer, count: number): Batch {
    const { run, staging, heap } = kernels();
    const counts = staging.bytes(count * 8);
    run.gather64(rows, count, this.#layout.extraOffset, counts);
    const held = heap().i64.slice(counts >>> 3, (counts >>> 3) + count);
    const columns: Column[] = [
      ...this.#layout.keys.decode(rows, count),
      ...this.#layout.aggregates.storeOthers(rows, count),
      { phys: "i64", values: held, validity: null },
    ];
    return { rows: count, columns, weights: null };
  }
}
