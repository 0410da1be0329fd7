import type { Column } from "../contract/batch.ts";
import type { AggregateCall } from "../contract/job-graph.ts";
import { CollectAccumulator } from "../functions/aggregate/collect.ts";
import type { Accumulator, AccumulatorPlace } from "../functions/aggregate/definition.ts";
import { DistinctAccumulator } from "../functions/aggregate/distinct.ts";
import type { StagedColumns } from "../functions/aggregate/input.ts";
import { accumulatorFields, aggregateOf } from "../functions/aggregate/registry.ts";
import { ValueChains } from "../functions/aggregate/value-chains.ts";
import type { Pointer } from "../kernels/kernels.ts";
import { StringDictionary } from "./string-dictionary.ts";

/**
 * The aggregate calls of one operator over packed rows: where each accumulator lies in a row, and the passes over row addresses.
 * It knows nothing of keys or tables; rows of several tables of one layout may be mixed in one call.
 */
export class AggregateSet {
  readonly calls: readonly AggregateCall[];
  /** Bytes of all accumulators in a row, behind `offset`. */
  readonly bytes: number;
  private readonly accumulators: readonly Accumulator[];
  /** Where a plain count(*) lies in each row, if there is one: a caller that counts rows too need not. */
  readonly countStarOffset: number | null;
  private readonly fieldCounts: readonly number[];
  private readonly dictionary = new StringDictionary();
  /** Accumulators that keep values: checkpoints may hold those one by one. */
  readonly chains: readonly ValueChains[];

  /** `offset`: where the accumulators begin in a row. */
  constructor(calls: readonly AggregateCall[], offset: number) {
    this.calls = calls;
    this.fieldCounts = calls.map((call) => accumulatorFields(call).length);
    let at = offset;
    let countStarOffset: number | null = null;
    this.accumulators = calls.map((call) => {
      if (isPlainCount(call)) countStarOffset = at;
      const place = { offset: at, dictionary: this.dictionary };
      const accumulator = accumulatorOf(call, place);
      at += accumulator.bytes;
      return accumulator;
    });
    this.bytes = at - offset;
    this.chains = this.accumulators.filter((accumulator) => accumulator instanceof ValueChains);
    this.countStarOffset = countStarOffset;
  }

  /** Adds row i of the batch to the accumulators of rows[i]. Calls' argument and filter numbers are columns of the batch. */
  add(rows: Pointer, staged: StagedColumns): void {
    this.dictionary.collect();
    for (const [i, accumulator] of this.accumulators.entries()) {
      const { filter } = this.calls[i] as AggregateCall;
      const mask = filter === null ? 0 : staged.truth(filter);
      accumulator.add(rows, staged.rows, { staged, mask, weights: staged.weights });
    }
  }

  /** Adds accumulators given as columns, those of `accumulatorSchema(calls)` in order, row i to rows[i]. */
  merge(rows: Pointer, count: number, columns: readonly Column[]): void {
    this.dictionary.collect();
    let at = 0;
    for (const [i, accumulator] of this.accumulators.entries()) {
      const fields = this.fieldCounts[i] as number;
      accumulator.merge(rows, count, columns.slice(at, at + fields));
      at += fields;
    }
  }

  /** Adds the accumulators of the row from[i] to those of into[i]. */
  mergeRows(into: Pointer, from: Pointer, count: number): void {
    for (const accumulator of this.accumulators) accumulator.mergeRows(into, from, count);
  }

  /** Whether every accumulator can be taken out of another one again. */
  get canUnmerge(): boolean {
    return this.accumulators.every((accumulator) => accumulator.unmergeRows !== undefined);
  }

  /** Whether it makes no difference how rows are put together, in order: sums of doubles are another story. */
  get isAssociative(): boolean {
    return this.accumulators.every(
      (accumulator, i) => accumulator.unmergeRows !== undefined || extremes.has((this.calls[i] as AggregateCall).name),
    );
  }

  /** Takes the accumulators of the row from[i] out of those of into[i]; only if `canUnmerge`. */
  unmergeRows(into: Pointer, from: Pointer, count: number): void {
    for (const accumulator of this.accumulators) accumulator.unmergeRows?.(into, from, count);
  }

  /** The accumulators as columns of `accumulatorSchema(calls)`, in arrays that the next call reuses. */
  store(rows: Pointer, count: number): Column[] {
    return this.accumulators.flatMap((accumulator) => accumulator.store(rows, count));
  }

  /** `store` and `merge` of those calls only that keep no values. */
  storeOthers(rows: Pointer, count: number): Column[] {
    return this.accumulators.flatMap((accumulator) => (accumulator instanceof ValueChains ? [] : accumulator.store(rows, count)));
  }

  mergeOthers(rows: Pointer, count: number, columns: readonly Column[]): void {
    this.dictionary.collect();
    let at = 0;
    for (const [i, accumulator] of this.accumulators.entries()) {
      if (accumulator instanceof ValueChains) continue;
      const fields = this.fieldCounts[i] as number;
      accumulator.merge(rows, count, columns.slice(at, at + fields));
      at += fields;
    }
  }

  /** One column per call, of the call's type, in arrays that the next call reuses. */
  finish(rows: Pointer, count: number): Column[] {
    return this.accumulators.map((accumulator) => accumulator.finish(rows, count));
  }

  /** Whether rows hold anything outside of themselves, so that `release` must be called before they end. */
  get holdsMore(): boolean {
    return this.accumulators.some((accumulator) => accumulator.release !== undefined);
  }

  release(rows: Pointer, count: number): void {
    for (const accumulator of this.accumulators) accumulator.release?.(rows, count);
  }

  free(): void {
    for (const accumulator of this.accumulators) accumulator.free?.();
    this.dictionary.free();
  }
}

const extremes: ReadonlySet<string> = new Set(["min", "max", "bool_and", "bool_or", "bit_and", "bit_or", "bit_xor"]);

function accumulatorOf(call: AggregateCall, place: AccumulatorPlace): Accumulator {
  if (call.collect !== undefined) return new CollectAccumulator(call, place);
  return call.distinct ? new DistinctAccumulator(call, place) : aggregateOf(call).create(call, place);
}

export const isPlainCount = (call: AggregateCall): boolean => call.name === "count_star" && !call.distinct && call.filter === null;
