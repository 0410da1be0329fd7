/** Time, randomness and timers come through here, so that a whole cluster can run under a seed (design D8). */
export interface World {
  readonly clock: Clock;
  readonly random: () => number;
  readonly timers: Timers;
}

export interface Clock {
  /** Milliseconds since 1970 (wall clock; may jump). */
  now_ms(): number;
  /** Milliseconds from an arbitrary start, never back: for durations, time-outs, leases. */
  monotonic_ms(): number;
}

export interface Timers {
  after(delay_ms: number, run: () => void): Cancel;
  every(interval_ms: number, run: () => void): Cancel;
  /** After what is at hand: the thread's messages and timers that are due come first. */
  soon(run: () => void): void;
}

export type Cancel = () => void;
