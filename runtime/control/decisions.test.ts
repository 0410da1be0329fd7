import { describe, expect, it } from "vitest";
import type { JobState, RestartStrategy } from "../contract/control.ts";
import type { JobEdge, JobGraph, JobVertex } from "../contract/job-graph.ts";
import { decideRestart, noRestarts, type RestartHistory } from "./restart-strategy.ts";
import { assignSlots, bySpread, decideDeployment, slotsNeeded } from "./slot-assignment.ts";
import { decideTurn } from "./slot-queue.ts";
import { isResting, jobTransitions, nextJobState, taskMayBecome } from "./states.ts";
import { SupplyMemory } from "./supply-memory.ts";
import { buildTopology } from "./topology.ts";

/** The delays that a strategy gives to failures at these times, until it gives up. */
function delays(strategy: RestartStrategy, failures_ms: readonly number[], random = 0.5): (number | string)[] {
  const given: (number | string)[] = [];
  let history: RestartHistory = noRestarts;
  for (const now_ms of failures_ms) {
    const decision = decideRestart(strategy, history, { now_ms, retry: "retry", random, slotLost: false });
    given.push(decision.do === "restart" ? decision.delay_ms : decision.reason);
    if (decision.do === "fail") break;
    history = decision.history;
  }
  return given;
}

const exponential = {
  kind: "exponential-delay",
  initial_ms: 1_000,
  max_ms: 3_000,
  multiplier: 1.5,
  reset_ms: 60_000,
  jitter: 0.1,
} as const;

describe("restart strategies", () => {
  it("go on at once after a loss of slots, if the job had run for a while, and remember what it did before", () => {
    const before: RestartHistory = { restarts: 2, failures_ms: [], backoff_ms: 1_500, resumed_ms: 50_000 };
    const facts = { now_ms: 60_000, retry: "retry", random: 0.5 } as const;
    expect(decideRestart(exponential, before, { ...facts, slotLost: true })).toEqual({
      do: "restart",
      delay_ms: 50,
      history: { restarts: 3, failures_ms: [], backoff_ms: 1_500, resumed_ms: 60_050 },
    });
    expect(decideRestart(exponential, before, { ...facts, slotLost: false })).toMatchObject({ delay_ms: 2_250 });
    // One that takes its process down again and again has to wait.
    expect(decideRestart(exponential, { ...before, resumed_ms: 55_000 }, { ...facts, slotLost: true })).toMatchObject({ delay_ms: 2_250 });
  });

  it("grow the delay to its maximum", () => {
    expect(delays(exponential, [0, 1_000, 2_000, 3_000, 4_000, 5_000])).toEqual([1_000, 1_500, 2_250, 3_000, 3_000, 3_000]);
  });
  it("start over after the job has run for the reset time, counted from when it ran again", () => {
    expect(delays(exponential, [0, 1_000, 2_500 + 59_999])).toEqual([1_000, 1_500, 2_250]);
    expect(delays(exponential, [0, 1_000, 2_500 + 60_000])).toEqual([1_000, 1_500, 1_000]);
  });
  it("spread by the jitter both ways", () => {
    expect(delays(exponential, [0], 0)).toEqual([900]);
    expect(delays(exponential, [0], 0.999_999)).toEqual([1_100]);
  });
  it("give up after a fixed number", () => {
    expect(delays({ kind: "fixed-delay", attempts: 2, delay_ms: 7 }, [0, 1, 2])).toEqual([7, 7, "it was restarted 2 times"]);
  });
  it("give up above a rate of failures", () => {
    const rate = { kind: "failure-rate", failures: 2, interval_ms: 100, delay_ms: 5 } as const;
    expect(delays(rate, [0, 60, 120, 180])).toEqual([5, 5, 5, 5]);
    expect(delays(rate, [0, 40, 80])).toEqual([5, 5, "it failed more than 2 times in 100 ms"]);
  });
  it("never restart where there is none, or where it would not help", () => {
    expect(delays({ kind: "none" }, [0])).toEqual(["the job has no restart strategy"]);
    expect(decideRestart(exponential, noRestarts, { now_ms: 0, retry: "fail", random: 0, slotLost: false })).toMatchObject({ do: "fail" });
  });
});

const vertex = (id: string, parallelism: number, slotSharingGroup = "default"): JobVertex => ({
  id,
  name: id,
  parallelism,
  slotSharingGroup,
  operators: [],
});
const edge = (from: string, to: string, kind: "forward" | "rebalance"): JobEdge => ({
  id: `${from}-${to}`,
  from,
  to,
  toInput: 0,
  output: "main",
  ship: { kind },
  schema: { columns: [] },
});
const graph = (vertices: readonly JobVertex[], edges: readonly JobEdge[] = []): JobGraph => ({ vertices, edges, maxParallelism: 128 });

describe("the topology", () => {
  it("joins like subtasks over a forward edge and all over the others", () => {
    const topology = buildTopology(
      graph([vertex("a", 2), vertex("b", 2), vertex("c", 1)], [edge("a", "b", "forward"), edge("b", "c", "rebalance")]),
    );
    expect(topology.channels.map(({ from, to }) => [from, to])).toEqual([
      [0, 2],
      [1, 3],
      [2, 4],
      [3, 4],
    ]);
    expect(topology.vertices.map((v) => v.upstream)).toEqual([[], [], [0], [1], [2, 3]]);
  });
  it("refuses what cannot run", () => {
    expect(() => buildTopology(graph([vertex("a", 129)]))).toThrow(
      /parallelism 129 of "a" is not between 1 and the job's max parallelism 128/,
    );
    expect(() => buildTopology(graph([vertex("a", 1), vertex("b", 2)], [edge("a", "b", "forward")]))).toThrow(/forward edge a-b/);
    expect(() => buildTopology(graph([vertex("a", 1)], [edge("a", "x", "rebalance")]))).toThrow(/not both vertices/);
  });
});

