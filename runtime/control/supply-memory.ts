import type { Clock } from "../contract/world.ts";

/** A TaskManager that was lost is taken to come back for so long. */
const return_ms_max = 60_000;
/** The slots of one TaskManager are said to be lost one after the other. */
const burst_ms_max = 1_000;

/** How many slots there were before some were lost a moment ago, so that nobody passes those who wait for as many. */
export class SupplyMemory {
  readonly #clock: Clock;
  #before = 0;
  #alive = 0;
  #burst = 0;
  #lost_ms = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** One has gone; `alive` are left without all that went with it. */
  lost(alive: number): void {
    const before = this.total(alive);
    const now_ms = this.#clock.monotonic_ms();
    this.#burst = alive === this.#alive && now_ms - this.#lost_ms <= burst_ms_max ? this.#burst + 1 : 1;
    this.#alive = alive;
    this.#lost_ms = now_ms;
    this.#before = Math.max(before, alive + this.#burst);
  }

  /** Those that are there, with those that may come back. */
  total(alive: number): number {
    return this.#clock.monotonic_ms() - this.#lost_ms < return_ms_max ? Math.max(alive, this.#before) : alive;
  }
}
