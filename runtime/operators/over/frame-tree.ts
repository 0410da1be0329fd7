import type { Column } from "../../contract/batch.ts";
import { StagedColumns } from "../../functions/aggregate/input.ts";
import { kernels, type Pointer } from "../../kernels/kernels.ts";
import type { AggregateSet } from "../../state/aggregate-set.ts";
import { IntList } from "../../state/int-list.ts";
import { grownInts } from "../../state/slots/slot-column.ts";
import type { FramePart } from "./frame-bounds.ts";
import type { Positions } from "./positions.ts";

/**
 * Aggregates over frames, for any aggregate that can be merged (segment trees, as DuckDB has them): leaves are single rows, a node
 * holds two of the level below, a frame is the merge of at most two nodes a level. All positions go through a level at once.
 *
 * A tree begins with its partition, so that a frame's value depends on its partition's rows alone, and on nothing that is computed along:
 * sums of doubles must come out the same when a row is taken back.
 */
export class FrameTree {
  readonly #set: AggregateSet;
  readonly #row_bytes: number;
  // Of the evaluation at hand; kept, as they are many and grow with the positions.
  readonly #heads = new Merges();
  readonly #tails: Merges[] = [];
  readonly #pairs = new Merges();
  #left: Int32Array = new Int32Array(0);
  #right: Int32Array = new Int32Array(0);

  /** `row_bytes`: of rows that have room for the set's accumulators at its offset. */
  constructor(set: AggregateSet, row_bytes: number) {
    this.#set = set;
    this.#row_bytes = row_bytes;
  }

  /**
   * A column per call with a value per position, in arrays that the next call reuses. `columns`: the calls' arguments by position.
   * `carried`: each frame goes on from its partition's row, which then holds what the partition's last frame does. Under a staging mark
   * of the caller.
   */
  values(
    columns: readonly Column[],
    positions: Positions,
    parts: readonly FramePart[],
    carried: CarriedRows | null = null,
  ): readonly Column[] {
    const { count } = positions;
    const levels = this.#build(columns, positions);
    const results = this.#rows(count);
    if (carried !== null) this.#set.mergeRows(addresses(results, count), spread(carried.rows, positions), count);
    for (const part of parts) this.#mergeFrames(levels, positions, part, results);
    const finished = this.#set.finish(addresses(results, count), count);
    if (carried !== null) this.#carry(carried, results, positions);
    if (this.#set.holdsMore) {
      for (const { base, nodes } of [...levels, { base: results, nodes: count }]) this.#set.release(addresses(base, nodes), nodes);
    }
    return finished;
  }

