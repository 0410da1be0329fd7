import type { Clock } from "../contract/world.ts";

/** Holds a generated stream back to so many numbers a second, counted from where it started. */
export class Pace {
  private readonly clock: Clock;
  private readonly rate: number;
  private start: number | null = null;
  private start_ms = 0;

  /** `rate` 0: as fast as it can. */
  constructor(clock: Clock, rate: number) {
    this.clock = clock;
    this.rate = rate;
  }

  /** The numbers below this may be emitted now; `next` is the first one that has not been. */
  limit(next: number): number {
    if (this.rate === 0) return Number.MAX_SAFE_INTEGER;
    const now_ms = this.clock.monotonic_ms();
    if (this.start === null) {
      this.start = next;
      this.start_ms = now_ms;
    }
    return this.start + Math.floor(((now_ms - this.start_ms) * this.rate) / 1_000);
  }
}
