import type { RankFunction } from "../../contract/ordering.ts";
import type { RowsInOrder } from "../../state/partition-order.ts";
import type { CompareRows } from "../../state/value-order.ts";

/** Ranks of interest: `from` to `to`, inclusive. */
export interface RankRange {
  readonly function: RankFunction;
  readonly from: number;
  /** null: no end. */
  readonly to: number | null;
}

/** The ranks of one row's copies that are in range: `copies` of them from `rank` on, one more each for row numbers, all `rank` otherwise. */
export interface RowRank {
  rank: number;
  copies: number;
}

/** Gives rows their ranks, in order, one after the other. */
export class RankCounter {
  readonly #range: RankRange;
  readonly #to: number;
  /** Rows so far, and the rank of the last one. */
  #count = 0;
  #rank = 0;
  #last = -1;

  constructor(range: RankRange) {
    this.#range = range;
    this.#to = range.to ?? Number.POSITIVE_INFINITY;
  }

  start(): void {
    this.#count = 0;
    this.#rank = 0;
    this.#last = -1;
  }

  /** No row that comes now is in range. */
  get isDone(): boolean {
    // A row number is known before its row; ranks are at least as high as the last one, whose peers may still come.
    return this.#range.function === "rowNumber" ? this.#count >= this.#to : this.#rank > this.#to;
  }

  /** The next row, `copies` times; writes which of its ranks are in range. */
  next(row: number, copies: number, isPeer: CompareRows, into: RowRank): void {
    const { from } = this.#range;
    if (this.#range.function === "rowNumber") {
      const first = Math.max(from, this.#count + 1);
      into.rank = first;
      into.copies = Math.max(0, Math.min(this.#to, this.#count + copies) - first + 1);
    } else {
      const sharesRank = this.#last >= 0 && isPeer(this.#last, row) === 0;
      if (!sharesRank) this.#rank = this.#range.function === "rank" ? this.#count + 1 : this.#rank + 1;
      into.rank = this.#rank;
      into.copies = this.#rank >= from && this.#rank <= this.#to ? copies : 0;
    }
    this.#count += copies;
    this.#last = row;
  }
}

/** Calls `visit` for each row whose rank is in range, and `beyond` for each that is behind it. All rows are there once. */
export function rankRows(
  { rows, length }: RowsInOrder,
  counter: RankCounter,
  isPeer: CompareRows,
  visit: (row: number, rank: number) => void,
  beyond: (row: number) => void,
): void {
  const ranked: RowRank = { rank: 0, copies: 0 };
  counter.start();
  for (let i = 0; i < length; i++) {
    const row = rows[i] as number;
    if (counter.isDone) {
      beyond(row);
      continue;
    }
    counter.next(row, 1, isPeer, ranked);
    if (ranked.copies > 0) visit(row, ranked.rank);
    else if (counter.isDone) beyond(row);
  }
}
