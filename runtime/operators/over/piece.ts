import type { RowsInOrder } from "../../state/partition-order.ts";
import type { CompareRows } from "../../state/value-order.ts";
import type { Reach } from "./reach.ts";

/** Rows [from, to) of a partition in order: those whose answers a change may alter, and those that these are read from. */
export interface Piece {
  readonly from: number;
  readonly to: number;
}

/** Of `list`, in which the `changed` rows stand as they were or are. The piece begins with the first of its peers. */
export function pieceOf(
  list: RowsInOrder,
  changed: Int32Array,
  { back, forward, running }: Reach,
  order: CompareRows,
  isPeer: CompareRows,
): Piece {
  let first = list.length;
  let last = 0;
  for (const row of changed) {
    const at = lowerBound(list, row, order);
    first = Math.min(first, at);
    last = Math.max(last, at + 1);
  }
  const from = firstPeer(list, Math.max(0, firstPeer(list, first, isPeer) - forward - back), isPeer);
  return { from, to: running ? list.length : Math.min(list.length, last + back + forward) };
}

function lowerBound({ rows, length }: RowsInOrder, row: number, order: CompareRows): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (order(rows[middle] as number, row) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function firstPeer({ rows, length }: RowsInOrder, at: number, isPeer: CompareRows): number {
  let first = at;
  while (first > 0 && first < length && isPeer(rows[first - 1] as number, rows[first] as number) === 0) first--;
  return first;
}
