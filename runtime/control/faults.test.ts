import { afterEach, describe, expect, it } from "vitest";
import { allIds, countsOf, type Script } from "../../sql-tests/runner/counting-job.ts";
import { type Harness, query, startEngine, submissionOf, until } from "../../sql-tests/runner/engine-harness.ts";
import { SqlError } from "../contract/errors.ts";
import type { TaskId } from "../contract/rpc.ts";
import type { Store } from "../contract/store.ts";
import type { World } from "../contract/world.ts";
import { openStore } from "../duckdb/store.ts";
import { realWorld } from "../world/real-world.ts";

const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

async function start(store: Store, script: Script): Promise<Harness> {
  const harness = await startEngine(store, script);
  opened.push(() => harness.engine.close());
  return harness;
}

const scriptOf = (changes: Partial<Script> = {}): Script => ({
  rowsPerSplit: 400,
  gate: Number.POSITIVE_INFINITY,
  beforeBatch: () => undefined,
  ...changes,
});

interface FaultyStore extends Store {
  /** Appends that will still fail, as on a full disk: in the middle of a transaction. */
  failingAppends: number;
}

/** The real store on a disk that fills up when told. */
async function faultyStore(): Promise<FaultyStore> {
  const store = await openStore({ path: ":memory:" });
  opened.push(() => store.close());
  const faulty: FaultyStore = {
    failingAppends: 0,
    connect: () => store.connect(),
    close: () => store.close(),
    declareFunction: (definition) => store.declareFunction(definition),
    transact: (body) =>
      store.transact((transaction) =>
        body({
          ...transaction,
          append: async (...table) => {
            await transaction.append(...table);
            if (faulty.failingAppends-- > 0) throw new SqlError({ sqlState: "53100", message: "no space left on device" });
          },
        }),
      ),
  };
  return faulty;
}

async function expectExact(store: Store, script: Script): Promise<void> {
  const ids = (await query(store, "SELECT id FROM public.ledger ORDER BY id")).map(([id]) => id);
  expect(ids).toEqual(allIds(script));
  expect(await query(store, "SELECT key, rows, total FROM public.counts ORDER BY key")).toEqual(countsOf(allIds(script)));
}

describe("a full disk", () => {
  it("fails checkpoints visibly while the job runs on, and the next that fits has everything", async () => {
    const store = await faultyStore();
    const script = scriptOf({ gate: 100 });
    const { engine } = await start(store, script);
    await engine.submit(submissionOf({ source: 2, aggregate: 3 }));
    await engine.checkpoint("job");
    store.failingAppends = 2;
    script.gate = 200;
    await until("two failures", () => engine.checkpoints("job").filter((c) => c.status === "FAILED").length === 2);
    expect(engine.job("job")).toMatchObject({ state: "RUNNING", restarts: 0 });
    expect(engine.checkpoints("job").find((c) => c.status === "FAILED")?.failure).toBe("it could not be stored: no space left on device");
    script.gate = Number.POSITIVE_INFINITY;
    expect(await engine.finished("job")).toBe("FINISHED");
    await expectExact(store, script);
  });

  it("restarts the job with the cause when it lasts, and the result is exact once there is space", async () => {
    const store = await faultyStore();
    const script = scriptOf({ gate: 100 });
    const { engine } = await start(store, script);
    await engine.submit(submissionOf({ source: 2, aggregate: 3 }));
    await engine.checkpoint("job");
    store.failingAppends = 6;
    script.gate = Number.POSITIVE_INFINITY;
    expect(await engine.finished("job")).toBe("FINISHED");
    await expectExact(store, script);
    expect(engine.job("job")?.restarts).toBe(1);
    expect(engine.exceptions("job")[0]).toMatchObject({
      message: expect.stringMatching(
        /more than 3 checkpoints failed in a row; checkpoint \d+: it could not be stored: no space left on device/,
      ),
      domain: "external",
    });
  });

  it("tells who asked for the checkpoint", async () => {
    const store = await faultyStore();
    const { engine } = await start(store, scriptOf({ gate: 100 }));
    await engine.submit(submissionOf({ source: 2, aggregate: 3 }));
    store.failingAppends = 1;
    await expect(engine.checkpoint("job")).rejects.toThrow(/no space left on device/);
  });
});

describe("damaged state", () => {
  const damaged = async (where: string): Promise<FaultyStore> => {
    const store = await faultyStore();
    const script = scriptOf({ gate: 50 });
    const { engine } = await startEngine(store, script);
    await engine.submit(submissionOf({ source: 2, aggregate: 3 }));
    for (const gate of [100, 150, 200]) {
      script.gate = gate;
      await until("the rows", async () => Number((await query(store, "SELECT count(*) FROM public.ledger"))[0]?.[0]) === 4 * gate);
    }
    await engine.close();
    await store.transact((t) => t.run(`UPDATE millrace_state."job/agg:1/counts" SET total = total + 1 WHERE ${where}`));
    return store;
  };

  it("is passed over for an older checkpoint, and the result is still exact", async () => {
    const store = await damaged('checkpoint = (SELECT max(checkpoint) FROM millrace_state."job/agg:1/counts")');
    const script = scriptOf();
    const { engine, log } = await start(store, script);
    const newest = engine.job("job");
    expect(newest).toBeNull();
    await engine.submit({
      ...submissionOf({ source: 2, aggregate: 3 }),
      checkpoints: { ...submissionOf({ source: 1, aggregate: 1 }).checkpoints, retained: 100 },
    });
    expect(await engine.finished("job")).toBe("FINISHED");
    await expectExact(store, script);
    expect(log.filter((line) => /^error .*cannot be trusted .*the job goes back to checkpoint \d+/.test(line))).toHaveLength(1);
    expect(engine.exceptions("job")[0]?.message).toMatch(/cannot be trusted/);
  });

  it("fails the job with a clear message where no checkpoint is whole, and the engine lives", async () => {
    const store = await damaged("true");
    const { engine } = await start(store, scriptOf());
    await engine.submit(submissionOf({ source: 2, aggregate: 3 }));
    expect(await engine.finished("job")).toBe("FAILED");
    expect(engine.job("job")).toMatchObject({
      state: "FAILED",
      fault: { domain: "external", message: expect.stringMatching(/no retained checkpoint of job "job" can be trusted/) },
    });
    await engine.submit({
      ...submissionOf({ source: 1, aggregate: 1 }),
      name: "other",
      resultTables: submissionOf({ source: 1, aggregate: 1 }).resultTables,
    });
    expect(engine.job("other")?.state).toBe("RUNNING");
  });
});

