import type { Column, ListColumn } from "../../contract/batch.ts";
import type { AggregateCall } from "../../contract/job-graph.ts";
import { bigint } from "../../contract/types.ts";
import { ColumnBuffer } from "../../kernels/column-buffer.ts";
import { kernels, type Pointer } from "../../kernels/kernels.ts";
import { stageIntegers, stageU8 } from "../../kernels/stage-column.ts";
import { GroupTable, setStored } from "../../state/group-table.ts";
import { KeyLayout, rowHeader_bytes } from "../../state/key-layout.ts";
import { StoredValues, type ValueDelta } from "../../state/stored-values.ts";
import type { Accumulator } from "./definition.ts";
import type { AggregateInput } from "./input.ts";
import { gathered } from "./row-words.ts";

/** Of a group's row: where its chain of values begins. */
export const head_bytes = 8;
const value_bytes = 16;
/** Multiplicities from which on values are listed: those that are there, and all, with those taken back before they came. */
const there = 1n;
const all = -(1n << 63n);

/** What one batch did to the values of groups. */
export interface ValueChanges {
  /** Per input row: its group. */
  readonly groups: Pointer;
  readonly count: number;
  readonly columns: readonly Column[];
  /** Per input row (i32): 1 where its value is new in the group, -1 where it is gone, else 0. */
  readonly signs: Pointer;
  /** Whether rows came with multiplicities, and so may have been taken back. */
  readonly weighted: boolean;
}

/** Accumulators that keep the argument values of each group with their multiplicities: a table of (group, values), chained by group. */
export abstract class ValueChains implements Accumulator {
  abstract readonly bytes: number;
  /** Offset of the chain's head in a group's row. */
  protected readonly head: number;
  protected readonly keys: KeyLayout;
  private readonly arguments: readonly number[];
  private readonly values: GroupTable;
  /** Of the multiplicity in rows of `values`. */
  private readonly times: number;
  private readonly timesOut = new ColumnBuffer();
  /** Where checkpoints hold each value as a row of its own. */
  private stored: StoredValues | null = null;

  constructor(call: AggregateCall, offset: number) {
    this.head = offset;
    this.arguments = call.arguments;
    this.keys = new KeyLayout([bigint, ...call.argumentTypes]);
    this.values = new GroupTable(this.keys, value_bytes);
    this.times = rowHeader_bytes + 8 * this.keys.keyWords;
  }

  protected abstract changed(changes: ValueChanges): void;
  abstract finish(rows: Pointer, count: number): Column;

  add(rows: Pointer, count: number, input: AggregateInput): void {
    const { run, staging } = kernels();
    let times = 0;
    if (input.weights !== 0) {
      times = staging.bytes(count * 8);
      run.widenI32(input.weights, count, times);
    }
    const columns = this.arguments.map((c) => input.staged.column(c));
    this.insert(rows, count, columns, times, input.mask);
  }

  merge(rows: Pointer, count: number, columns: readonly Column[]): void {
    const lists = columns as readonly ListColumn[];
    const first = lists[0] as ListColumn;
    const { owners, mask } = this.ownersOf(rows, count, first);
    const children = lists.map((list) => list.child);
    const times = stageIntegers(children.at(-1) as Column, first.childRows);
    this.insert(owners, first.childRows, children.slice(0, -1), times, mask);
  }

  mergeRows(into: Pointer, from: Pointer, count: number): void {
    const { values, owners, total } = this.chain(from, count, into, all);
    const times = gathered(values, total, this.times);
    this.insert(owners, total, this.keys.decode(values, total, 1), times, 0);
  }

  store(rows: Pointer, count: number): readonly Column[] {
    const { values, total, start, end } = this.chain(rows, count, rows, all);
    const list = (child: Column): Column => ({ phys: "list", start, end, child, childRows: total, validity: null });
    const times = this.timesOut.i64(gathered(values, total, this.times), total, null);
    return [...this.keys.decode(values, total, 1).map(list), list(times)];
  }

  /** From now on `takeChanges` says what became of each value; `groupKeys` are those of the groups' rows. */
  storeEach(groupKeys: KeyLayout): void {
    this.stored = new StoredValues(this.values, this.times, groupKeys);
  }

  storeTogether(): void {
    this.stored = null;
  }

