import type { Column, ListColumn } from "../../contract/batch.ts";
import type { AggregateCall } from "../../contract/job-graph.ts";
import { bigint } from "../../contract/types.ts";
import { ColumnBuffer } from "../../kernels/column-buffer.ts";
import { kernels, type Pointer } from "../../kernels/kernels.ts";
import { stageIntegers, stageU8 } from "../../kernels/stage-column.ts";
import { GroupTable } from "../../state/group-table.ts";
import { KeyLayout, rowHeader_bytes } from "../../state/key-layout.ts";
import type { Accumulator, AccumulatorPlace } from "./definition.ts";
import { type AggregateInput, StagedColumns } from "./input.ts";
import { aggregateOf } from "./registry.ts";
import { gathered } from "./row-words.ts";

const head_bytes = 8;
const value_bytes = 16;
const upsert = { insert: true, mark: false };

/**
 * Any aggregate over distinct values: a table of (group, values) with multiplicities lets a value through to the inner
 * aggregate when it comes first, and takes it back when its last row is retracted.
 */
export class DistinctAccumulator implements Accumulator {
  readonly bytes: number;
  private readonly arguments: readonly number[];
  private readonly inner: Accumulator;
  /** Whether the inner aggregate takes values back; else it is rebuilt when a value goes. */
  private readonly retracts: boolean;
  private readonly head: number;
  private readonly keys: KeyLayout;
  private readonly values: GroupTable;
  /** Of the multiplicity in rows of `values`. */
  private readonly times: number;
  private readonly timesOut = new ColumnBuffer();

  constructor(call: AggregateCall, place: AccumulatorPlace) {
    this.head = place.offset;
    this.arguments = call.arguments;
    // The inner aggregate reads the arguments from 0 on: `insert` hands it the argument columns alone.
    const inner = { ...call, distinct: false, filter: null, arguments: call.arguments.map((_, i) => i) };
    this.retracts = aggregateOf(call).retractable(inner);
    this.inner = aggregateOf(call).create(inner, { ...place, offset: place.offset + head_bytes });
    this.bytes = head_bytes + this.inner.bytes;
    this.keys = new KeyLayout([bigint, ...call.argumentTypes]);
    this.values = new GroupTable(this.keys, value_bytes);
    this.times = rowHeader_bytes + 8 * this.keys.keyWords;
  }

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
    const { values, owners, total } = this.chain(from, count, into);
    const times = gathered(values, total, this.times);
    this.insert(owners, total, this.keys.decode(values, total, 1), times, 0);
  }

  store(rows: Pointer, count: number): readonly Column[] {
    const { values, total, start, end } = this.chain(rows, count, rows);
    const list = (child: Column): Column => ({ phys: "list", start, end, child, childRows: total, validity: null });
    const times = this.timesOut.i64(gathered(values, total, this.times), total, null);
    return [...this.keys.decode(values, total, 1).map(list), list(times)];
  }

  finish(rows: Pointer, count: number): Column {
    return this.inner.finish(rows, count);
  }

  release(rows: Pointer, count: number): void {
    const { values, total } = this.chain(rows, count, rows);
    this.values.erase(values, total);
    kernels().run.scatterConstant(rows, count, this.head, 0n);
    this.inner.release?.(rows, count);
  }

  free(): void {
    this.values.free();
    this.keys.free();
    this.inner.free?.();
  }

  private insert(groups: Pointer, count: number, columns: readonly Column[], times: Pointer, mask: Pointer): void {
    const { run, staging } = kernels();
    const values = staging.bytes(count * 4);
    const words = this.keys.encode([groupColumn(groups, count), ...columns], count);
    let selection = 0;
    let selected = count;
    if (mask !== 0) {
      selection = staging.bytes(count * 4);
      selected = run.selectMask(mask, count, selection);
    }
    this.values.lookup(words, { selection, first: 0, count: selected }, upsert, values);
    const signs = staging.bytes(count * 4);
    run.addDistinct(values, groups, count, this.times, this.head, times, mask, signs);
    const changed = staging.bytes(count);
    run.signMask(signs, count, this.retracts ? 0 : 1, changed);
    const staged = new StagedColumns(columns, count);
    this.inner.add(groups, count, { staged, mask: changed, weights: times === 0 || !this.retracts ? 0 : signs });
    if (times === 0) return;
    this.drop(values, count, mask);
    if (!this.retracts) this.rebuild(groups, count, signs);
  }

  /** The inner aggregate anew, from the values that are left, in groups that lost one: for inner aggregates that cannot take back. */
  private rebuild(groups: Pointer, count: number, signs: Pointer): void {
    const { run, staging, heap } = kernels();
    const { i32, u32 } = heap();
    const shrunk = new Set<Pointer>();
    for (let i = 0; i < count; i++) if ((i32[(signs >>> 2) + i] as number) < 0) shrunk.add(u32[(groups >>> 2) + i] as number);
    if (shrunk.size === 0) return;
    const rows = staging.bytes(shrunk.size * 4);
    u32.set([...shrunk], rows >>> 2);
    this.inner.release?.(rows, shrunk.size);
    for (let at = 0; at < this.inner.bytes; at += 8) run.scatterConstant(rows, shrunk.size, this.head + head_bytes + at, 0n);
    const { values, owners, total } = this.chain(rows, shrunk.size, rows);
    const staged = new StagedColumns(this.keys.decode(values, total, 1), total);
    this.inner.add(owners, total, { staged, mask: 0, weights: 0 });
  }

  private drop(values: Pointer, count: number, mask: Pointer): void {
    const { run, staging } = kernels();
    const ended = staging.bytes(count * 4);
    this.values.erase(ended, run.endedValues(values, count, this.times, mask, ended));
  }

  /** All values of rows; for each the group among `owners` that it belongs to. */
  private chain(rows: Pointer, count: number, owners: Pointer) {
    const { run, staging, heap } = kernels();
    const starts = staging.bytes(count * 4);
    const ends = staging.bytes(count * 4);
    const total = run.chainRanges(rows, count, this.head, this.times, starts, ends);
    const values = staging.bytes(total * 4);
    const valueOwners = staging.bytes(total * 4);
    run.chainRows(rows, count, this.head, this.times, owners, values, valueOwners);
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
