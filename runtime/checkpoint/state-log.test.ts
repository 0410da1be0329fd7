import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { StateTableSpec } from "../contract/operator.ts";
import { bigint, varchar } from "../contract/types.ts";
import type { Value } from "../contract/value.ts";
import { query } from "../../sql-tests/runner/engine-harness.ts";
import {
  changes,
  commit,
  keyed,
  layout,
  openStorage,
  paneRow,
  panes,
  restore,
  snapshotOf,
  splits,
  state,
  type StorageHarness,
  total,
} from "../../sql-tests/runner/storage-harness.ts";

let storage: StorageHarness;
beforeEach(async () => {
  storage = await openStorage();
});
afterEach(() => storage.store.close());

describe("state", () => {
  it("comes back with its types, the last put of a key winning and deletes gone", async () => {
    const attempt = await storage.begin();
    await commit(attempt, 1, [state(panes, [paneRow("a", 1n, "x"), paneRow("b", 2n, "y"), paneRow("c", 3n, "z")])]);
    await commit(attempt, 2, [state(panes, [paneRow("a", 1n, "new")], [["b", 2n]])]);
    await commit(attempt, 3, [state(panes, [paneRow("b", 2n, "again")], [["c", 3n]])]);
    const fround = (row: Value[]): Value[] =>
      row.map((v, i) => (i === 2 ? Math.fround(0.1) : i === 8 ? [Math.fround(0.1), (v as Value[])[1] as Value] : v));
    expect(await storage.restored(panes)).toEqual([[fround(paneRow("a", 1n, "new")), fround(paneRow("b", 2n, "again"))]]);
  });

  it("forgets deleted rows whose key does not say where they belong", async () => {
    const numbered: StateTableSpec = { ...splits, name: "numbered", redistribution: { kind: "keyed", distribution: [1] } };
    const own = layout(1, [numbered]);
    const attempt = await storage.begin(own);
    await commit(attempt, 1, [
      state(numbered, [
        ["r0", 5n],
        ["r1", 6n],
      ]),
    ]);
    await commit(attempt, 2, [state(numbered, [["r2", 7n]], [["r0"]])]);
    expect((await storage.restored(numbered, own)).flat()).toEqual([
      ["r1", 6n],
      ["r2", 7n],
    ]);
  });

  it("is dealt by key group at another parallelism, union tables going everywhere", async () => {
    const rows = Array.from({ length: 40 }, (_, i) => paneRow(`key${i}`, 1n, "v"));
    await commit(await storage.begin(), 1, [state(panes, rows), state(splits, [["s0", 5n]]), state(total, [[7n]])]);
    const parts = await storage.restored(panes, layout(3), 3);
    expect(parts.every((part) => part.length > 0)).toBe(true);
    expect(parts.flat()).toHaveLength(rows.length);
    expect(new Set(parts.flat().map((row) => row[0]))).toEqual(new Set(rows.map((row) => row[0])));
    expect(await storage.restored(splits, layout(3), 3)).toEqual([[["s0", 5n]], [["s0", 5n]], [["s0", 5n]]]);
    expect((await storage.restored(total, layout(3), 3)).flat()).toEqual([[7n]]);
  });

  it("has one row per key, also when it has no key columns", async () => {
    const attempt = await storage.begin();
    await commit(attempt, 1, [state(total, [[1n]])]);
    await commit(attempt, 2, [state(total, [[2n]])]);
    expect(await storage.restored(total)).toEqual([[[2n]]]);
  });

  it("lets go of a dropped column, and refuses a new or changed one", async () => {
    await commit(await storage.begin(), 1, [state(splits, [["s0", 5n]])]);
    const without: StateTableSpec = { ...splits, columns: splits.columns.slice(0, 1) };
    const withNew: StateTableSpec = { ...splits, columns: [...splits.columns, { name: "lag", type: bigint }] };
    const changed: StateTableSpec = {
      ...splits,
      columns: [splits.columns[0] as (typeof splits.columns)[0], { name: "position", type: varchar }],
    };
    await expect(restore(storage.store, layout(1, [panes, withNew, total]))).rejects.toThrow(/has no column "lag"/);
    await expect(restore(storage.store, layout(1, [panes, changed, total]))).rejects.toThrow(
      /"position" .* is BIGINT, the job now needs VARCHAR/,
    );
    await expect(restore(storage.store, layout(1, [panes, { ...splits, version: 2 }, total]))).rejects.toThrow(
      /the layout of state table ".*splits" has changed. Drop the job and create it again/,
    );
    await expect(restore(storage.store, layout(1, [panes, total]))).rejects.toThrow(/which the job no longer has/);
    const slim = layout(1, [panes, without, total]);
    const attempt = await storage.begin(slim);
    await commit(attempt, 2, [state(without, [["s1"]])]);
    expect(await storage.restored(without, slim)).toEqual([[["s0"], ["s1"]]]);
  });

  it("keeps the changes of failed checkpoints in their order when a later one stores them", async () => {
    const attempt = await storage.begin();
    await attempt.commit({
      checkpoint: 3,
      type: "CHECKPOINT",
      triggered_ms: 900,
      snapshots: [
        {
          task: 0,
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
          task: 0,
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
          task: 0,
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
    expect(await storage.restored(splits)).toEqual([
      [
        ["s0", 2n],
        ["s2", 3n],
      ],
    ]);
    expect(await storage.rowsIn(keyed)).toEqual([["a", 3n]]);
  });

  it("refuses the commit of an attempt that another has replaced", async () => {
    const old = await storage.begin();
    await storage.begin();
    await expect(commit(old, 1, [state(splits, [["s0", 1n]])])).rejects.toThrow(
      /attempt 1 of job "job" may not write: attempt 2 has taken over/,
    );
    expect(await query(storage.store, 'SELECT * FROM millrace_state."job/op:1/splits"')).toEqual([]);
  });
});
