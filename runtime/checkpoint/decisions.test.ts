import { describe, expect, it } from "vitest";
import type { CheckpointPhase } from "../contract/checkpoints.ts";
import { compactionCandidates } from "./compaction.ts";
import { slowTasks } from "./blame.ts";
import { afterFailure, type CheckpointFailureReason } from "./failures.ts";
import { distinctNames } from "../contract/distinct-names.ts";
import { acknowledge, finishedSnapshot, startCheckpoint, subsumedBy } from "./pending-checkpoint.ts";
import { decideTrigger, mostUrgent, type TriggerFacts, triggerDelay_ms, triggerTargets } from "./trigger-decision.ts";
import { brokenDeltas, decideRecovery } from "./verification.ts";

const manual = { kind: "manual", aligned: false, forced: false } as const;
const savepoint = { kind: "savepoint", aligned: true, forced: true } as const;

const facts: TriggerFacts = {
  now_ms: 1_000,
  allRunning: true,
  pending: 0,
  maxConcurrent: 1,
  request: null,
  allEnded: false,
  lastFailed: false,
  due_ms: 1_000,
  pauseEnds_ms: 0,
};

describe("a trigger", () => {
  it.each([
    ["is due", {}, { do: "trigger", kind: "periodic", aligned: false }],
    ["is not due yet", { due_ms: 1_500 }, { do: "sleep", until_ms: 1_500 }],
    ["is held back by the pause", { pauseEnds_ms: 1_700 }, { do: "sleep", until_ms: 1_700 }],
    ["waits for all tasks to run", { allRunning: false }, { do: "wait" }],
    ["waits for the checkpoint under way", { pending: 1, request: manual }, { do: "wait" }],
    [
      "does not wait for one where two may be under way",
      { pending: 1, maxConcurrent: 2 },
      { do: "trigger", kind: "periodic", aligned: false },
    ],
    ["does not wait where it is forced", { pending: 1, request: savepoint }, { do: "trigger", kind: "savepoint", aligned: true }],
    ["waits at the end of all input for what is under way", { pending: 1, request: savepoint, allEnded: true }, { do: "wait" }],
    [
      "is not held back where one asked for it",
      { request: manual, pauseEnds_ms: 1_700, due_ms: 1_500 },
      { do: "trigger", kind: "manual", aligned: false },
    ],
    [
      "comes at once when all input has ended",
      { allEnded: true, due_ms: 1_500, pauseEnds_ms: 1_700 },
      { do: "trigger", kind: "final", aligned: true },
    ],
    ["comes with a delay when the final one failed", { allEnded: true, lastFailed: true, due_ms: 1_500 }, { do: "sleep", until_ms: 1_500 }],
    ["is tried again when that delay is over", { allEnded: true, lastFailed: true }, { do: "trigger", kind: "final", aligned: true }],
  ] as const)("%s", (_name, changes, expected) => expect(decideTrigger({ ...facts, ...changes })).toEqual(expected));

  it("serves savepoints first, then what is forced, then what serves more", () => {
    const forced = { ...manual, forced: true };
    const aligned = { ...manual, aligned: true };
    expect(mostUrgent([])).toBe(null);
    expect(mostUrgent([manual, aligned, forced, savepoint])).toBe(savepoint);
    expect(mostUrgent([manual, aligned, forced])).toBe(forced);
    expect(mostUrgent([manual, aligned])).toBe(aligned);
  });

  it("comes early at first, then at the interval", () => {
    expect([0, 1, 2, 3, 4, 99].map((taken) => triggerDelay_ms(1_000, taken))).toEqual([200, 400, 800, 1_000, 1_000, 1_000]);
    expect(triggerDelay_ms(50, 0)).toBe(50);
  });

  it("goes to sources, and to ended tasks that no barrier will reach", () => {
    // 0 and 1 are sources; 2 reads 0; 3 reads 2 and 1.
    const upstream = [[], [], [0], [2, 1]];
    const targets = (ended: readonly number[], participants = [0, 1, 2, 3]) => triggerTargets(participants, upstream, new Set(ended));
    expect(targets([])).toEqual([0, 1]);
    expect(targets([0])).toEqual([0, 1]);
    expect(targets([0, 2])).toEqual([0, 1, 2]);
    expect(targets([0, 1, 2])).toEqual([0, 1, 2]);
    expect(targets([2])).toEqual([0, 1]);
    expect(targets([0, 1, 2, 3])).toEqual([0, 1, 2, 3]);
    expect(targets([0, 1, 2, 3], [3])).toEqual([3]);
    expect(triggerTargets([0, 1, 2, 3], upstream, new Set([0]), true)).toEqual([0, 1, 2]);
  });
});

