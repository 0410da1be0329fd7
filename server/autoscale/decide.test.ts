import { describe, expect, it } from "vitest";
import { decideScale, type LoadFacts, type LoadSample } from "./decide.ts";

const interval_ms = 1_000;
const samples = (...loads: readonly (number | readonly [busy: number, backpressured: number])[]): readonly LoadSample[] =>
  loads.map((load, i) => {
    const [busy, backpressured] = typeof load === "number" ? [load, 0] : load;
    return { at_ms: 10_000 - (loads.length - 1 - i) * 250, busy, backpressured };
  });

const facts = (change: Partial<LoadFacts>): LoadFacts => ({
  now_ms: 10_000,
  options: { min: 1, max: 8, interval_ms },
  parallelism: 2,
  slots: 8,
  samples: [],
  since_ms: 0,
  ...change,
});

const cases: readonly (readonly [why: string, facts: Partial<LoadFacts>, parallelism: number | null])[] = [
  ["a busy job is made wider", { samples: samples(0.9, 0.95, 0.9, 0.95) }, 4],
  ["by as much as its load asks for", { parallelism: 4, samples: samples(0.87, 0.88, 0.86, 0.87) }, 6],
  ["at most twice as wide", { parallelism: 2, samples: samples(1, 1, 1, 1) }, 4],
  ["but not beyond its bound", { options: { min: 1, max: 3, interval_ms }, samples: samples(1, 1, 1, 1) }, 3],
  ["nor beyond the slots", { slots: 2, samples: samples(1, 1, 1, 1) }, null],
  ["one calm moment of the interval is enough to wait", { samples: samples(0.95, 0.5, 0.95, 0.95) }, null],
  ["too few samples say nothing", { samples: samples(1, 1) }, null],
  ["samples from before the interval do not count", { now_ms: 12_000, samples: samples(1, 1, 1, 1) }, null],
  ["an idle job is made narrower", { parallelism: 6, samples: samples(0.1, 0.1, 0.1, 0.1) }, 1],
  ["to what its load asks for", { parallelism: 6, samples: samples(0.3, 0.3, 0.3, 0.3) }, 3],
  ["not below its bound", { parallelism: 6, options: { min: 4, max: 8, interval_ms }, samples: samples(0, 0, 0, 0) }, 4],
  ["a job that waits for what is behind it is not idle", { parallelism: 6, samples: samples([0.1, 0.9], [0.1, 0.9], [0.1, 0.9]) }, null],
  ["backpressure with a vertex that works is load", { samples: samples([0.7, 0.9], [0.7, 0.95], [0.7, 0.9]) }, 3],
  ["backpressure without one comes from outside", { samples: samples([0.3, 0.95], [0.3, 0.95], [0.3, 0.95]) }, null],
  ["between the thresholds it stays: what a change aims at does not change back", { samples: samples(0.6, 0.6, 0.6, 0.6) }, null],
  ["shortly after a change it stays", { since_ms: 7_000, samples: samples(1, 1, 1, 1) }, null],
  ["below its bounds it is raised at once", { parallelism: 1, options: { min: 2, max: 4, interval_ms }, since_ms: 10_000 }, 2],
  ["above the slots it is lowered at once", { parallelism: 8, slots: 4, since_ms: 10_000 }, 4],
];

describe("the parallelism that a load asks for", () => {
  it.each(cases)("%s", (_why, change, parallelism) => {
    const decision = decideScale(facts(change));
    expect(decision.do === "rescale" ? decision.parallelism : null).toBe(parallelism);
  });

  it("settles: after each change the load that follows asks for no other", () => {
    for (let work = 0.5; work < 6; work += 0.25) {
      let parallelism = 1;
      const seen: number[] = [];
      for (let step = 0; step < 12; step++) {
        const busy = Math.min(1, work / parallelism);
        const decision = decideScale(facts({ parallelism, samples: samples(busy, busy, busy, busy) }));
        if (decision.do === "stay") break;
        expect(seen).not.toContain(decision.parallelism);
        seen.push(parallelism);
        parallelism = decision.parallelism;
      }
      expect(work / parallelism).toBeLessThan(0.9);
    }
  });
});
