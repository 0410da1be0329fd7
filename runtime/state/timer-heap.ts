import { words } from "../contract/batch.ts";
import { watermark_max, watermark_min } from "../contract/operator.ts";

/**
 * A binary heap of (time, item), least time first. Entries are not removed early: who takes one checks whether it still holds.
 * Times are compared and moved as two 32-bit words, so that none becomes a BigInt on its way.
 */
export class TimerHeap {
  #times = new BigInt64Array(64);
  #lanes = words(this.#times);
  #items = new Int32Array(64);
  readonly #until = new BigInt64Array(1);
  readonly #untilLanes = words(this.#until);
  #size = 0;

  /** The least time; null when empty. */
  get first(): bigint | null {
    return this.#size === 0 ? null : (this.#times[0] as bigint);
  }

  push(time: bigint, item: number): void {
    this.#until[0] = time;
    this.pushFrom(this.#untilLanes, 0, item);
  }

  /** The time at row `row` of a column, given as its words. */
  pushFrom(lanes: Int32Array, row: number, item: number): void {
    if (this.#size === this.#items.length) this.#grow();
    this.#siftUp(this.#size++, lanes[2 * row + 1] as number, lanes[2 * row] as number, item);
  }

  /** Takes the item of the least time. */
  pop(): number {
    const item = this.#items[0] as number;
    const last = --this.#size;
    if (last > 0) this.#siftDown(last);
    return item;
  }

  /** Takes the item of the least time if that is not later than `time`, which may lie beyond all times that there are; else -1. */
  popUntil(time: bigint): number {
    if (this.#size === 0 || time < watermark_min) return -1;
    this.#until[0] = time > watermark_max ? watermark_max : time;
    const high = this.#lanes[1] as number;
    const until = this.#untilLanes[1] as number;
    if (high > until || (high === until && (this.#lanes[0] as number) >>> 0 > (this.#untilLanes[0] as number) >>> 0)) return -1;
    return this.pop();
  }

  clear(): void {
    this.#size = 0;
  }

  #siftUp(from: number, high: number, low: number, item: number): void {
    const lanes = this.#lanes;
    const items = this.#items;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const parentHigh = lanes[2 * parent + 1] as number;
      const parentLow = lanes[2 * parent] as number;
      if (parentHigh < high || (parentHigh === high && parentLow >>> 0 <= low >>> 0)) break;
      lanes[2 * at] = parentLow;
      lanes[2 * at + 1] = parentHigh;
      items[at] = items[parent] as number;
      at = parent;
    }
    lanes[2 * at] = low;
    lanes[2 * at + 1] = high;
    items[at] = item;
  }

  /** Moves the entry at `last`, which is behind the end, to where it belongs below the free root. */
  #siftDown(last: number): void {
    const lanes = this.#lanes;
    const items = this.#items;
    let at = 0;
    // Down to a leaf along the lesser children, then up: most entries from the end belong near it.
    for (let child = 1; child < last; child = 2 * at + 1) {
      if (child + 1 < last && this.#isBefore(child + 1, child)) child++;
      lanes[2 * at] = lanes[2 * child] as number;
      lanes[2 * at + 1] = lanes[2 * child + 1] as number;
      items[at] = items[child] as number;
      at = child;
    }
    this.#siftUp(at, lanes[2 * last + 1] as number, lanes[2 * last] as number, items[last] as number);
  }

  #isBefore(a: number, b: number): boolean {
    const lanes = this.#lanes;
    const high = lanes[2 * a + 1] as number;
    const other = lanes[2 * b + 1] as number;
    return high < other || (high === other && (lanes[2 * a] as number) >>> 0 < (lanes[2 * b] as number) >>> 0);
  }

  #grow(): void {
    const times = new BigInt64Array(this.#times.length * 2);
    const items = new Int32Array(this.#items.length * 2);
    times.set(this.#times);
    items.set(this.#items);
    this.#times = times;
    this.#lanes = words(times);
    this.#items = items;
  }
}
