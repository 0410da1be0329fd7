import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { Store } from "../contract/store.ts";
import { TaskFailure } from "../contract/errors.ts";
import { openStore } from "../duckdb/store.ts";
import { allIds, countsOf, type Script } from "../../sql-tests/runner/counting-job.ts";
import { type Harness, query, startEngine, submissionOf, until } from "../../sql-tests/runner/engine-harness.ts";

const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

async function memoryStore(): Promise<Store> {
  const store = await openStore({ path: ":memory:" });
  opened.push(() => store.close());
  return store;
}

async function start(store: Store, script: Script, slots = 2): Promise<Harness> {
  const harness = await startEngine(store, script, slots);
  opened.push(() => harness.engine.close());
  return harness;
}

const scriptOf = (changes: Partial<Script> = {}): Script => ({
  rowsPerSplit: 400,
  gate: Number.POSITIVE_INFINITY,
  beforeBatch: () => undefined,
  ...changes,
});

/** Each row once in the ledger, and the counts of all rows in the changelog's table. */
async function expectExact(store: Store, script: Script): Promise<void> {
  const ids = (await query(store, "SELECT id FROM public.ledger ORDER BY id")).map(([id]) => id);
  expect(ids).toEqual(allIds(script));
  expect(await query(store, "SELECT key, rows, total FROM public.counts ORDER BY key")).toEqual(countsOf(allIds(script)));
}

const completed = (harness: Harness): number => harness.engine.checkpoints("job").filter((c) => c.status === "COMPLETED").length;

describe("a bounded job", () => {
  it("finishes after one last checkpoint that has all rows", async () => {
    const store = await memoryStore();
    const script = scriptOf();
    const { engine } = await start(store, script);
    await engine.submit(submissionOf({ source: 2, aggregate: 3 }));
    expect(await engine.finished("job")).toBe("FINISHED");
    await expectExact(store, script);
    expect(engine.job("job")?.vertices.flatMap((v) => v.subtasks.map((s) => s.state))).toEqual(Array.from({ length: 6 }, () => "FINISHED"));
  });

  it("is not run again when it is submitted after a restart of the server", async () => {
    const store = await memoryStore();
    const first = await startEngine(store, scriptOf());
    await first.engine.submit(submissionOf({ source: 2, aggregate: 3 }));
    await first.engine.finished("job");
    await first.engine.close();
    const script = scriptOf({ beforeBatch: () => expect.fail("it read again") });
    const { engine } = await start(store, script);
    await engine.submit(submissionOf({ source: 2, aggregate: 3 }));
    expect(engine.job("job")?.state).toBe("FINISHED");
    expect(await engine.finished("job")).toBe("FINISHED");
    await expectExact(store, script);
  });

  it("takes checkpoints while some tasks have ended and others read on", async () => {
    const store = await memoryStore();
    let slow = true;
    const script = scriptOf({ rowsPerSplit: 40 });
    script.beforeBatch = (split, position) => {
      if (slow && split === "s1" && position === 20) script.gate = 20;
    };
    script.gate = 20;
    const harness = await start(store, script);
    await harness.engine.submit(submissionOf({ source: 4, aggregate: 2 }));
    await until("two checkpoints", () => completed(harness) >= 2);
    slow = false;
    script.gate = 40;
    expect(await harness.engine.finished("job")).toBe("FINISHED");
    await expectExact(store, script);
  });
});

