import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ResultTable } from "../contract/control.ts";
import type { JobGraph, OperatorNode } from "../contract/job-graph.ts";
import type { StateTableSpec } from "../contract/operator.ts";
import { batchOf, rowsOf } from "../contract/rows.ts";
import type { ResultFrames, StateFrames, TaskSnapshot } from "../contract/rpc.ts";
import type { Store } from "../contract/store.ts";
import { parseType } from "../contract/parse-type.ts";
import { bigint, type Schema, type SqlType, varchar } from "../contract/types.ts";
import type { Value } from "../contract/value.ts";
import { openStore } from "../duckdb/store.ts";
import { makeFrameCodec } from "../exchange/frame-codec.ts";
import { query } from "../../sql-tests/runner/engine-harness.ts";
import { AttemptStorage } from "./attempt-storage.ts";
import { claimAttempt } from "./begin-attempt.ts";
import type { JobRecord } from "./job-records.ts";
import { type JobLayout, layoutOf } from "./layout.ts";
import { restoreJob } from "./restore.ts";
import { createSystemTables } from "./system-tables.ts";

const typed: Schema = {
  columns: (["REAL", "DOUBLE", "DECIMAL(30,4)", "TIMESTAMP", "INTERVAL", "VARCHAR[]", "STRUCT(a REAL, b VARCHAR)", "UUID"] as const).map(
    (name, i) => ({
      name: `v${i}`,
      type: parseType(name) as SqlType,
    }),
  ),
};
const panes: StateTableSpec = {
  name: "panes",
  version: 1,
  columns: [{ name: "checkpoint", type: varchar }, { name: "Key_Group", type: bigint }, ...typed.columns],
  keyColumns: 2,
  redistribution: { kind: "keyed", distribution: [0] },
};
const splits: StateTableSpec = {
  name: "splits",
  version: 1,
  columns: [
    { name: "split", type: varchar },
    { name: "position", type: bigint },
  ],
  keyColumns: 1,
  redistribution: { kind: "union" },
};
const total: StateTableSpec = {
  name: "total",
  version: 1,
  columns: [{ name: "n", type: bigint }],
  keyColumns: 0,
  redistribution: { kind: "keyed", distribution: [] },
};

const kv: Schema = {
  columns: [
    { name: "k", type: varchar },
    { name: "weight", type: bigint },
  ],
};
const keyed: ResultTable = { name: "keyed", schema: kv, changelog: true, uniqueKey: [0] };
const bag: ResultTable = { name: "bag", schema: kv, changelog: true, uniqueKey: null };
const single: ResultTable = { name: "single", schema: kv, changelog: true, uniqueKey: [] };
const appended: ResultTable = { name: "appended", schema: kv, changelog: false, uniqueKey: null };

const graphOf = (parallelism: number): JobGraph => ({
  maxParallelism: 128,
  edges: [],
  vertices: [{ id: "v", name: "v", parallelism, slotSharingGroup: "default", operators: [{ uid: "op:1" } as unknown as OperatorNode] }],
});

const layout = (parallelism = 1, tables: readonly StateTableSpec[] = [panes, splits, total]): JobLayout =>
  layoutOf({
    job: "job",
    graph: graphOf(parallelism),
    results: [keyed, bag, single, appended],
    stateTablesOf: () => tables,
    makeFrameCodec,
  });

const paneRow = (key: string, n: bigint, text: string): Value[] => {
  const nested = [text, null, `${text} that is longer than twelve bytes`];
  return [
    key,
    n,
    0.1,
    0.1,
    12_345_678_901_234_567_890n,
    n * 1_000n,
    { months: 1, days: 2, micros: n },
    nested,
    [0.1, text],
    "00000000-0000-0000-0000-00000000000f",
  ];
};

const state = (spec: StateTableSpec, puts: readonly Value[][], deletes: readonly Value[][] = []): StateFrames => {
  const keys: Schema = { columns: spec.columns.slice(0, spec.keyColumns) };
  return {
    uid: "op:1",
    table: spec.name,
    puts: puts.length === 0 ? null : makeFrameCodec({ columns: spec.columns }).encode(batchOf({ columns: spec.columns }, puts), null),
    deletes: deletes.length === 0 ? null : makeFrameCodec(keys).encode(batchOf(keys, deletes), null),
  };
};

/** Rows as [weight, k, v], one batch for each argument. */
const changes = (table: ResultTable, ...batches: (readonly [number, string | null, bigint])[][]): ResultFrames => ({
  table: table.name,
  frames: batches.map((rows) =>
    makeFrameCodec(kv).encode(
      batchOf(
        kv,
        rows.map(([, k, v]) => [k, v]),
        table.changelog ? rows.map(([weight]) => weight) : null,
      ),
      null,
    ),
  ),
});

