import { IntList } from "../../state/int-list.ts";
import { grownInts } from "../../state/slots/slot-column.ts";
import type { CompareRows } from "../../state/value-order.ts";
import { approximate_us } from "../interval-join/times.ts";

type GroupOf = (row: number) => number;

/**
 * Puts rows in groups, each group by time, then by an order that is total and begins with the time. Group, time and place make one
 * number where they fit into 53 bits, as they do of rows between two watermarks: numbers are sorted natively, and only rows of one
 * group and time are compared.
 */
export class DueOrder {
  #keys = new Float64Array(0);
  #sorted: Int32Array = new Int32Array(0);
  /** The groups at hand, and where each stands among them, if it does. */
  readonly #groups = new IntList();
  #place: Int32Array = new Int32Array(0);

  /** `times`: the words of the time column, by row. */
  sort(due: Int32Array, times: Int32Array, groupOf: GroupOf, compare: CompareRows): void {
    const count = due.length;
    if (count < 2) return;
    if (this.#keys.length < count) this.#keys = new Float64Array(count * 2);
    this.#sorted = grownInts(this.#sorted, count);
    const places = 2 ** Math.ceil(Math.log2(count));
    if (!this.#encode(due, times, groupOf, places)) {
      due.sort((a, b) => groupOf(a) - groupOf(b) || compare(a, b));
      return;
    }
    const keys = this.#keys.subarray(0, count).sort();
    const sorted = this.#sorted.subarray(0, count);
    for (let k = 0; k < count; k++) {
      const key = keys[k] as number;
      sorted[k] = due[key - Math.floor(key / places) * places] as number;
    }
    due.set(sorted);
    sortTies(due, keys, places, compare);
  }

  /** false where the numbers do not fit. */
  #encode(due: Int32Array, times: Int32Array, groupOf: GroupOf, places: number): boolean {
    let least = Number.POSITIVE_INFINITY;
    let greatest = Number.NEGATIVE_INFINITY;
    this.#groups.clear();
    for (let k = 0; k < due.length; k++) {
      const row = due[k] as number;
      const time = approximate_us(times, row);
      if (time < least) least = time;
      if (time > greatest) greatest = time;
      this.#sorted[k] = this.#placeOf(groupOf(row));
    }
    const span = greatest - least + 1;
    const isExact = Number.isSafeInteger(least) && Number.isSafeInteger(greatest);
    if (!isExact || this.#groups.length * span * places > Number.MAX_SAFE_INTEGER) return false;
    for (let k = 0; k < due.length; k++) {
      const time = approximate_us(times, due[k] as number) - least;
      this.#keys[k] = ((this.#sorted[k] as number) * span + time) * places + k;
    }
    return true;
  }

  #placeOf(group: number): number {
    if (this.#place.length <= group) this.#place = grownInts(this.#place, group + 1);
    const known = this.#place[group] as number;
    if (known < this.#groups.length && this.#groups.values[known] === group) return known;
    this.#place[group] = this.#groups.length;
    this.#groups.push(group);
    return this.#groups.length - 1;
  }
}

/** Rows of one group and time follow each other: the rest of the order decides among them. */
function sortTies(rows: Int32Array, keys: Float64Array, places: number, compare: CompareRows): void {
  for (let from = 0; from < rows.length; ) {
    const own = Math.floor((keys[from] as number) / places);
    let to = from + 1;
    while (to < rows.length && Math.floor((keys[to] as number) / places) === own) to++;
    if (to - from > 1) rows.subarray(from, to).sort(compare);
    from = to;
  }
}
