import type { Column } from "../../contract/batch.ts";
import type { AggregateCall } from "../../contract/job-graph.ts";
import type { Frame, OverCall, SortKey } from "../../contract/ordering.ts";
import { gatherColumn } from "../../expr/gather.ts";
import { type FrameInput, framesOf } from "./frame-bounds.ts";
import { AggregateSet } from "../../state/aggregate-set.ts";
import type { Fronts } from "./fronts.ts";
import { FrameTree } from "./frame-tree.ts";
import { pickedValues } from "./picked-values.ts";
import type { Positions } from "./positions.ts";
import { addCounts, ntileValues, rankValues } from "./rank-values.ts";
import { isRunning } from "./reach.ts";

type Aggregate = Extract<OverCall, { readonly kind: "aggregate" }>;

/** Aggregates with one frame are computed together. */
interface FrameGroup {
  readonly frame: Frame;
  readonly set: AggregateSet;
  readonly tree: FrameTree;
  /** Places among all calls. */
  readonly at: readonly number[];
  /** The columns that the calls read. */
  readonly reads: ReadonlySet<number>;
}

/** Window functions over positions. */
export class OverEvaluation {
  readonly #calls: readonly OverCall[];
  readonly #order: readonly SortKey[];
  readonly #groups: readonly FrameGroup[];

  constructor(calls: readonly OverCall[], order: readonly SortKey[]) {
    this.#calls = calls;
    this.#order = order;
    this.#groups = groupByFrame(calls);
  }

  /**
   * Whether pieces of partitions may be answered alone: however the rows of a frame are put together, an aggregate of them is the
   * same to the bit, and what goes on from the rows in front is held by accumulators alone.
   */
  get goesByPieces(): boolean {
    return this.#groups.every(({ set, frame }) => set.isAssociative && !(isRunning(frame) && set.holdsMore));
  }

  /**
   * A column per call, with a value per position, some in arrays that the next evaluation reuses. `columns`: of the stored rows.
   * `fronts`: what is in front of pieces of partitions; null: partitions are whole. Under a staging mark.
   */
  run(positions: Positions, columns: readonly Column[], fronts: Fronts | null = null): readonly Column[] {
    const input: FrameInput = { positions, columns, order: this.#order };
    const values = this.#calls.map((call) => (call.kind === "aggregate" ? null : single(call, input, fronts)));
    for (const group of this.#groups) {
      const read = readColumns(columns, group.reads, positions);
      const carried = fronts !== null && isRunning(group.frame) ? fronts.carried(group.set, group.set.bytes, columns, group.reads) : null;
      const results = group.tree.values(read, positions, framesOf(group.frame, input), carried);
      for (const [i, at] of group.at.entries()) values[at] = results[i] as Column;
    }
    return values as readonly Column[];
  }

  free(): void {
    for (const { set } of this.#groups) set.free();
  }
}

function single(call: Exclude<OverCall, Aggregate>, input: FrameInput, fronts: Fronts | null): Column {
  switch (call.kind) {
    case "rowNumber":
    case "rank": {
      const ranks = rankValues(call, input.positions);
      if (fronts !== null) addCounts(ranks, input.positions, (k) => fronts.counts.values[fronts.ofStart.values[k] as number] as number);
      return ranks;
    }
    case "ntile":
      return ntileValues(call.buckets, input);
    case "lag":
    case "lead":
    case "firstValue":
    case "lastValue":
    case "nthValue":
      return pickedValues(call, input);
    default:
      return rankValues(call, input.positions);
  }
}

function groupByFrame(calls: readonly OverCall[]): readonly FrameGroup[] {
  const byFrame = new Map<string, { readonly frame: Frame; readonly calls: AggregateCall[]; readonly at: number[] }>();
  for (const [i, call] of calls.entries()) {
    if (call.kind !== "aggregate") continue;
    const key = JSON.stringify(call.frame, (_, v: unknown) => (typeof v === "bigint" ? v.toString() : v));
    const group = byFrame.get(key) ?? { frame: call.frame, calls: [], at: [] };
    group.calls.push(call.call);
    group.at.push(i);
    byFrame.set(key, group);
  }
  return [...byFrame.values()].map((group) => {
    const set = new AggregateSet(group.calls, 0);
    return { frame: group.frame, set, tree: new FrameTree(set, set.bytes), at: group.at, reads: readsOf(group.calls) };
  });
}

/** The columns that calls read. */
export const readsOf = (calls: readonly AggregateCall[]): ReadonlySet<number> =>
  new Set(calls.flatMap((call) => [...call.arguments, ...(call.filter === null ? [] : [call.filter])]));

/** Columns by position, of those that are read. */
export const readColumns = (columns: readonly Column[], reads: ReadonlySet<number>, { rows, count }: Positions): readonly Column[] =>
  columns.map((column, c) => (reads.has(c) ? gatherColumn(column, rows.values, count) : column));