describe("recovery", () => {
  it("restarts from the last checkpoint after a fault, each row once", async () => {
    const store = await memoryStore();
    let faults = 0;
    const script = scriptOf({ gate: 100 });
    const harness = await start(store, script);
    script.beforeBatch = (_split, position) => {
      if (position >= 200 && faults++ < 3) throw new TaskFailure("external", "retry", "the disk hiccuped");
    };
    await harness.engine.submit(submissionOf({ source: 2, aggregate: 3 }));
    await until("a checkpoint", () => completed(harness) >= 2);
    script.gate = Number.POSITIVE_INFINITY;
    expect(await harness.engine.finished("job")).toBe("FINISHED");
    await expectExact(store, script);
    expect(harness.engine.job("job")?.restarts).toBeGreaterThanOrEqual(1);
    expect(harness.engine.exceptions("job")[0]).toMatchObject({ message: "the disk hiccuped", domain: "external" });
  });

  it.each([
    { source: 1, aggregate: 1 },
    { source: 4, aggregate: 2 },
    { source: 3, aggregate: 5 },
  ])("restores at another parallelism: %o", async (parallelism) => {
    const store = await memoryStore();
    const before = scriptOf({ gate: 150 });
    const first = await startEngine(store, before);
    await first.engine.submit(submissionOf({ source: 2, aggregate: 3 }));
    await until("a checkpoint of rows", async () => Number((await query(store, "SELECT count(*) FROM public.ledger"))[0]?.[0]) >= 300);
    await first.engine.close();
    const script = scriptOf();
    const { engine } = await start(store, script, 3);
    await engine.submit(submissionOf(parallelism));
    expect(await engine.finished("job")).toBe("FINISHED");
    await expectExact(store, script);
  });

  it("adopts the number of key groups that the state was written with", async () => {
    const store = await memoryStore();
    const first = await startEngine(store, scriptOf({ gate: 100 }));
    await first.engine.submit(submissionOf({ source: 2, aggregate: 3 }));
    await first.engine.checkpoint("job");
    await first.engine.close();
    const script = scriptOf();
    const { engine } = await start(store, script);
    const submission = submissionOf({ source: 2, aggregate: 3 });
    await engine.submit({ ...submission, graph: { ...submission.graph, maxParallelism: 64 } });
    await engine.finished("job");
    await expectExact(store, script);
    await engine.drop("job");
    const tooWide = submissionOf({ source: 2, aggregate: 200 });
    await expect(engine.submit(tooWide)).rejects.toThrow(/max parallelism 128/);
  });

  it("never uses an id again that may have been under way when the process died", async () => {
    const store = await memoryStore();
    const first = await startEngine(store, scriptOf({ gate: 100 }));
    await first.engine.submit(submissionOf({ source: 2, aggregate: 3 }));
    const last = await first.engine.checkpoint("job");
    await first.engine.close();
    const { engine } = await start(store, scriptOf({ gate: 100 }));
    await engine.submit(submissionOf({ source: 2, aggregate: 3 }));
    const next = await engine.checkpoint("job");
    const { tolerableFailures } = submissionOf({ source: 1, aggregate: 1 }).checkpoints;
    expect(next).toBeGreaterThan(last + tolerableFailures + 1);
  });

  it("restarts when a slot dies, once the slot is back", async () => {
    const store = await memoryStore();
    const script = scriptOf({ gate: 100 });
    const harness = await start(store, script);
    await harness.engine.submit(submissionOf({ source: 2, aggregate: 3 }));
    await until("a checkpoint", () => completed(harness) >= 1);
    await harness.slots.crash(1, "out of memory");
    script.gate = Number.POSITIVE_INFINITY;
    expect(harness.engine.job("job")?.state).toBe("RESTARTING");
    harness.slots.restart(1);
    expect(await harness.engine.finished("job")).toBe("FINISHED");
    await expectExact(store, script);
    expect(harness.engine.exceptions("job")[0]?.message).toContain("slot 1 is gone: out of memory");
  });

  it("fails at once on a fault that a restart would not mend", async () => {
    const store = await memoryStore();
    const script = scriptOf({
      beforeBatch: () => {
        throw new TaskFailure("user", "fail", "row 7 has no time");
      },
    });
    const { engine } = await start(store, script);
    await engine.submit(submissionOf({ source: 2, aggregate: 3 }));
    expect(await engine.finished("job")).toBe("FAILED");
    expect(engine.job("job")?.fault).toMatchObject({ message: "row 7 has no time", domain: "user", sqlState: "22000" });
    expect(engine.job("job")?.fault?.task).toMatch(/Source numbers \(\d\/2\)/);
  });
});