describe("slots", () => {
  const shared = buildTopology(graph([vertex("a", 2), vertex("b", 4), vertex("c", 1, "other")]));
  it("hold one subtask of each vertex of a sharing group", () => {
    expect(slotsNeeded(shared)).toBe(5);
    expect(assignSlots(shared, [0, 1, 2, 3, 4])).toEqual([0, 1, 0, 1, 2, 3, 4]);
  });
  it("are spread round the threads where there are more slots than threads", () => {
    expect(assignSlots(shared, [0, 1])).toEqual([0, 1, 0, 1, 0, 1, 0]);
    expect(assignSlots(shared, [3])).toEqual([3, 3, 3, 3, 3, 3, 3]);
  });
  it("go to the least loaded threads first", () =>
    expect(
      bySpread([
        { slot: 0, taskManager: "a", tasks: 3 },
        { slot: 1, taskManager: "a", tasks: 0 },
        { slot: 2, taskManager: "a", tasks: 1 },
      ]),
    ).toEqual([1, 2, 0]));
  it("go to another TaskManager each", () =>
    expect(bySpread([0, 1, 2, 3, 4].map((slot) => ({ slot, taskManager: slot < 3 ? "a" : "b", tasks: 0 })))).toEqual([0, 3, 1, 4, 2]));
  it.each([
    [{ usable: 2, size: 2, waited_ms: 0 }, "deploy"],
    [{ usable: 1, size: 2, waited_ms: 0 }, "wait"],
    [{ usable: 1, size: 2, waited_ms: 5_000 }, "deploy"],
    [{ usable: 0, size: 2, waited_ms: 9_000 }, "wait"],
  ] as const)("are waited for with patience: %o -> %s", (facts, expected) => {
    expect(decideDeployment({ ...facts, patience_ms: 5_000 })).toBe(expected);
  });
});

describe("requests for slots", () => {
  const queue = (...needed: readonly number[]) => needed.map((n, i) => ({ job: `job${i + 1}`, needed: n }));
  const take = { do: "take" };
  const wait = (behind: string | null) => ({ do: "wait", behind });

  it.each([
    { name: "alone takes what is enough", requests: queue(4), free: 4, total: 8, turn: take },
    { name: "alone waits for what is not", requests: queue(4), free: 3, total: 8, turn: wait(null) },
    { name: "takes what those before leave", requests: queue(2, 2), free: 4, total: 8, turn: take },
    { name: "waits for those before, though it would fit", requests: queue(6, 2), free: 4, total: 8, turn: wait("job1") },
    { name: "waits for a restart that is not due yet", requests: queue(4, 2), free: 4, total: 8, turn: wait("job1") },
    { name: "says so of the first that waits", requests: queue(2, 4, 2), free: 4, total: 8, turn: wait("job1") },
    { name: "waits for slots before it waits for others", requests: queue(6, 6), free: 4, total: 8, turn: wait(null) },
    { name: "passes one that needs more than there are", requests: queue(9, 2), free: 4, total: 8, turn: take },
    { name: "does not once there are enough", requests: queue(9, 2), free: 4, total: 9, turn: wait("job1") },
  ])("the last $name", ({ requests, free, total, turn }) => {
    expect(decideTurn(requests, `job${requests.length}`, { free, total })).toEqual(turn);
  });
});

describe("the supply of slots", () => {
  it("counts those that were lost a moment ago, however they come back", () => {
    let now_ms = 0;
    const supply = new SupplyMemory({ now_ms: () => now_ms, monotonic_ms: () => now_ms });
    expect(supply.total(12)).toBe(12);
    for (let i = 0; i < 4; i++) supply.lost(8);
    expect([supply.total(8), supply.total(12), supply.total(13)]).toEqual([12, 12, 13]);
    now_ms = 59_000;
    supply.lost(11);
    now_ms = 61_000;
    expect(supply.total(11)).toBe(12);
    now_ms = 119_000;
    expect(supply.total(11)).toBe(11);
  });
});

describe("lifecycles", () => {
  it("refuse a move that is not listed", () => {
    expect(nextJobState("RUNNING", "RESTARTING")).toBe("RESTARTING");
    expect(() => nextJobState("FINISHED", "RUNNING")).toThrow(/a job goes from FINISHED/);
    expect(taskMayBecome("RUNNING", "FINISHED")).toBe(true);
    expect(taskMayBecome("FAILED", "RUNNING")).toBe(false);
  });
  it("lead from every state to one that a job rests in", () => {
    const reaches = (state: JobState, seen: readonly JobState[]): boolean =>
      isResting(state) || jobTransitions[state].some((next) => !seen.includes(next) && reaches(next, [...seen, next]));
    for (const state of Object.keys(jobTransitions) as JobState[]) expect([state, reaches(state, [state])]).toEqual([state, true]);
  });
});