describe("acknowledgements", () => {
  const mode = { triggered_ms: 0, unalignedAfter_ms: null };
  const fifth = startCheckpoint(5, "periodic", mode, [0, 2]);
  const sixth = startCheckpoint(6, "periodic", mode, [0, 2]);
  const state = { pending: [fifth], lastStarted: 5, lastCompleted: 3 };
  const finished = { snapshot: finishedSnapshot, at_ms: 0 };
  it("are gathered until the last", () => {
    const first = acknowledge(state, 5, 0, finished);
    expect(first.do).toBe("wait");
    const second = first.do === "wait" ? acknowledge({ ...state, pending: [first.next] }, 5, 2, finished) : first;
    expect(second.do).toBe("complete");
  });
  it.each([
    ["of a task that takes no part change nothing", 5, 1, "ignore"],
    ["of a checkpoint to come change nothing", 6, 0, "ignore"],
    ["of a checkpoint that failed are carried over", 4, 0, "carry"],
    ["of a completed checkpoint change nothing", 3, 0, "ignore"],
  ])("%s", (_name, id, task, expected) => expect(acknowledge(state, id, task, finished).do).toBe(expected));
  it("are not heard twice", () => {
    const first = acknowledge(state, 5, 0, finished);
    expect(first.do === "wait" && acknowledge({ ...state, pending: [first.next] }, 5, 0, finished).do).toBe("ignore");
    expect(acknowledge({ ...state, pending: [] }, 5, 0, finished).do).toBe("carry");
  });
  it("of one of two under way leave the other alone", () => {
    const step = acknowledge({ pending: [fifth, sixth], lastStarted: 6, lastCompleted: 3 }, 6, 0, finished);
    expect(step.do === "wait" && step.next.id).toBe(6);
  });
  it("of all tasks subsume older checkpoints that still wait, not those that are complete", () => {
    const complete = { ...sixth, awaited: new Set<number>() };
    expect(subsumedBy(complete, [fifth, complete])).toEqual([fifth]);
    expect(subsumedBy(complete, [{ ...fifth, awaited: new Set<number>() }, complete])).toEqual([]);
  });
});

describe("who is blamed for a checkpoint that expired", () => {
  // 0 and 1 are sources; 2 reads both; 3 reads 2.
  const upstream = [[], [], [0, 1], [2]];
  const blame = (awaited: readonly number[], phases: readonly (readonly [number, CheckpointPhase])[] = []) =>
    slowTasks({ awaited: new Set(awaited), phases: new Map(phases) }, upstream).map(({ task }) => task);
  it("is a task at its snapshot before those that wait for it", () => expect(blame([1, 2, 3], [[2, "sync"]])).toEqual([2, 1, 3]));
  it("is a task that gathers rows in flight before one that aligns", () =>
    expect(
      blame(
        [2, 3],
        [
          [2, "aligning"],
          [3, "async"],
        ],
      ),
    ).toEqual([3, 2]));
  it("is a task that the barrier has reached before one that it has not", () => expect(blame([3, 2])).toEqual([2, 3]));
});

describe("failed checkpoints", () => {
  const failed = (reason: CheckpointFailureReason, savepoint = false) => ({ reason, savepoint });
  it("fail the job when more came in a row than are tolerated", () => {
    expect(afterFailure(2, failed("declined"), 3)).toEqual({ consecutive: 3, failJob: false });
    expect(afterFailure(3, failed("expired"), 3)).toEqual({ consecutive: 4, failJob: true });
    expect(afterFailure(0, failed("storage"), 0)).toEqual({ consecutive: 1, failJob: true });
  });
  it.each([
    ["the job is stopping anyway", failed("stopping")],
    ["a newer one made them needless", failed("subsumed")],
    ["they were a savepoint's", failed("expired", true)],
  ])("do not count when %s", (_name, failure) => expect(afterFailure(3, failure, 3)).toEqual({ consecutive: 3, failJob: false }));
});

describe("recovery", () => {
  const content = (rows: number, hash: bigint) => ({ rows, hash });
  const table = (read: readonly (readonly [number, ReturnType<typeof content>])[]) => [
    {
      table: "t",
      recorded: new Map([
        [1, content(2, 7n)],
        [2, content(0, 0n)],
        [3, content(1, 9n)],
      ]),
      read: new Map(read),
    },
  ];
  it("finds rows that are missing, too many, or changed", () => {
    expect(
      brokenDeltas(
        table([
          [1, content(2, 7n)],
          [3, content(1, 9n)],
        ]),
      ),
    ).toEqual([]);
    expect(brokenDeltas(table([[1, content(2, 8n)]])).map((b) => b.message)).toEqual([
      'checkpoint 1, state table "t": the content of its rows has changed',
      'checkpoint 3, state table "t": its 1 rows are missing',
    ]);
    expect(
      brokenDeltas(
        table([
          [1, content(3, 7n)],
          [3, content(1, 9n)],
          [4, content(5, 1n)],
        ]),
      ).map((b) => b.message),
    ).toEqual(['checkpoint 1, state table "t": 3 rows instead of 2', 'checkpoint 4, state table "t": 5 rows that no record speaks of']);
  });
  const broken = (checkpoint: number) => [{ table: "t", checkpoint, message: "m" }];
  it.each([
    ["starts fresh without a checkpoint", [], [], { do: "fresh" }],
    ["takes the newest", [9, 8, 7], [], { do: "restore", checkpoint: 9, skipped: [] }],
    ["goes back before the damage", [9, 8, 7], broken(8), { do: "restore", checkpoint: 7, skipped: [9, 8] }],
    ["refuses where all contain the damage", [9, 8, 7], broken(3), { do: "refuse", reason: "m" }],
  ])("%s", (_name, retained, damage, expected) => expect(decideRecovery(retained, damage)).toEqual(expected));
});

describe("housekeeping", () => {
  it("compacts logs of more than four times their valid rows, small ones never", () => {
    const sizes = new Map([
      ["small", { logRows: 1_000, validRows: 1 }],
      ["grown", { logRows: 1_001, validRows: 1 }],
      ["large", { logRows: 4_000, validRows: 1_000 }],
      ["larger", { logRows: 4_001, validRows: 1_000 }],
    ]);
    expect(compactionCandidates(sizes)).toEqual(["grown", "larger"]);
  });
  it("keeps column names apart, case ignored", () => {
    expect(distinctNames(["a", "A", "checkpoint", "a_2"], ["checkpoint"])).toEqual(["a", "A_2", "checkpoint_2", "a_2_2"]);
  });
});