describe("a job's life", () => {
  it("is paused with its state and resumed, also over a restart of the server", async () => {
    const store = await memoryStore();
    const first = await startEngine(store, scriptOf({ gate: 100 }));
    await first.engine.submit(submissionOf({ source: 2, aggregate: 3 }));
    await first.engine.pause("job");
    expect(first.engine.job("job")?.state).toBe("PAUSED");
    await first.engine.close();
    const script = scriptOf();
    const { engine } = await start(store, script);
    await engine.submit(submissionOf({ source: 2, aggregate: 3 }));
    expect(engine.job("job")?.state).toBe("PAUSED");
    await engine.resubmit(submissionOf({ source: 1, aggregate: 4 }));
    expect(await engine.finished("job")).toBe("FINISHED");
    await expectExact(store, script);
  });

  it("is canceled and stays listed, then dropped without a trace", async () => {
    const store = await memoryStore();
    const { engine } = await start(store, scriptOf({ gate: 100 }));
    await engine.submit(submissionOf({ source: 2, aggregate: 3 }));
    await engine.checkpoint("job");
    await engine.cancel("job");
    expect(engine.job("job")?.state).toBe("CANCELED");
    await engine.drop("job");
    expect(engine.job("job")).toBeNull();
    const left = await query(store, "SELECT table_name FROM information_schema.tables WHERE table_schema IN ('public', 'millrace_state')");
    expect(left).toEqual([]);
    for (const table of ["job_runs", "checkpoints", "checkpoint_deltas", "state_tables"]) {
      expect(await query(store, `SELECT count(*) FROM millrace.${table}`)).toEqual([[0n]]);
    }
  });

  it("shows its checkpoint as SQL tables", async () => {
    const store = await memoryStore();
    const { engine } = await start(store, scriptOf({ gate: 100 }));
    await engine.submit(submissionOf({ source: 2, aggregate: 3 }));
    await until("the gate", async () => Number((await query(store, "SELECT count(*) FROM public.ledger"))[0]?.[0]) === 400);
    const id = await engine.checkpoint("job");
    expect(await query(store, `SELECT status, failure FROM millrace.checkpoints WHERE job = 'job' AND id = ${id}`)).toEqual([
      ["COMPLETED", null],
    ]);
    const positions = await query(
      store,
      `SELECT split, position FROM millrace_state."job/numbers:1/positions" WHERE checkpoint = ${id} ORDER BY split`,
    );
    expect(positions).toEqual(["s0", "s1", "s2", "s3"].map((split) => [split, 100n]));
  });

  it("refuses a second job of its name", async () => {
    const { engine } = await start(await memoryStore(), scriptOf({ gate: 100 }));
    await engine.submit(submissionOf({ source: 1, aggregate: 1 }));
    await expect(engine.submit(submissionOf({ source: 1, aggregate: 1 }))).rejects.toThrow(/already exists/);
  });
});

describe("a store on disk", () => {
  it("goes on after the process was gone, from what was committed", async () => {
    const directory = mkdtempSync(join(tmpdir(), "millrace-engine-"));
    opened.push(async () => rmSync(directory, { recursive: true }));
    const path = join(directory, "store.duckdb");
    for (const gate of [120, 260]) {
      const store = await openStore({ path });
      const { engine } = await startEngine(store, scriptOf({ gate }));
      await engine.submit(submissionOf({ source: 2, aggregate: 3 }));
      await engine.checkpoint("job");
      await engine.close();
      await store.close();
    }
    const store = await openStore({ path });
    opened.push(() => store.close());
    const script = scriptOf();
    const { engine } = await start(store, script);
    await engine.submit(submissionOf({ source: 3, aggregate: 2 }));
    expect(await engine.finished("job")).toBe("FINISHED");
    await expectExact(store, script);
  });
});
