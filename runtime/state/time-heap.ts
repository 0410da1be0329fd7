import { grownInts } from "./slots/slot-column.ts";

/** Row numbers by a time: the earliest comes first. Times are µs as doubles, exact within ± 285 years of 1970; beyond, to a few µs. */
export class TimeHeap {
  size = 0;
  #times = new Float64Array(64);
  #rows: Int32Array = new Int32Array(64);

  /** The earliest time; Infinity when nothing is there. */
  get first(): number {
    return this.size === 0 ? Number.POSITIVE_INFINITY : (this.#times[0] as number);
  }

  push(time: number, row: number): void {
    this.#reserve();
    let at = this.size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if ((this.#times[parent] as number) <= time) break;
      this.#move(parent, at);
      at = parent;
    }
    this.#times[at] = time;
    this.#rows[at] = row;
  }

  /** Takes the earliest out. */
  pop(): number {
    const row = this.#rows[0] as number;
    this.size--;
    const time = this.#times[this.size] as number;
    const last = this.#rows[this.size] as number;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.size) break;
      if (child + 1 < this.size && (this.#times[child + 1] as number) < (this.#times[child] as number)) child++;
      if ((this.#times[child] as number) >= time) break;
      this.#move(child, at);
      at = child;
    }
    this.#times[at] = time;
    this.#rows[at] = last;
    return row;
  }

  #move(from: number, to: number): void {
    this.#times[to] = this.#times[from] as number;
    this.#rows[to] = this.#rows[from] as number;
  }

  #reserve(): void {
    if (this.size < this.#rows.length) return;
    this.#rows = grownInts(this.#rows, this.size + 1);
    const times = new Float64Array(this.#rows.length);
    times.set(this.#times);
    this.#times = times;
  }
}
