import { IntList } from "./int-list.ts";

/** A touch within the same so-manieth of the time to live is not noted again: it bounds what is noted of a number that is touched often. */
const touches_perTtl = 1_000;
const never = -1;

/**
 * Numbers of rows or groups by when their time to live is over; each touch begins it anew. They go in the order of their last touch,
 * never too soon, and at most a thousandth of the time too late. A number may have been given to another since it was touched last: who
 * is told that it is due checks whether anything is there.
 */
export class Expiry {
  readonly #ttl_ms: number;
  readonly #step_ms: number;
  /** Touches in order; those in front of `#first` are done with. One counts if it is the number's last. */
  readonly #numbers = new IntList();
  #times_ms: number[] = [];
  #first = 0;
  /** By number: its last touch. */
  #touched_ms: Float64Array = new Float64Array(0);

  constructor(ttl_ms: number) {
    this.#ttl_ms = ttl_ms;
    this.#step_ms = Math.max(1, Math.floor(ttl_ms / touches_perTtl));
  }

  touch(number: number, now_ms: number): void {
    const time_ms = Math.ceil(now_ms / this.#step_ms) * this.#step_ms;
    if (this.#touched_ms.length <= number) this.#grow(number + 1);
    if (this.#touched_ms[number] === time_ms) return;
    this.#touched_ms[number] = time_ms;
    this.#numbers.push(number);
    this.#times_ms.push(time_ms);
  }

  /** Calls back with each number whose time is over, once. */
  due(now_ms: number, visit: (number: number) => void): void {
    while (this.#first < this.#times_ms.length && now_ms - (this.#times_ms[this.#first] as number) >= this.#ttl_ms) {
      const number = this.#numbers.values[this.#first] as number;
      const isLast = this.#touched_ms[number] === this.#times_ms[this.#first];
      this.#first++;
      if (!isLast) continue;
      this.#touched_ms[number] = never;
      visit(number);
    }
    if (this.#first > 1_024 && this.#first * 2 > this.#times_ms.length) this.#compact();
  }

  #grow(numbers: number): void {
    const grown = new Float64Array(Math.max(numbers, this.#touched_ms.length * 2)).fill(never);
    grown.set(this.#touched_ms);
    this.#touched_ms = grown;
  }

  #compact(): void {
    const numbers = this.#numbers.values.slice(this.#first, this.#times_ms.length);
    this.#times_ms = this.#times_ms.slice(this.#first);
    this.#first = 0;
    this.#numbers.clear();
    for (const number of numbers) this.#numbers.push(number);
  }
}
