import type { Column } from "../../contract/batch.ts";
import { ColumnBuffer } from "../../kernels/column-buffer.ts";
import { kernels, type Pointer } from "../../kernels/kernels.ts";
import { stageIntegers } from "../../kernels/stage-column.ts";
import type { Accumulator } from "./definition.ts";
import type { AggregateInput } from "./input.ts";
import { gathered, negated } from "./row-words.ts";

const counter_bytes = 8;

/** A staged mask for each counter: which rows it counts. */
export type CounterMasks = (input: AggregateInput) => readonly Pointer[];

/** Accumulators that are a few 64-bit counters, each over a mask of its own. */
export abstract class Counters implements Accumulator {
  readonly bytes: number;
  protected readonly offset: number;
  private readonly masks: CounterMasks;
  private readonly stored: readonly ColumnBuffer[];

  constructor(offset: number, count: number, masks: CounterMasks) {
    this.offset = offset;
    this.bytes = count * counter_bytes;
    this.masks = masks;
    this.stored = Array.from({ length: count }, () => new ColumnBuffer());
  }

  abstract finish(rows: Pointer, count: number): Column;

  add(rows: Pointer, count: number, input: AggregateInput): void {
    for (const [i, mask] of this.masks(input).entries()) kernels().run.addCount(rows, count, this.at(i), mask, input.weights);
  }

  merge(rows: Pointer, count: number, columns: readonly Column[]): void {
    for (const [i, column] of columns.entries()) kernels().run.addCounters(rows, count, this.at(i), stageIntegers(column, count));
  }

  mergeRows(into: Pointer, from: Pointer, count: number): void {
    for (const i of this.stored.keys()) kernels().run.addCounters(into, count, this.at(i), gathered(from, count, this.at(i)));
  }

  unmergeRows(into: Pointer, from: Pointer, count: number): void {
    for (const i of this.stored.keys()) kernels().run.addCounters(into, count, this.at(i), negated(from, count, this.at(i)));
  }

  store(rows: Pointer, count: number): readonly Column[] {
    return this.stored.map((buffer, i) => buffer.i64(gathered(rows, count, this.at(i)), count, null));
  }

  /** Counter i of each row, staged. */
  protected counter(rows: Pointer, count: number, i: number): Pointer {
    return gathered(rows, count, this.at(i));
  }

  private at(i: number): number {
    return this.offset + i * counter_bytes;
  }
}
