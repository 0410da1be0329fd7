import { performance } from "node:perf_hooks";
import type { World } from "../contract/world.ts";

/** The machine's own clock, randomness and timers: the only place that touches them. */
export const realWorld: World = {
  clock: { now_ms: () => Date.now(), monotonic_ms: () => performance.now() },
  random: () => Math.random(),
  timers: {
    after: (delay_ms, run) => {
      const timer = setTimeout(run, delay_ms);
      return () => clearTimeout(timer);
    },
    every: (interval_ms, run) => {
      const timer = setInterval(run, interval_ms);
      return () => clearInterval(timer);
    },
    soon: (run) => void setImmediate(run),
  },
};
