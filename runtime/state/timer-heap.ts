/** A binary heap of (time, item), least time first. Entries are not removed early: who takes one checks whether it still holds. */
export class TimerHeap {
  #times = new BigInt64Array(1_024);
  #items = new Int32Array(1_024);
  #size = 0;

  /** The least time; null when empty. */
  get first(): bigint | null {
    return this.#size === 0 ? null : (this.#times[0] as bigint);
  }

  push(time: bigint, item: number): void {
    if (this.#size === this.#times.length) this.#grow();
    let at = this.#size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if ((this.#times[parent] as bigint) <= time) break;
      this.#move(parent, at);
      at = parent;
    }
    this.#set(at, time, item);
  }

  /** Takes the item of the least time. */
  pop(): number {
    const item = this.#items[0] as number;
    const last = --this.#size;
    const time = this.#times[last] as bigint;
    let at = 0;
    for (let child = 1; child < last; child = 2 * at + 1) {
      if (child + 1 < last && (this.#times[child + 1] as bigint) < (this.#times[child] as bigint)) child++;
      if ((this.#times[child] as bigint) >= time) break;
      this.#move(child, at);
      at = child;
    }
    if (last > 0) this.#set(at, time, this.#items[last] as number);
    return item;
  }

  #move(from: number, to: number): void {
    this.#set(to, this.#times[from] as bigint, this.#items[from] as number);
  }

  #set(at: number, time: bigint, item: number): void {
    this.#times[at] = time;
    this.#items[at] = item;
  }

  #grow(): void {
    const times = new BigInt64Array(this.#times.length * 2);
    const items = new Int32Array(this.#items.length * 2);
    times.set(this.#times);
    items.set(this.#items);
    this.#times = times;
    this.#items = items;
  }
}
