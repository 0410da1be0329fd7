import type { Batch, Column } from "../../contract/batch.ts";
import type { AsofComparison } from "../../contract/time-joins.ts";
import type { RowsInOrder } from "../../state/partition-order.ts";
import type { RowTable } from "../../state/row-table.ts";
import { type CompareRows, compareKey } from "../../state/value-order.ts";

const none = -1;

/** The right row that a left one is joined with, given the right rows of its key in the order of their times, NULLs first. */
export class Nearest {
  readonly #right: RowTable;
  /** The match is in front of the first right row that is not before (`isBefore`) the left one; else it is that row. */
  readonly #looksBack: boolean;
  readonly #isBefore: (difference: number) => boolean;
  readonly #compare: CompareRows;
  readonly #rightTime: Column;
  readonly #leftTime: Column;

  /** Good until either table gets rows. `left` and `right` hold the columns; the comparison is `left time OP right time`. */
  constructor(comparison: AsofComparison, left: Batch, leftTime: number, right: RowTable, rightTime: number) {
    this.#right = right;
    this.#leftTime = left.columns[leftTime] as Column;
    this.#rightTime = right.rows().columns[rightTime] as Column;
    this.#compare = compareKey({ descending: false, nullsFirst: true }, this.#rightTime, this.#leftTime);
    this.#looksBack = comparison === ">=" || comparison === ">";
    const equalIsBefore = comparison === ">=" || comparison === "<";
    this.#isBefore = equalIsBefore ? (difference) => difference <= 0 : (difference) => difference < 0;
  }

  /** -1 where there is none: a NULL time has no neighbour and is none. */
  of(row: number, { rows, length }: RowsInOrder): number {
    if (this.#leftTime.validity !== null && this.#leftTime.validity[row] === 0) return none;
    let low = 0;
    let high = length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#isBefore(this.#compare(rows[middle] as number, row))) low = middle + 1;
      else high = middle;
    }
    const step = this.#looksBack ? -1 : 1;
    // Rows that were taken back before they came stand among them.
    for (let i = this.#looksBack ? low - 1 : low; i >= 0 && i < length; i += step) {
      const found = rows[i] as number;
      if (this.#right.countOf(found) > 0) return this.#rightTime.validity?.[found] === 0 ? none : found;
    }
    return none;
  }
}
