import { beforeEach, describe, expect, it } from "vitest";
import type { CheckpointInfo } from "../contract/control.ts";
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

let world: ManualWorld;
let sent: string[];
let infos: CheckpointInfo[];
let failedJob: string[];
let commit: CoordinatorPorts["commit"];

/** Source 0 feeds task 1. */
function coordinator(): CheckpointCoordinator {
  const made = new CheckpointCoordinator({
    world,
    options: { interval_ms: 1_000, timeout_ms: 5_000, minPause_ms: 0, tolerableFailures: 1, retained: 3 },
    upstream: [[], [0]],
    nextCheckpoint: 7,
    nameOf: (task) => `task ${task}`,
    send: (task, command, checkpoint) => sent.push(`${command} ${checkpoint} -> ${task}`),
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
    expect(infos.at(-1)).toMatchObject({ id: 7, status: "FAILED", failure: "task 1 did not acknowledge it within 5000 ms" });
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
});
