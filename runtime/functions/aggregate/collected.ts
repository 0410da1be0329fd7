import type { Column } from "../../contract/batch.ts";
import { columnOf, valueAt } from "../../contract/rows.ts";
import type { SqlType } from "../../contract/types.ts";
import type { Value } from "../../contract/value.ts";
import { kernels, type Pointer } from "../../kernels/kernels.ts";
import { Cells } from "./cells.ts";
import type { Accumulator } from "./definition.ts";
import { type AggregateInput, validMask } from "./input.ts";

/** How values of one argument come together in a JavaScript value. */
export interface Collector<S> {
  readonly ignoresNulls: boolean;
  /** `state` is undefined for the first value. */
  add(state: S | undefined, value: Value): S;
  merge(state: S | undefined, later: S): S;
  /** Of the result's and the accumulator's type alike. */
  toValue(state: S): Value;
  ofValue(value: Value): S;
}

/** Accumulators whose state is a JavaScript value per group: for what has no fixed size. */
export class Collected<S> implements Accumulator {
  readonly bytes = 8;
  private readonly argument: number;
  private readonly argumentType: SqlType;
  private readonly type: SqlType;
  private readonly collector: Collector<S>;
  private readonly cells: Cells<S>;

  constructor(offset: number, argument: number, argumentType: SqlType, type: SqlType, collector: Collector<S>) {
    this.argument = argument;
    this.argumentType = argumentType;
    this.type = type;
    this.collector = collector;
    this.cells = new Cells(offset);
  }

  add(rows: Pointer, count: number, input: AggregateInput): void {
    const column = input.staged.column(this.argument);
    const mask = this.collector.ignoresNulls ? validMask(input, [this.argument]) : input.mask;
    const { u8 } = kernels().heap();
    for (let i = 0; i < count; i++) {
      if (mask !== 0 && u8[mask + i] === 0) continue;
      this.cells.set(rows, i, this.collector.add(this.cells.get(rows, i), valueAt(this.argumentType, column, i)));
    }
  }

  merge(rows: Pointer, count: number, columns: readonly Column[]): void {
    for (let i = 0; i < count; i++) {
      const value = valueAt(this.type, columns[0] as Column, i);
      if (value !== null) this.cells.set(rows, i, this.collector.merge(this.cells.get(rows, i), this.collector.ofValue(value)));
    }
  }

  mergeRows(into: Pointer, from: Pointer, count: number): void {
    for (let i = 0; i < count; i++) {
      const state = this.cells.get(from, i);
      // Through its value, as the rows go on changing apart from each other.
      if (state !== undefined) this.cells.set(into, i, this.collector.merge(this.cells.get(into, i), this.copy(state)));
    }
  }

  store(rows: Pointer, count: number): readonly Column[] {
    return [this.finish(rows, count)];
  }

  finish(rows: Pointer, count: number): Column {
    const values = Array.from({ length: count }, (_, i) => {
      const state = this.cells.get(rows, i);
      return state === undefined ? null : this.collector.toValue(state);
    });
    return columnOf(this.type, values);
  }

  release(rows: Pointer, count: number): void {
    this.cells.release(rows, count);
  }

  private copy(state: S): S {
    return this.collector.ofValue(this.collector.toValue(state));
  }
}
