import { afterEach, describe, expect, it } from "vitest";
import type { CheckpointOptions } from "../contract/checkpoints.ts";
import type { Store } from "../contract/store.ts";
import { openStore } from "../duckdb/store.ts";
import { realWorld } from "../world/real-world.ts";
import { allIds, countsOf, type Script } from "../../sql-tests/runner/counting-job.ts";
import {
  type Harness,
  type Parallelism,
  query,
  quickCheckpoints,
  startEngine,
  submissionOf,
} from "../../sql-tests/runner/engine-harness.ts";

const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

const sleep = (ms: number): Promise<void> => new Promise((resolve) => realWorld.timers.after(ms, resolve));

/** Checkpoints come when they are asked for. */
const onDemand: CheckpointOptions = { ...quickCheckpoints, interval_ms: 3_600_000, timeout_ms: 2_500, tolerableFailures: 100 };
const unaligned: CheckpointOptions = { ...onDemand, unaligned: true };

interface SlowJob {
  readonly store: Store;
  readonly script: Script;
  harness: Harness;
  /** The counting operators take their time from now on, or not. */
  slow: (isSlow: boolean) => void;
}

const sentBySources = ({ engine }: Harness): number =>
  (engine.job("job")?.vertices[0]?.subtasks ?? []).reduce((sum, s) => sum + s.recordsOut, 0);

async function eventually(what: string, condition: () => boolean): Promise<void> {
  const end_ms = realWorld.clock.monotonic_ms() + 30_000;
  while (!condition()) {
    if (realWorld.clock.monotonic_ms() > end_ms) throw new Error(`waited in vain for ${what}`);
    await sleep(20);
  }
}

/** A job whose counting operators hold their feeders up. */
async function slowJob(checkpoints: CheckpointOptions, parallelism: Parallelism, gate = 20_000): Promise<SlowJob> {
  const store = await openStore({ path: ":memory:" });
  opened.push(() => store.close());
  let isSlow = true;
  // Nothing is counted until the sources have sent what they can.
  let held = true;
  let last = { sent: 0, since_ms: 0 };
  const script: Script = {
    rowsPerSplit: 20_500,
    gate,
    beforeBatch: () => undefined,
    beforeCount: async () => {
      while (held) await sleep(20);
      if (isSlow) await sleep(700);
    },
  };
  const harness = await startEngine(store, script);
  const job: SlowJob = { store, script, harness, slow: (now) => (isSlow = now) };
  opened.push(() => job.harness.engine.close());
  await harness.engine.submit(submissionOf(parallelism, { checkpoints }));
  await eventually("rows in flight", () => {
    const sent = sentBySources(harness);
    const now_ms = realWorld.clock.monotonic_ms();
    if (sent !== last.sent) last = { sent, since_ms: now_ms };
    return sent > 0 && now_ms - last.since_ms > 600;
  });
  held = false;
  return job;
}

function goOn({ script, slow }: SlowJob): void {
  slow(false);
  script.gate = Number.POSITIVE_INFINITY;
}

async function expectExact({ store, script }: SlowJob): Promise<void> {
  const ids = (await query(store, "SELECT id FROM public.ledger ORDER BY id")).map(([id]) => id);
  expect(ids.length).toBe(allIds(script).length);
  expect(ids).toEqual(allIds(script));
  expect(await query(store, "SELECT key, rows, total FROM public.counts ORDER BY key")).toEqual(countsOf(allIds(script)));
}

/** What the server's death leaves is the store; the job goes on from there, perhaps wider or narrower. */
async function killAndRestart(job: SlowJob, parallelism: Parallelism): Promise<void> {
  const { engine, slots } = job.harness;
  await Promise.all([engine.close(), slots.crash(0, "killed"), slots.crash(1, "killed")]);
  goOn(job);
  job.harness = await startEngine(job.store, job.script);
  await job.harness.engine.submit(submissionOf(parallelism, { checkpoints: onDemand }));
}