  #rows(nodes: number): Rows {
    const { staging, heap } = kernels();
    const stride = this.#row_bytes;
    const start = staging.bytes(nodes * stride);
    heap().u8.fill(0, start, start + nodes * stride);
    return { start, stride };
  }

  #carry({ rows, clear }: CarriedRows, results: Rows, { starts, count }: Positions): void {
    clear();
    const last = new IntList();
    for (let k = 0; k < starts.length; k++) last.push((k + 1 < starts.length ? (starts.values[k + 1] as number) : count) - 1);
    this.#set.mergeRows(rows, addressesOf(results, last), last.length);
  }

  #build(columns: readonly Column[], positions: Positions): readonly Level[] {
    const { count } = positions;
    const leaves: Level = { base: this.#rows(count), nodes: count, first: positions.starts.values.slice(0, positions.starts.length) };
    this.#set.add(addresses(leaves.base, count), new StagedColumns(columns, count));
    const levels = [leaves];
    for (let below = leaves; ; ) {
      const next = this.#parents(below, positions);
      if (next === null) return levels;
      levels.push(next);
      below = next;
    }
  }

  /** null when every partition has come down to one node. */
  #parents(below: Level, positions: Positions): Level | null {
    const { starts } = positions;
    const first = new Int32Array(starts.length);
    const pairs = this.#pairs;
    pairs.clear();
    let nodes = 0;
    let merges = false;
    for (let k = 0; k < starts.length; k++) {
      const own = below.first[k] as number;
      const size = (below.first[k + 1] ?? below.nodes) - own;
      merges ||= size > 1;
      first[k] = nodes;
      for (let i = 0; i < size; i++) pairs.push(nodes + (i >> 1), own + i);
      nodes += (size + 1) >> 1;
    }
    if (!merges) return null;
    const level: Level = { base: this.#rows(nodes), nodes, first };
    this.#merge(level.base, pairs.into, below.base, pairs.from);
    return level;
  }

  /** Up on the left side of each frame, down on its right: nodes are merged in the order of their rows. */
  #mergeFrames(levels: readonly Level[], positions: Positions, { low, high }: FramePart, results: Rows): void {
    const { count, partitionStart } = positions;
    const partition = partitionNumbers(positions);
    const [left, right] = this.#scratch(count);
    for (let p = 0; p < count; p++) {
      const start = partitionStart.values[p] as number;
      left[p] = (low[p] as number) - start;
      right[p] = (high[p] as number) - start;
    }
    for (const [k, level] of levels.entries()) {
      const heads = this.#heads;
      const tail = this.#tail(k);
      heads.clear();
      for (let p = 0; p < count; p++) {
        let l = left[p] as number;
        let r = right[p] as number;
        if (l >= r) continue;
        const first = level.first[partition[p] as number] as number;
        if ((l & 1) === 1) heads.push(p, first + l++);
        if (l < r && (r & 1) === 1) tail.push(p, first + --r);
        left[p] = l >> 1;
        right[p] = r >> 1;
      }
      this.#merge(results, heads.into, level.base, heads.from);
    }
    for (let k = levels.length - 1; k >= 0; k--) {
      const { into, from } = this.#tails[k] as Merges;
      this.#merge(results, into, (levels[k] as Level).base, from);
    }
  }

  #tail(level: number): Merges {
    const known = this.#tails[level];
    if (known === undefined) this.#tails.push(new Merges());
    else known.clear();
    return this.#tails[level] as Merges;
  }

  /** Two lists of at least so many integers. */
  #scratch(count: number): readonly [Int32Array, Int32Array] {
    this.#left = grownInts(this.#left, count);
    this.#right = grownInts(this.#right, count);
    return [this.#left, this.#right];
  }

  /** An address may come more than once in `into`, in order. */
  #merge(target: Rows, into: IntList, source: Rows, from: IntList): void {
    if (into.length === 0) return;
    this.#set.mergeRows(addressesOf(target, into), addressesOf(source, from), into.length);
  }
}

/** Rows of partitions, as a staged array of their addresses, that frames go on from. */
export interface CarriedRows {
  readonly rows: Pointer;
  /** Takes their accumulators back to nothing. */
  readonly clear: () => void;
}

/** Nodes to be merged into others, by number. */
class Merges {
  readonly into = new IntList();
  readonly from = new IntList();

  push(into: number, from: number): void {
    this.into.push(into);
    this.from.push(from);
  }

  clear(): void {
    this.into.clear();
    this.from.clear();
  }
}

/** Packed rows, one behind the other. */
interface Rows {
  readonly start: Pointer;
  readonly stride: number;
}

/** `first`: the first node of each partition. */
interface Level {
  readonly base: Rows;
  readonly nodes: number;
  readonly first: Int32Array;
}

function addresses({ start, stride }: Rows, count: number): Pointer {
  const { staging, heap } = kernels();
  const pointer = staging.bytes(count * 4);
  const { u32 } = heap();
  for (let i = 0; i < count; i++) u32[(pointer >>> 2) + i] = start + i * stride;
  return pointer;
}

function addressesOf({ start, stride }: Rows, { values, length }: IntList): Pointer {
  const { staging, heap } = kernels();
  const pointer = staging.bytes(length * 4);
  const { u32 } = heap();
  for (let i = 0; i < length; i++) u32[(pointer >>> 2) + i] = start + (values[i] as number) * stride;
  return pointer;
}

/** Its partition's address for each position. */
function spread(rows: Pointer, positions: Positions): Pointer {
  const { staging, heap } = kernels();
  const pointer = staging.bytes(positions.count * 4);
  const numbers = partitionNumbers(positions);
  const { u32 } = heap();
  for (let p = 0; p < positions.count; p++) u32[(pointer >>> 2) + p] = u32[(rows >>> 2) + (numbers[p] as number)] as number;
  return pointer;
}

function partitionNumbers({ starts, count }: Positions): Int32Array {
  const numbers = new Int32Array(count);
  for (let k = 0; k < starts.length; k++) numbers.fill(k, starts.values[k], k + 1 < starts.length ? starts.values[k + 1] : count);
  return numbers;
}
