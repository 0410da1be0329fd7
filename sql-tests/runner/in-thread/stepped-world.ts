import type { World } from "../../../runtime/contract/world.ts";

/** 2023-11-14 22:13:20. */
export const start_ms = 1_700_000_000_000;

/** Time moves only when the test says so; timers never fire. It outlives a crash of the tasks that look at it. */
export class SteppedWorld implements World {
  now_ms = start_ms;
  readonly clock = { now_ms: () => this.now_ms, monotonic_ms: () => this.now_ms };
  readonly random = () => 0.5;
  readonly timers = { after: () => () => undefined, every: () => () => undefined, soon: () => undefined };
}