const snapshotOf = (states: readonly StateFrames[], results: readonly ResultFrames[] = []): TaskSnapshot => ({
  finished: false,
  state: states,
  results,
  alignment_ms: 0,
  sync_ms: 0,
});

let store: Store;
let attempt = 0;
beforeEach(async () => {
  store = await openStore({ path: ":memory:" });
  attempt = 0;
  await createSystemTables(store);
});
afterEach(() => store.close());

const recordOf = (number: number): JobRecord => ({
  job: "job",
  id: "id",
  state: "RUNNING",
  attempt: number,
  maxParallelism: 128,
  nextCheckpoint: 1,
  restarts: 0,
  created_ms: 0,
  started_ms: null,
  ended_ms: null,
  fault: null,
});

async function begin(of: JobLayout = layout()): Promise<AttemptStorage> {
  attempt += 1;
  await claimAttempt(store, recordOf(attempt));
  const restoration = await restoreJob(store, of, 3);
  return AttemptStorage.begin({ store, layout: of, record: recordOf(attempt), retained_max: 3, now_ms: () => 1_000 }, restoration);
}

const commit = (storage: AttemptStorage, checkpoint: number, states: readonly StateFrames[], results: readonly ResultFrames[] = []) =>
  storage.commit({ checkpoint, triggered_ms: 900, snapshots: [{ checkpoint, snapshot: snapshotOf(states, results) }] });

/** The restored rows of a table, over all subtasks, in a stable order. */
async function restored(spec: StateTableSpec, of: JobLayout = layout(), subtasks = 1): Promise<Value[][][]> {
  const restoration = await restoreJob(store, of, 3);
  const schema: Schema = { columns: spec.columns };
  return Array.from({ length: subtasks }, (_, subtask) => {
    const frames = restoration.tablesOf("v", subtask).filter((t) => t.table === spec.name);
    const rows = frames.flatMap((t) => t.frames.flatMap((frame) => rowsOf(schema, makeFrameCodec(schema).decode(frame))));
    return rows.sort((a, b) => String(a[0]).localeCompare(String(b[0])));
  });
}

describe("state", () => {
  it("comes back with its types, the last put of a key winning and deletes gone", async () => {
    const storage = await begin();
    await commit(storage, 1, [state(panes, [paneRow("a", 1n, "x"), paneRow("b", 2n, "y"), paneRow("c", 3n, "z")])]);
    await commit(storage, 2, [state(panes, [paneRow("a", 1n, "new")], [["b", 2n]])]);
    await commit(storage, 3, [state(panes, [paneRow("b", 2n, "again")], [["c", 3n]])]);
    const fround = (row: Value[]): Value[] =>
      row.map((v, i) => (i === 2 ? Math.fround(0.1) : i === 8 ? [Math.fround(0.1), (v as Value[])[1] as Value] : v));
    expect(await restored(panes)).toEqual([[fround(paneRow("a", 1n, "new")), fround(paneRow("b", 2n, "again"))]]);
  });

  it("is dealt by key group at another parallelism, union tables going everywhere", async () => {
    const rows = Array.from({ length: 40 }, (_, i) => paneRow(`key${i}`, 1n, "v"));
    await commit(await begin(), 1, [state(panes, rows), state(splits, [["s0", 5n]]), state(total, [[7n]])]);
    const parts = await restored(panes, layout(3), 3);
    expect(parts.every((part) => part.length > 0)).toBe(true);
    expect(parts.flat()).toHaveLength(rows.length);
    expect(new Set(parts.flat().map((row) => row[0]))).toEqual(new Set(rows.map((row) => row[0])));
    expect(await restored(splits, layout(3), 3)).toEqual([[["s0", 5n]], [["s0", 5n]], [["s0", 5n]]]);
    expect((await restored(total, layout(3), 3)).flat()).toEqual([[7n]]);
  });

  it("has one row per key, also when it has no key columns", async () => {
    const storage = await begin();
    await commit(storage, 1, [state(total, [[1n]])]);
    await commit(storage, 2, [state(total, [[2n]])]);
    expect(await restored(total)).toEqual([[[2n]]]);
  });

  it("lets go of a dropped column, and refuses a new or changed one", async () => {
    await commit(await begin(), 1, [state(splits, [["s0", 5n]])]);
    const without: StateTableSpec = { ...splits, columns: splits.columns.slice(0, 1) };
    const withNew: StateTableSpec = { ...splits, columns: [...splits.columns, { name: "lag", type: bigint }] };
    const changed: StateTableSpec = {
      ...splits,
      columns: [splits.columns[0] as (typeof splits.columns)[0], { name: "position", type: varchar }],
    };
    await expect(restoreJob(store, layout(1, [panes, withNew, total]), 3)).rejects.toThrow(/has no column "lag"/);
    await expect(restoreJob(store, layout(1, [panes, changed, total]), 3)).rejects.toThrow(
      /"position" .* is BIGINT, the job now needs VARCHAR/,
    );
    await expect(restoreJob(store, layout(1, [panes, total]), 3)).rejects.toThrow(/which the job no longer has/);
    const slim = layout(1, [panes, without, total]);
    const storage = await begin(slim);
    await commit(storage, 2, [state(without, [["s1"]])]);
    expect(await restored(without, slim)).toEqual([[["s0"], ["s1"]]]);
  });

  it("keeps the changes of failed checkpoints in their order when a later one stores them", async () => {
    const storage = await begin();
    await storage.commit({
      checkpoint: 3,
      triggered_ms: 900,
      snapshots: [
        {
          checkpoint: 1,
          snapshot: snapshotOf(
            [
              state(splits, [
                ["s0", 1n],
                ["s1", 1n],
              ]),
            ],
            [changes(keyed, [[1, "a", 1n]])],
          ),
        },
        {
          checkpoint: 2,
          snapshot: snapshotOf(
            [state(splits, [["s0", 2n]], [["s1"]])],
            [
              changes(keyed, [
                [-1, "a", 1n],
                [1, "a", 2n],
              ]),
            ],
          ),
        },
        {
          checkpoint: 3,
          snapshot: snapshotOf(
            [state(splits, [["s2", 3n]])],
            [
              changes(keyed, [
                [-1, "a", 2n],
                [1, "a", 3n],
              ]),
            ],
          ),
        },
      ],
    });
    expect(await restored(splits)).toEqual([
      [
        ["s0", 2n],
        ["s2", 3n],
      ],
    ]);
    expect(await rowsIn(keyed)).toEqual([["a", 3n]]);
  });

  it("refuses the commit of an attempt that another has replaced", async () => {
    const old = await begin();
    await begin();
    await expect(commit(old, 1, [state(splits, [["s0", 1n]])])).rejects.toThrow(
      /attempt 1 of job "job" may not write: attempt 2 has taken over/,
    );
    expect(await query(store, 'SELECT * FROM millrace_state."job/op:1/splits"')).toEqual([]);
  });
});