  /** Since the last time; good until the next one. */
  takeChanges(): ValueDelta {
    return this.stored?.take() ?? { puts: null, deletes: null, rest: null };
  }

  /** Values of groups as a checkpoint holds them, with their multiplicities. */
  restoreEach(groups: Pointer, count: number, columns: readonly Column[], times: Column): void {
    const values = this.insert(groups, count, columns, stageIntegers(times, count), 0, false);
    setStored(values, count);
  }

  release(rows: Pointer, count: number): void {
    const { values, total } = this.chain(rows, count, rows, all);
    this.stored?.drop(values, total);
    this.values.erase(values, total);
    kernels().run.scatterConstant(rows, count, this.head, 0n);
  }

  free(): void {
    this.values.free();
    this.keys.free();
  }

  /** Returns the values' rows, staged; what is masked out has none. */
  private insert(groups: Pointer, count: number, columns: readonly Column[], times: Pointer, mask: Pointer, mark = true): Pointer {
    const { run, staging } = kernels();
    const values = staging.bytes(count * 4);
    const words = this.keys.encode([groupColumn(groups, count), ...columns], count);
    let selection = 0;
    let selected = count;
    if (mask !== 0) {
      selection = staging.bytes(count * 4);
      selected = run.selectMask(mask, count, selection);
    }
    this.values.lookup(words, { selection, first: 0, count: selected }, { insert: true, mark: mark && this.stored !== null }, values);
    const signs = staging.bytes(count * 4);
    run.addDistinct(values, groups, count, this.times, this.head, times, mask, signs);
    if (times !== 0) this.drop(values, count, mask);
    this.changed({ groups, count, columns, signs, weighted: times !== 0 });
    return values;
  }

  /** The values of groups, one group behind the other, with their multiplicities (i64, staged). */
  protected valuesOf(rows: Pointer, count: number) {
    const { values, owners, total, start, end } = this.chain(rows, count, rows, there);
    return { columns: this.keys.decode(values, total, 1), times: gathered(values, total, this.times), owners, total, start, end };
  }

  private drop(values: Pointer, count: number, mask: Pointer): void {
    const { run, staging } = kernels();
    const ended = staging.bytes(count * 4);
    const n = run.endedValues(values, count, this.times, mask, ended);
    this.stored?.drop(ended, n);
    this.values.erase(ended, n);
  }

  /** The values of rows that are there `least` times; for each the group among `owners` that it belongs to. */
  private chain(rows: Pointer, count: number, owners: Pointer, least: bigint) {
    const { run, staging, heap } = kernels();
    const starts = staging.bytes(count * 4);
    const ends = staging.bytes(count * 4);
    const total = run.chainRanges(rows, count, this.head, this.times, least, starts, ends);
    const values = staging.bytes(total * 4);
    const valueOwners = staging.bytes(total * 4);
    run.chainRows(rows, count, this.head, this.times, least, owners, values, valueOwners);
    const { i32 } = heap();
    const start = i32.slice(starts >>> 2, (starts >>> 2) + count);
    const end = i32.slice(ends >>> 2, (ends >>> 2) + count);
    return { values, owners: valueOwners, total, start, end };
  }

  /** The group of each child row of a list column; children of no list are masked out. */
  private ownersOf(rows: Pointer, count: number, list: ListColumn): { readonly owners: Pointer; readonly mask: Pointer } {
    const { staging, heap } = kernels();
    const owners = staging.bytes(list.childRows * 4);
    const used = new Uint8Array(list.childRows);
    const { u32 } = heap();
    for (let i = 0; i < count; i++) {
      const group = u32[(rows >>> 2) + i] as number;
      const end = list.end[i] as number;
      for (let j = list.start[i] as number; j < end; j++) {
        u32[(owners >>> 2) + j] = group;
        used[j] = 1;
      }
    }
    return { owners, mask: stageU8(used, list.childRows) };
  }
}

function groupColumn(groups: Pointer, count: number): Column {
  const { u32 } = kernels().heap();
  const values = new BigInt64Array(count);
  const halves = new Uint32Array(values.buffer);
  for (let i = 0; i < count; i++) halves[2 * i] = u32[(groups >>> 2) + i] as number;
  return { phys: "i64", values, validity: null };
}
