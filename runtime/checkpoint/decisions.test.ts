import { describe, expect, it } from "vitest";
import { compactionCandidates } from "./compaction.ts";
import { afterFailure } from "./failures.ts";
import { distinctNames } from "./names.ts";
import { acknowledge, finishedSnapshot, startCheckpoint } from "./pending-checkpoint.ts";
import { decideTrigger, type TriggerFacts, triggerDelay_ms, triggerTargets } from "./trigger-decision.ts";
import { brokenDeltas, decideRecovery } from "./verification.ts";

const facts: TriggerFacts = {
  now_ms: 1_000,
  allRunning: true,
  pending: false,
  manualWaiting: false,
  allEnded: false,
  lastFailed: false,
  due_ms: 1_000,
  pauseEnds_ms: 0,
};

describe("a trigger", () => {
  it.each([
    ["is due", {}, { do: "trigger", kind: "periodic" }],
    ["is not due yet", { due_ms: 1_500 }, { do: "sleep", until_ms: 1_500 }],
    ["is held back by the pause", { pauseEnds_ms: 1_700 }, { do: "sleep", until_ms: 1_700 }],
    ["waits for all tasks to run", { allRunning: false }, { do: "wait" }],
    ["waits for the checkpoint under way", { pending: true, manualWaiting: true }, { do: "wait" }],
    [
      "is not held back where one asked for it",
      { manualWaiting: true, pauseEnds_ms: 1_700, due_ms: 1_500 },
      { do: "trigger", kind: "manual" },
    ],
    ["comes at once when all input has ended", { allEnded: true, due_ms: 1_500, pauseEnds_ms: 1_700 }, { do: "trigger", kind: "final" }],
    ["comes with a delay when the final one failed", { allEnded: true, lastFailed: true, due_ms: 1_500 }, { do: "sleep", until_ms: 1_500 }],
    ["is tried again when that delay is over", { allEnded: true, lastFailed: true }, { do: "trigger", kind: "final" }],
  ] as const)("%s", (_name, changes, expected) => expect(decideTrigger({ ...facts, ...changes })).toEqual(expected));

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
  });
});

describe("acknowledgements", () => {
  const pending = startCheckpoint(5, "periodic", 0, [0, 2]);
  it("are gathered until the last", () => {
    const first = acknowledge(pending, 5, 0, finishedSnapshot);
    expect(first.do).toBe("wait");
    const second = first.do === "wait" ? acknowledge(first.next, 5, 2, finishedSnapshot) : first;
    expect(second.do).toBe("commit");
  });
  it.each([
    ["of a task that takes no part change nothing", 5, 1, "ignore"],
    ["of a checkpoint to come change nothing", 6, 0, "ignore"],
    ["of a checkpoint that failed are carried over", 4, 0, "carry"],
  ])("%s", (_name, id, task, expected) => expect(acknowledge(pending, id, task, finishedSnapshot).do).toBe(expected));
  it("are not heard twice", () => {
    const first = acknowledge(pending, 5, 0, finishedSnapshot);
    expect(first.do === "wait" && acknowledge(first.next, 5, 0, finishedSnapshot).do).toBe("ignore");
    expect(acknowledge(null, 5, 0, finishedSnapshot).do).toBe("carry");
  });
});

describe("failed checkpoints", () => {
  it("fail the job when more came in a row than are tolerated", () => {
    expect(afterFailure(2, "declined", 3)).toEqual({ consecutive: 3, failJob: false });
    expect(afterFailure(3, "expired", 3)).toEqual({ consecutive: 4, failJob: true });
    expect(afterFailure(0, "storage", 0)).toEqual({ consecutive: 1, failJob: true });
  });
  it("do not count when the job is stopping anyway", () =>
    expect(afterFailure(3, "stopping", 3)).toEqual({ consecutive: 3, failJob: false }));
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
