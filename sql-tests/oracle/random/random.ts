import { randomOf } from "../../runner/random.ts";

/** A seeded source of choices (mulberry32): the same seed makes the same choices on every machine. */
export class Random {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = randomOf(seed);
  }

  /** An integer from 0 up to, not including, `below`. */
  below(below: number): number {
    return Math.floor(this.#next() * below);
  }

  /** From `from` to `to`, both included. */
  between(from: number, to: number): number {
    return from + this.below(to - from + 1);
  }

  /** True once in `times`. */
  oneIn(times: number): boolean {
    return this.below(times) === 0;
  }

  of<T>(values: readonly T[]): T {
    if (values.length === 0) throw new Error("invariant: a choice has something to choose from");
    return values[this.below(values.length)] as T;
  }

  /** One of the alternatives, the likelier the greater its weight. */
  weighted<T>(alternatives: readonly (readonly [weight: number, value: T])[]): T {
    let left = this.below(alternatives.reduce((sum, [weight]) => sum + weight, 0));
    for (const [weight, value] of alternatives) {
      if (left < weight) return value;
      left -= weight;
    }
    throw new Error("invariant: weights are positive");
  }

  shuffled<T>(values: readonly T[]): T[] {
    const result = [...values];
    for (let i = result.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [result[i], result[j]] = [result[j] as T, result[i] as T];
    }
    return result;
  }

  /** A generator of its own, so that what one part chooses does not move another's choices. */
  fork(): Random {
    return new Random(this.below(2 ** 31));
  }
}