const rowsIn = (table: ResultTable) => query(store, `SELECT k, weight FROM public.${table.name} ORDER BY ALL`);

describe("result tables", () => {
  it("take the net change per key, whatever came and went in between", async () => {
    const storage = await begin();
    await commit(
      storage,
      1,
      [],
      [
        changes(keyed, [
          [1, "a", 1n],
          [1, "b", 1n],
          [1, null, 1n],
        ]),
      ],
    );
    await commit(
      storage,
      2,
      [],
      [
        changes(
          keyed,
          [
            [-1, "a", 1n],
            [1, "a", 2n],
          ],
          [
            [-1, "a", 2n],
            [1, "a", 3n],
            [1, "c", 1n],
          ],
          [
            [-1, "c", 1n],
            [-1, null, 1n],
            [1, null, 9n],
          ],
        ),
      ],
    );
    expect(await rowsIn(keyed)).toEqual([
      ["a", 3n],
      ["b", 1n],
      [null, 9n],
    ]);
    await commit(
      storage,
      3,
      [],
      [
        changes(
          keyed,
          [
            [1, "b", 5n],
            [-1, "b", 1n],
          ],
          [[-1, "a", 3n]],
        ),
      ],
    );
    expect(await rowsIn(keyed)).toEqual([
      ["b", 5n],
      [null, 9n],
    ]);
  });

  it("hold one row where the key has no columns", async () => {
    const storage = await begin();
    await commit(storage, 1, [], [changes(single, [[1, "n", 1n]])]);
    await commit(
      storage,
      2,
      [],
      [
        changes(single, [
          [-1, "n", 1n],
          [1, "n", 2n],
        ]),
      ],
    );
    expect(await rowsIn(single)).toEqual([["n", 2n]]);
  });

  it("without a key lose one occurrence per retraction", async () => {
    const storage = await begin();
    await commit(
      storage,
      1,
      [],
      [
        changes(bag, [
          [1, "a", 1n],
          [1, "a", 1n],
          [2, "a", 1n],
          [1, null, 1n],
        ]),
      ],
    );
    await commit(
      storage,
      2,
      [],
      [
        changes(bag, [
          [-1, "a", 1n],
          [-2, "a", 1n],
          [1, "b", 1n],
          [-1, "b", 1n],
          [-1, null, 1n],
        ]),
      ],
    );
    expect(await rowsIn(bag)).toEqual([["a", 1n]]);
  });
});

