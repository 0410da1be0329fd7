/** Processing time in equal stretches, the same for all subtasks: due once in each. */
export class Interval {
  readonly #length_ms: number;
  #last = Number.NEGATIVE_INFINITY;

  constructor(length_ms: number) {
    this.#length_ms = Math.max(1, length_ms);
  }

  isDue(now_ms: number): boolean {
    const stretch = Math.floor(now_ms / this.#length_ms);
    if (stretch <= this.#last) return false;
    this.#last = stretch;
    return true;
  }
}
