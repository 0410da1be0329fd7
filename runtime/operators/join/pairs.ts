import type { Batch } from "../../contract/batch.ts";
import { grownInts } from "../../state/slots/slot-column.ts";
import type { PairFilter } from "../pair-filter.ts";
import type { Side, SideNumber } from "./side.ts";

const pairs_max = 4_096;

/** Gets row numbers of the left and of the right table, `count` of each; they are reused. */
export type VisitPairs = (left: Int32Array, right: Int32Array, count: number) => void;

/** Lists the pairs that rows of one side make with the rows of the other side that have their key. */
export class Pairs {
  readonly #sides: readonly [Side, Side];
  readonly #nullsMatch: readonly boolean[];
  readonly #lists = [new Int32Array(pairs_max), new Int32Array(pairs_max)] as const;
  #groups: Int32Array = new Int32Array(0);

  constructor(sides: readonly [Side, Side], nullsMatch: readonly boolean[]) {
    this.#sides = sides;
    this.#nullsMatch = nullsMatch;
  }

  /** Pairs of the first `count` of `rows`, which are rows of side `own`. */
  list(own: SideNumber, rows: Int32Array, count: number, visit: VisitPairs): void {
    const other = this.#sides[own === 0 ? 1 : 0].table;
    const [left, right] = this.#lists;
    const [ofOwn, ofOther] = own === 0 ? [left, right] : [right, left];
    this.#groups = grownInts(this.#groups, count);
    other.findGroupsOf(this.#sides[own].table, rows, count, this.#nullsMatch, this.#groups);
    let pairs = 0;
    for (let i = 0; i < count; i++) {
      for (let match = other.firstOf(this.#groups[i] as number); match >= 0; match = other.nextOf(match)) {
        ofOwn[pairs] = rows[i] as number;
        ofOther[pairs] = match;
        if (++pairs < pairs_max) continue;
        visit(left, right, pairs);
        pairs = 0;
      }
    }
    if (pairs > 0) visit(left, right, pairs);
  }

  /** Keeps the pairs for which a condition holds at the front of both lists; returns how many. */
  keep(filter: PairFilter, left: Int32Array, right: Int32Array, count: number, now_us: bigint): number {
    const of = (side: Side): Batch => side.table.rows();
    return filter.keep(of(this.#sides[0]), left, of(this.#sides[1]), right, count, now_us);
  }
}
