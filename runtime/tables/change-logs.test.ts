import { describe, expect, it } from "vitest";
import { createSystemTables } from "../checkpoint/system-tables.ts";
import type { TableRows } from "../contract/change-log.ts";
import { rowsOf } from "../contract/rows.ts";
import type { Store } from "../contract/store.ts";
import { integer, type Schema, varchar } from "../contract/types.ts";
import { openStore } from "../duckdb/store.ts";
import { makeFrameCodec } from "../exchange/frame-codec.ts";
import { TableLogs } from "./change-logs.ts";

const declared: Schema = {
  columns: [
    { name: "seq", type: integer },
    { name: "v", type: varchar },
  ],
};
const input = { table: "t", declared };

async function open(rows: string): Promise<{ readonly store: Store; readonly logs: TableLogs }> {
  const store = await openStore({ path: ":memory:" });
  await createSystemTables(store);
  await store.transact((t) => t.run(`CREATE TABLE public.t AS SELECT i::INTEGER AS seq, 'v' || i AS v FROM range(${rows}) r(i)`));
  return { store, logs: await TableLogs.open(store, makeFrameCodec) };
}

const register = async (store: Store, logs: TableLogs, job: string): Promise<void> =>
  logs.exclusively(["t"], async () => (await store.transact((t) => logs.register(t, job, input)))());

/** A committed change, as a session makes it. */
const change = (store: Store, logs: TableLogs, changes: string): Promise<void> =>
  logs.exclusively(["t"], async () => (await store.transact((t) => logs.append(t, "t", changes)))());

/** Rows as `+0 v0`, and the position behind them. */
function read(rows: TableRows): { readonly rows: readonly string[]; readonly last: number | undefined } {
  if (rows.kind === "failed") throw new Error(rows.message);
  const codec = makeFrameCodec(declared);
  const texts = rows.frames.flatMap(({ frame }) => {
    const batch = codec.decode(frame);
    return rowsOf(declared, batch).map((row, i) => `${(batch.weights?.[i] ?? 0) > 0 ? "+" : "-"}${row.join(" ")}`);
  });
  return { rows: texts, last: rows.frames.at(-1)?.last };
}

const pull = async (logs: TableLogs, job: string, after: number | null) =>
  read(await logs.pull(job, { table: "t", declared, columns: [0, 1], after, atOnce: false }));

const logged = async (store: Store): Promise<unknown> =>
  store.transact(async (t) => (await t.query(`SELECT count(*) FROM millrace_state."t/changes"`)).rows());

describe("the change log of a table", () => {
  it("gives a reader its snapshot, then the changes after it, each at one position", async () => {
    const { store, logs } = await open("2");
    await register(store, logs, "j");
    await change(store, logs, "SELECT 1 AS weight, 7 AS seq, 'new' AS v UNION ALL SELECT -1, 0, 'v0'");
    const snapshot = await pull(logs, "j", null);
    expect(snapshot.rows).toEqual(["+0 v0", "+1 v1"]);
    const changes = await pull(logs, "j", snapshot.last ?? null);
    expect(changes.rows).toEqual(["-0 v0", "+7 new"]);
    expect(changes.last).toBe(logs.head("t"));
    expect((await pull(logs, "j", -1)).rows).toEqual(["+1 v1"]);
  });

  it("answers a reader at its end when there is something", async () => {
    const { store, logs } = await open("0");
    await register(store, logs, "j");
    const waiting = pull(logs, "j", null);
    await change(store, logs, "SELECT 1 AS weight, 1 AS seq, 'x' AS v");
    expect((await waiting).rows).toEqual(["+1 x"]);
  });

  it("shows a later reader the table as it was when it came", async () => {
    const { store, logs } = await open("1");
    await register(store, logs, "first");
    await change(store, logs, "SELECT 1 AS weight, 1 AS seq, 'v1' AS v");
    await store.transact((t) => t.run("INSERT INTO public.t VALUES (1, 'v1')"));
    await register(store, logs, "second");
    await change(store, logs, "SELECT 1 AS weight, 2 AS seq, 'v2' AS v");
    const second = await pull(logs, "second", null);
    expect(second.rows).toEqual(["+0 v0", "+1 v1"]);
    expect((await pull(logs, "second", second.last ?? null)).rows).toEqual(["+2 v2"]);
    expect((await pull(logs, "first", 0)).rows).toEqual(["+1 v1", "+2 v2"]);
  });

  it("keeps what some reader's oldest checkpoint needs, and the last row, which tells the head after a restart", async () => {
    const { store, logs } = await open("0");
    await register(store, logs, "a");
    await register(store, logs, "b");
    for (const n of [1, 2, 3]) await change(store, logs, `SELECT 1 AS weight, ${n} AS seq, 'x' AS v`);
    await logs.release("a", new Map([["t", 3]]));
    expect(await logged(store)).toEqual([[3n]]);
    await logs.release("b", new Map([["t", 3]]));
    expect(await logged(store)).toEqual([[1n]]);
    const again = await TableLogs.open(store, makeFrameCodec);
    expect(again.head("t")).toBe(3);
    expect(again.readersOf("t").toSorted()).toEqual(["a", "b"]);
  });

  it("is gone with its last reader, and begins anew", async () => {
    const { store, logs } = await open("1");
    await register(store, logs, "a");
    await change(store, logs, "SELECT 1 AS weight, 1 AS seq, 'x' AS v");
    (await store.transact((t) => logs.unregister(t, "a")))();
    await expect(logged(store)).rejects.toThrow(/does not exist/);
    await register(store, logs, "a");
    expect((await pull(logs, "a", null)).rows).toEqual(["+0 v0"]);
    expect(logs.head("t")).toBe(0);
  });

  it("lets bodies of one table run one after the other, and those of others beside them", async () => {
    const { logs } = await open("0");
    const steps: string[] = [];
    const body = (name: string) => async (): Promise<void> => {
      steps.push(`${name} begins`);
      await new Promise((resolve) => setImmediate(resolve));
      steps.push(`${name} ends`);
    };
    await Promise.all([
      logs.exclusively(["t", "u"], body("1")),
      logs.exclusively(["u", "t"], body("2")),
      logs.exclusively(["w"], body("3")),
    ]);
    expect(steps.indexOf("2 begins")).toBeGreaterThan(steps.indexOf("1 ends"));
    expect(steps.indexOf("3 begins")).toBeLessThan(steps.indexOf("1 ends"));
  });
});