describe("a task that does not end", () => {
  it("is left behind when its time is up, and what runs it is given up", async () => {
    const store = await faultyStore();
    const { timers } = realWorld;
    const hasty: World = { ...realWorld, timers: { ...timers, after: (ms, run) => timers.after(ms === 30_000 ? 100 : ms, run) } };
    const { engine, slots, log } = await startEngine(store, scriptOf({ gate: 100 }), 2, hasty);
    opened.push(() => engine.close());
    await engine.submit(submissionOf({ source: 2, aggregate: 3 }));
    const abandoned: string[] = [];
    slots.abandon = (slot, reason) => abandoned.push(`${slot}: ${reason}`);
    const send = slots.send.bind(slots);
    slots.send = (slot, message) => {
      if (message.do !== "cancel" || slot !== 1) send(slot, message);
    };
    await engine.cancel("job");
    expect(engine.job("job")?.state).toBe("CANCELED");
    expect(abandoned).toEqual(['1: a task of job "job" did not end within 30000 ms']);
    expect(log.join()).toMatch(/did not stop within 30000 ms and are left behind/);
  });
});

describe("fencing", () => {
  it("drops what tasks of an earlier attempt say", async () => {
    const store = await faultyStore();
    const script = scriptOf({ gate: 100 });
    const { engine, slots } = await start(store, script);
    await engine.submit(submissionOf({ source: 2, aggregate: 3 }));
    await engine.checkpoint("job");
    await slots.crash(0, "gone");
    slots.restart(0);
    await until("the second attempt", () => engine.job("job")?.state === "RUNNING");
    const zombie = engine as unknown as { message(slot: number, message: unknown): void };
    const task = { job: engine.job("job")?.id, vertex: "source", subtask: 0, attempt: 1 };
    zombie.message(0, { did: "taskState", task, state: "FAILED", fault: null });
    zombie.message(0, { did: "ended", task });
    expect(engine.job("job")).toMatchObject({ state: "RUNNING", restarts: 1 });
    script.gate = Number.POSITIVE_INFINITY;
    expect(await engine.finished("job")).toBe("FINISHED");
    await expectExact(store, script);
  });

  it("drops what tasks of a dropped job say, though one of its name runs with the same attempt", async () => {
    const store = await faultyStore();
    const script = scriptOf({ gate: 100 });
    const { engine, slots } = await start(store, script);
    const deployed: TaskId[] = [];
    const deploy = slots.deploy.bind(slots);
    slots.deploy = (all) => {
      deployed.push(...all.flatMap(({ deployments }) => deployments.map(({ task }) => task)));
      deploy(all);
    };
    await engine.submit(submissionOf({ source: 2, aggregate: 3 }));
    const [task] = deployed;
    await engine.drop("job");
    await engine.submit(submissionOf({ source: 2, aggregate: 3 }));
    const zombie = engine as unknown as { message(slot: number, message: unknown): void };
    zombie.message(0, { did: "taskState", task, state: "FAILED", fault: null });
    zombie.message(0, { did: "ended", task });
    script.gate = Number.POSITIVE_INFINITY;
    expect(await engine.finished("job")).toBe("FINISHED");
    expect(engine.job("job")).toMatchObject({ restarts: 0 });
    await expectExact(store, script);
  });

  it("lets a job that was dropped write nothing into one of its name", async () => {
    const store = await faultyStore();
    const first = await start(store, scriptOf({ gate: 100 }));
    await first.engine.submit(submissionOf({ source: 2, aggregate: 3 }));
    await store.transact((t) => t.run("UPDATE millrace.job_runs SET id = 'of another job'"));
    await expect(first.engine.checkpoint("job")).rejects.toThrow(/attempt 1 of job "job" may not write: another job has its name now/);
  });

  it("lets an engine that lost its job to another write nothing", async () => {
    const store = await faultyStore();
    const first = await start(store, scriptOf({ gate: 100 }));
    await first.engine.submit(submissionOf({ source: 2, aggregate: 3 }));
    await first.engine.checkpoint("job");
    const script = scriptOf();
    const second = await start(store, script);
    await second.engine.submit(submissionOf({ source: 2, aggregate: 3 }));
    await expect(first.engine.checkpoint("job")).rejects.toThrow(/attempt 1 of job "job" may not write/);
    expect(await second.engine.finished("job")).toBe("FINISHED");
    await expectExact(store, script);
  });
});