describe("a job behind a slow operator", () => {
  const narrow = { source: 2, aggregate: 2 };

  it("does not get an aligned checkpoint done in time", async () => {
    const { harness } = await slowJob(onDemand, narrow);
    await expect(harness.engine.checkpoint("job")).rejects.toThrow(
      /was not acknowledged within 2500 ms: GroupAggregate -> Sink \(\d\/2\) (has rows to process in front of the barrier|has the barrier of some)/,
    );
  });

  it.each([
    ["the same", narrow],
    ["a higher", { source: 3, aggregate: 4 }],
    ["a lower", { source: 1, aggregate: 1 }],
  ])("gets an unaligned one done, and goes on from it exactly at %s parallelism", async (_name, parallelism) => {
    const job = await slowJob(unaligned, narrow);
    const id = await job.harness.engine.checkpoint("job");
    const info = job.harness.engine.checkpoints("job").find((c) => c.id === id);
    expect(info?.type).toBe("UNALIGNED_CHECKPOINT");
    const persisted = info?.subtasks.reduce((sum, s) => sum + (s.figures?.persisted_bytes ?? 0), 0) ?? 0;
    expect(persisted).toBeGreaterThan(1_000);
    const rows = await query(job.store, `SELECT count(*) FROM millrace_state."job/in flight/numbers:1>agg:1:0" WHERE checkpoint = ${id}`);
    expect(Number(rows[0]?.[0])).toBeGreaterThan(100);
    await killAndRestart(job, parallelism);
    expect(await job.harness.engine.finished("job")).toBe("FINISHED");
    expect(job.harness.log.join("\n")).toContain(`from checkpoint ${id}`);
    await expectExact(job);
  });

  it("lets barriers keep their place until the timeout, then overtake", async () => {
    const job = await slowJob({ ...unaligned, alignedTimeout_ms: 200 }, narrow);
    const id = await job.harness.engine.checkpoint("job");
    const info = job.harness.engine.checkpoints("job").find((c) => c.id === id);
    expect(info?.type).toBe("UNALIGNED_CHECKPOINT");
    expect((info?.completed_ms ?? 0) - (info?.triggered_ms ?? 0)).toBeGreaterThanOrEqual(199);
    await killAndRestart(job, narrow);
    expect(await job.harness.engine.finished("job")).toBe("FINISHED");
    await expectExact(job);
  });

  it("does not wait for the last rows of sources that have ended", async () => {
    const job = await slowJob(unaligned, narrow, 20_500);
    await eventually(
      "the end of the sources",
      () => job.harness.engine.job("job")?.vertices[0]?.subtasks.every((s) => s.recordsOut >= 41_000) === true,
    );
    const id = await job.harness.engine.checkpoint("job");
    expect(job.harness.engine.checkpoints("job").find((c) => c.id === id)?.type).toBe("UNALIGNED_CHECKPOINT");
    await killAndRestart(job, narrow);
    expect(await job.harness.engine.finished("job")).toBe("FINISHED");
    await expectExact(job);
  });

  it("stores nothing in flight where barriers arrive before the timeout", async () => {
    const job = await slowJob({ ...unaligned, timeout_ms: 30_000, alignedTimeout_ms: 25_000 }, narrow);
    job.slow(false);
    const id = await job.harness.engine.checkpoint("job");
    expect(job.harness.engine.checkpoints("job").find((c) => c.id === id)?.type).toBe("CHECKPOINT");
  });

  it("loses no change with an unaligned checkpoint that fails", async () => {
    const job = await slowJob({ ...unaligned, timeout_ms: 700 }, narrow);
    let stuck = true;
    job.script.beforeCount = async () => {
      while (stuck) await sleep(20);
    };
    await sleep(1_000);
    await expect(job.harness.engine.checkpoint("job")).rejects.toThrow(/was not acknowledged within 700 ms/);
    stuck = false;
    goOn(job);
    expect(await job.harness.engine.finished("job")).toBe("FINISHED");
    await expectExact(job);
  });
});