const damage = (sql: string) => store.transact((transaction) => transaction.run(sql));

describe("a damaged checkpoint", () => {
  const fill = async (): Promise<AttemptStorage> => {
    const storage = await begin();
    await commit(
      storage,
      1,
      [state(splits, [["s0", 1n]])],
      [changes(appended, [[1, "a", 1n]]), changes(keyed, [[1, "a", 1n]]), changes(bag, [[1, "x", 1n]])],
    );
    await commit(
      storage,
      2,
      [state(splits, [["s0", 2n]])],
      [
        changes(appended, [[1, "b", 1n]]),
        changes(keyed, [
          [-1, "a", 1n],
          [1, "b", 2n],
        ]),
      ],
    );
    await commit(
      storage,
      3,
      [state(splits, [["s0", 3n]])],
      [
        changes(keyed, [
          [-1, "b", 2n],
          [1, "b", 3n],
        ]),
        changes(bag, [[-1, "x", 1n]]),
      ],
    );
    return storage;
  };

  it.each([
    ["a changed value", `UPDATE millrace_state."job/op:1/splits" SET position = 9 WHERE checkpoint = 2`],
    ["a missing row", `DELETE FROM millrace_state."job/op:1/splits" WHERE checkpoint = 2`],
    ["a row too many", `INSERT INTO millrace_state."job/op:1/splits" VALUES (0, 's9', 1, false, 2)`],
  ])("is passed over for the one before, with its results taken back: %s", async (_what, sql) => {
    await fill();
    await damage(sql);
    const restoration = await restoreJob(store, layout(), 3);
    expect(restoration).toMatchObject({ checkpoint: 1, skipped: [3, 2] });
    expect(restoration.skippedBecause).toMatch(/checkpoint 2, state table "job\/op:1\/splits"/);
    const storage = await begin();
    expect(await rowsIn(appended)).toEqual([["a", 1n]]);
    expect(await rowsIn(keyed)).toEqual([["a", 1n]]);
    expect(await rowsIn(bag)).toEqual([["x", 1n]]);
    await commit(storage, 4, [state(splits, [["s0", 4n]])], [changes(appended, [[1, "c", 1n]])]);
    expect(await restored(splits)).toEqual([[["s0", 4n]]]);
    expect(await rowsIn(appended)).toEqual([
      ["a", 1n],
      ["c", 1n],
    ]);
    expect(await query(store, "SELECT id, status FROM millrace.checkpoints ORDER BY id")).toEqual([
      [1n, "COMPLETED"],
      [2n, "FAILED"],
      [3n, "FAILED"],
      [4n, "COMPLETED"],
    ]);
  });

  it("is refused when no retained one is whole", async () => {
    await fill();
    await damage(`UPDATE millrace_state."job/op:1/splits" SET position = 9 WHERE checkpoint = 1`);
    await expect(restoreJob(store, layout(), 3)).rejects.toThrow(/no retained checkpoint of job "job" can be trusted/);
  });
});

describe("compaction", () => {
  const grow = async (storage: AttemptStorage, from: number, to: number): Promise<void> => {
    for (let id = from; id <= to; id++) {
      const rows = Array.from({ length: 400 }, (_, i) => [`s${i}`, BigInt(id)]);
      await commit(storage, id, [state(splits, id % 2 === 0 ? rows.slice(1) : rows, id % 2 === 0 ? [["s0"]] : [])]);
    }
  };
  const logRows = async () => Number((await query(store, 'SELECT count(*) FROM millrace_state."job/op:1/splits"'))[0]?.[0]);

  it("drops what no retained checkpoint needs and keeps every one of those whole", async () => {
    const storage = await begin();
    await grow(storage, 1, 8);
    expect(await logRows()).toBe(3_200);
    await storage.compact();
    expect(await logRows()).toBe(399 + 2 * 400);
    expect((await restored(splits))[0]).toHaveLength(399);
    await damage(`UPDATE millrace_state."job/op:1/splits" SET position = 0 WHERE checkpoint = 7`);
    const restoration = await restoreJob(store, layout(), 3);
    expect(restoration.checkpoint).toBe(6);
    expect(await restored(splits)).toEqual([
      Array.from({ length: 399 }, (_, i) => [`s${i + 1}`, 6n]).sort((a, b) => String(a[0]).localeCompare(String(b[0]))),
    ]);
  });

  it("does not give damaged rows a new record", async () => {
    const storage = await begin();
    await grow(storage, 1, 8);
    await damage(`UPDATE millrace_state."job/op:1/splits" SET position = 0 WHERE checkpoint = 5 AND split = 's7'`);
    await expect(storage.compact()).rejects.toThrow(/state is damaged: checkpoint 5/);
    expect(await logRows()).toBe(3_200);
  });
});
