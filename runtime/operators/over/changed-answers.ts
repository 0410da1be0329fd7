import type { Batch, Column } from "../../contract/batch.ts";
import type { Output } from "../../contract/operator.ts";
import type { Schema } from "../../contract/types.ts";
import { gatherColumn } from "../../expr/gather.ts";
import { IntList } from "../../state/int-list.ts";
import { sameRows } from "../../state/row-equality.ts";
import { RowEmitter } from "../row-emitter.ts";
import type { Positions } from "./positions.ts";

/** Positions of one partition before and after a batch: [before, after) and [after, end). */
export interface Turn {
  readonly before: number;
  readonly after: number;
  readonly end: number;
}

/** Sends the difference between the answers before and after: old ones first, only where they are others now. */
export class ChangedAnswers {
  readonly #emitter: RowEmitter;
  readonly #taken = new IntList();
  readonly #given = new IntList();

  constructor(schema: Schema, output: Output) {
    this.#emitter = new RowEmitter(schema, output);
  }

  /** `answers`: a column per call, by position; `stored` are the rows' columns, by row number. */
  send(
    turns: readonly Turn[],
    positions: Positions,
    answers: readonly Column[],
    stored: Batch,
    isBefore: (a: number, b: number) => number,
  ): void {
    const same = sameRows(answers, answers);
    for (const turn of turns) this.#compare(turn, positions.rows.values, same, isBefore);
    for (const [changed, weight] of [[this.#taken, -1] as const, [this.#given, 1] as const]) {
      this.#emit(changed, weight, positions, answers, stored);
      changed.clear();
    }
  }

  /** Both lists are in one order: a row that is in both stands at the same place of a merge. */
  #compare(
    { before, after, end }: Turn,
    rows: Int32Array,
    same: (a: number, b: number) => boolean,
    order: (a: number, b: number) => number,
  ): void {
    let old = before;
    let now = after;
    while (old < after || now < end) {
      const c = old === after ? 1 : now === end ? -1 : rows[old] === rows[now] ? 0 : order(rows[old] as number, rows[now] as number);
      if (c === 0) {
        if (!same(old, now)) {
          this.#taken.push(old);
          this.#given.push(now);
        }
        old++;
        now++;
      } else if (c < 0) this.#taken.push(old++);
      else this.#given.push(now++);
    }
  }

  #emit(changed: IntList, weight: 1 | -1, positions: Positions, answers: readonly Column[], stored: Batch): void {
    const { length } = changed;
    if (length === 0) return;
    const at = changed.values.subarray(0, length);
    const rows = at.map((p) => positions.rows.values[p] as number);
    const weights = new Int32Array(length).fill(weight);
    this.#emitter.emit(stored, rows, length, weights, (from, to) =>
      answers.map((column) => gatherColumn(column, at.subarray(from, to), to - from)),
    );
  }
}
