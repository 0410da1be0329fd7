import { beforeEach, describe, expect, it } from "vitest";
import type { CheckpointInfo, CheckpointOptions } from "../contract/checkpoints.ts";
import type { World } from "../contract/world.ts";
import { CheckpointCoordinator, type CoordinatorPorts } from "./coordinator.ts";
import { finishedSnapshot } from "./pending-checkpoint.ts";

/** Time that moves when told. */
class ManualWorld implements World {
  #now_ms = 0;
  #timers: { at_ms: number; run: () => void }[] = [];
  readonly clock = { now_ms: () => this.#now_ms, monotonic_ms: () => this.#now_ms };
  readonly random = () => 0.5;
  readonly timers = {
    after: (delay_ms: number, run: () => void) => {
      const timer = { at_ms: this.#now_ms + delay_ms, run };
      this.#timers.push(timer);
      return () => {
        this.#timers = this.#timers.filter((t) => t !== timer);
      };
    },
    every: () => () => undefined,
    soon: (run: () => void) => void setImmediate(run),
  };

  async pass(ms: number): Promise<void> {
    const end_ms = this.#now_ms + ms;
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      const next = this.#timers.filter((t) => t.at_ms <= end_ms).sort((a, b) => a.at_ms - b.at_ms)[0];
      if (next === undefined) break;
      this.#now_ms = next.at_ms;
      this.#timers = this.#timers.filter((t) => t !== next);
      next.run();
    }
    this.#now_ms = end_ms;
  }
}

const running = { ...finishedSnapshot, finished: false };
const committed = {
  completed_ms: 1,
  stateRows: 0,
  resultRows: 0,
  bytes: 0,
  appended: new Map<string, number>(),
  totalRows: new Map<string, number>(),
};

const defaults: CheckpointOptions = {
  interval_ms: 1_000,
  timeout_ms: 5_000,
  minPause_ms: 0,
  maxConcurrent: 1,
  tolerableFailures: 1,
  retained: 3,
  unaligned: false,
  alignedTimeout_ms: 0,
};

let world: ManualWorld;
let sent: string[];
let infos: CheckpointInfo[];
let failedJob: string[];
let commit: CoordinatorPorts["commit"];

/** Source 0 feeds task 1. */
function coordinator(options: Partial<CheckpointOptions> = {}): CheckpointCoordinator {
  const made = new CheckpointCoordinator({
    world,
    options: { ...defaults, ...options },
    upstream: [[], [0]],
    nextCheckpoint: 7,
    nameOf: (task) => `task ${task}`,
    placeOf: (task) => ({ vertexId: `v${task}`, subtask: 0 }),
    send: (task, command) => sent.push(`${command.do} ${command.checkpoint} -> ${task}`),
    commit: (snapshot) => commit(snapshot),
    report: (info) => infos.push(info),
    failed: (message) => failedJob.push(message),
  });
  made.taskRunning(0);
  made.taskRunning(1);
  return made;
}

beforeEach(() => {
  world = new ManualWorld();
  sent = [];
  infos = [];
  failedJob = [];
  commit = () => Promise.resolve(committed);
});

const take = (): string[] => sent.splice(0);

describe("the coordinator", () => {
  it("triggers the source, commits when all have acknowledged, then tells them", async () => {
    const checkpoints = coordinator();
    await world.pass(199);
    expect(take()).toEqual([]);
    await world.pass(1);
    expect(take()).toEqual(["triggerCheckpoint 7 -> 0"]);
    checkpoints.acknowledged(1, 7, running);
    await world.pass(0);
    expect(take()).toEqual([]);
    checkpoints.acknowledged(0, 7, running);
    await world.pass(0);
    expect(take().sort()).toEqual(["checkpointComplete 7 -> 0", "checkpointComplete 7 -> 1"]);
    await world.pass(400);
    expect(take()).toEqual(["triggerCheckpoint 8 -> 0"]);
  });

  it("aborts a checkpoint that is not acknowledged in time, says by whom, and uses its id never again", async () => {
    const checkpoints = coordinator();
    await world.pass(200);
    checkpoints.acknowledged(0, 7, running);
    take();
    await world.pass(5_000);
    expect(take()).toContain("abortCheckpoint 7 -> 1");
    expect(infos.at(-1)).toMatchObject({
      id: 7,
      status: "FAILED",
      failure: "it was not acknowledged within 5000 ms: task 1 has rows to process in front of the barrier",
    });
    checkpoints.acknowledged(1, 7, running);
    await world.pass(1_000);
    expect(take()).toEqual(["triggerCheckpoint 8 -> 0"]);
    expect(failedJob).toEqual([]);
  });

  it("stores with the next checkpoint what tasks handed over for one that failed, whenever they did", async () => {
    const checkpoints = coordinator();
    const stored: number[][] = [];
    commit = ({ snapshots }) => {
      stored.push(snapshots.map((s) => s.checkpoint));
      return stored.length === 1 ? Promise.reject(new Error("disk full")) : Promise.resolve(committed);
    };
    await world.pass(200);
    checkpoints.acknowledged(0, 7, running);
    checkpoints.declined(1, 7, "busy");
    checkpoints.acknowledged(1, 7, running);
    await world.pass(1_000);
    for (const task of [0, 1]) checkpoints.acknowledged(task, 8, running);
    await world.pass(1_000);
    for (const task of [0, 1]) checkpoints.acknowledged(task, 9, running);
    await world.pass(1_000);
    for (const task of [0, 1]) checkpoints.acknowledged(task, 10, running);
    await world.pass(0);
    expect(stored).toEqual([
      [7, 7, 8, 8],
      [7, 7, 8, 8, 9, 9],
      [10, 10],
    ]);
  });

  it("carries what a task handed over for a failed checkpoint once, however often it comes", async () => {
    const stored: number[][] = [];
    commit = ({ snapshots }) => {
      stored.push(snapshots.map(({ checkpoint }) => checkpoint));
      return Promise.resolve(committed);
    };
    const made = coordinator();
    await world.pass(1_000);
    made.acknowledged(0, 7, running);
    await world.pass(5_000); // Checkpoint 7 fails.
    made.acknowledged(0, 7, running);
    made.acknowledged(1, 7, running);
    made.acknowledged(1, 7, running);
    await world.pass(1_000);
    made.acknowledged(0, 8, running);
    made.acknowledged(1, 8, running);
    await world.pass(0);
    expect(stored).toEqual([[7, 7, 8, 8]]);
  });

  it("fails the job when storing fails too often, with the cause; a success in between forgives", async () => {
    const checkpoints = coordinator();
    const run = async (id: number, outcome: () => ReturnType<CoordinatorPorts["commit"]>): Promise<void> => {
      commit = outcome;
      await world.pass(1_000);
      checkpoints.acknowledged(0, id, running);
      checkpoints.acknowledged(1, id, running);
      await world.pass(0);
    };
    const full = () => Promise.reject(new Error("no space left on device"));
    await run(7, full);
    await run(8, () => Promise.resolve(committed));
    await run(9, full);
    expect(failedJob).toEqual([]);
    await run(10, full);
    expect(failedJob).toEqual(["more than 1 checkpoints failed in a row; checkpoint 10: it could not be stored: no space left on device"]);
  });

  it("triggers a task that ended while its checkpoint was under way, for no barrier will come", async () => {
    const checkpoints = coordinator();
    await world.pass(200);
    expect(take()).toEqual(["triggerCheckpoint 7 -> 0"]);
    checkpoints.taskEnded(1);
    expect(take()).toEqual([]);
    checkpoints.taskEnded(0);
    expect(take()).toEqual(["triggerCheckpoint 7 -> 1"]);
  });

  it("takes the final checkpoint at once when all have ended, and none after it", async () => {
    const checkpoints = coordinator();
    checkpoints.taskEnded(0);
    checkpoints.taskEnded(1);
    expect(take()).toEqual(["triggerCheckpoint 7 -> 0", "triggerCheckpoint 7 -> 1"]);
    checkpoints.acknowledged(0, 7, finishedSnapshot);
    checkpoints.acknowledged(1, 7, finishedSnapshot);
    await world.pass(10_000);
    expect(take()).toEqual(["checkpointComplete 7 -> 0", "checkpointComplete 7 -> 1"]);
  });

  it("goes on without a task that finished", async () => {
    const checkpoints = coordinator();
    checkpoints.taskEnded(0);
    await world.pass(200);
    expect(take()).toEqual(["triggerCheckpoint 7 -> 0"]);
    checkpoints.acknowledged(0, 7, finishedSnapshot);
    checkpoints.acknowledged(1, 7, running);
    await world.pass(0);
    take();
    checkpoints.taskFinished(0);
    checkpoints.taskEnded(1);
    expect(take()).toEqual(["triggerCheckpoint 8 -> 1"]);
  });

  it("serves a request with a checkpoint that began after it", async () => {
    const checkpoints = coordinator();
    await world.pass(200);
    const served = checkpoints.request();
    checkpoints.acknowledged(0, 7, running);
    checkpoints.acknowledged(1, 7, running);
    await world.pass(0);
    checkpoints.acknowledged(0, 8, running);
    checkpoints.acknowledged(1, 8, running);
    expect(await served).toBe(8);
  });

  it("brings a commit under way to its end when it is stopped, and refuses requests", async () => {
    const checkpoints = coordinator();
    let finish: () => void = () => undefined;
    commit = () => new Promise((resolve) => (finish = () => resolve(committed)));
    await world.pass(200);
    checkpoints.acknowledged(0, 7, running);
    checkpoints.acknowledged(1, 7, running);
    const stopped = checkpoints.stop("the job is stopping").then(() => infos.at(-1)?.status);
    await world.pass(0);
    finish();
    expect(await stopped).toBe("COMPLETED");
    await expect(checkpoints.request()).rejects.toThrow(/the job does not run/);
  });

  it("names the task and the phase that a checkpoint expired in", async () => {
    const checkpoints = coordinator();
    await world.pass(200);
    checkpoints.phase(1, 7, "sync");
    await world.pass(5_000);
    expect(infos.at(-1)?.failure).toBe("it was not acknowledged within 5000 ms: task 1 is making its snapshot; task 0 has not begun it");
  });

  it("shows what a checkpoint cost each subtask", async () => {
    const checkpoints = coordinator();
    await world.pass(200);
    await world.pass(30);
    const figures = { ...running.figures, startDelay_ms: 20, sync_ms: 3, bytes: 100 };
    checkpoints.acknowledged(1, 7, { ...running, figures });
    checkpoints.acknowledged(0, 7, running);
    await world.pass(0);
    expect(infos.at(-1)?.subtasks).toEqual([
      { vertexId: "v0", subtask: 0, acknowledged_ms: 230, figures: running.figures },
      { vertexId: "v1", subtask: 0, acknowledged_ms: 230, figures },
    ]);
  });

  it("has as many checkpoints under way as it may, and commits them in order", async () => {
    const checkpoints = coordinator({ maxConcurrent: 2, interval_ms: 100 });
    const stored: number[] = [];
    commit = ({ checkpoint }) => {
      stored.push(checkpoint);
      return Promise.resolve(committed);
    };
    await world.pass(1_000);
    expect(take()).toEqual(["triggerCheckpoint 7 -> 0", "triggerCheckpoint 8 -> 0"]);
    checkpoints.acknowledged(0, 7, running);
    checkpoints.acknowledged(0, 8, running);
    checkpoints.acknowledged(1, 7, running);
    checkpoints.acknowledged(1, 8, running);
    await world.pass(0);
    expect(stored).toEqual([7, 8]);
  });

  it("lets a complete checkpoint subsume an older one, whose changes it takes over", async () => {
    const checkpoints = coordinator({ maxConcurrent: 2, interval_ms: 100, tolerableFailures: 0 });
    const stored: number[][] = [];
    commit = ({ snapshots }) => {
      stored.push(snapshots.map((s) => s.checkpoint));
      return Promise.resolve(committed);
    };
    await world.pass(1_000);
    checkpoints.acknowledged(0, 7, running);
    for (const task of [0, 1]) checkpoints.acknowledged(task, 8, running);
    await world.pass(0);
    expect(stored).toEqual([[7, 8, 8]]);
    expect(infos.find(({ id, status }) => id === 7 && status === "FAILED")?.failure).toBe("checkpoint 8 was complete before it");
    expect(failedJob).toEqual([]);
  });

  it("starts a savepoint's checkpoint beside another, aligned, and does not hold its failure against the job", async () => {
    const checkpoints = coordinator({ tolerableFailures: 0 });
    await world.pass(200);
    const saved = checkpoints.request("savepoint");
    expect(take()).toEqual(["triggerCheckpoint 7 -> 0", "triggerCheckpoint 8 -> 0"]);
    checkpoints.declined(1, 8, "busy");
    await expect(saved).rejects.toThrow("checkpoint 8 failed: task 1 declined it: busy");
    expect(failedJob).toEqual([]);
    expect(infos.at(-1)?.type).toBe("SAVEPOINT");
  });
});
