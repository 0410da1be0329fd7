import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { query } from "../../sql-tests/runner/engine-harness.ts";
import type { AttemptStorage } from "./attempt-storage.ts";
import {
  appended,
  bag,
  changes,
  commit,
  keyed,
  openStorage,
  restore,
  splits,
  state,
  type StorageHarness,
} from "../../sql-tests/runner/storage-harness.ts";

let storage: StorageHarness;
beforeEach(async () => {
  storage = await openStorage();
});
afterEach(() => storage.store.close());

describe("a damaged checkpoint", () => {
  const fill = async (): Promise<AttemptStorage> => {
    const attempt = await storage.begin();
    await commit(
      attempt,
      1,
      [state(splits, [["s0", 1n]])],
      [changes(appended, [[1, "a", 1n]]), changes(keyed, [[1, "a", 1n]]), changes(bag, [[1, "x", 1n]])],
    );
    await commit(
      attempt,
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
      attempt,
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
    return attempt;
  };

  it.each([
    ["a changed value", `UPDATE millrace_state."job/op:1/splits" SET position = 9 WHERE checkpoint = 2`],
    ["a missing row", `DELETE FROM millrace_state."job/op:1/splits" WHERE checkpoint = 2`],
    ["a row too many", `INSERT INTO millrace_state."job/op:1/splits" VALUES (0, 's9', 1, false, 2)`],
  ])("is passed over for the one before, with its results taken back: %s", async (_what, sql) => {
    await fill();
    await storage.damage(sql);
    const { restoration } = await restore(storage.store);
    expect(restoration).toMatchObject({ checkpoint: 1, skipped: [3, 2] });
    expect(restoration.skippedBecause).toMatch(/checkpoint 2, state table "job\/op:1\/splits"/);
    const attempt = await storage.begin();
    expect(await storage.rowsIn(appended)).toEqual([["a", 1n]]);
    expect(await storage.rowsIn(keyed)).toEqual([["a", 1n]]);
    expect(await storage.rowsIn(bag)).toEqual([["x", 1n]]);
    await commit(attempt, 4, [state(splits, [["s0", 4n]])], [changes(appended, [[1, "c", 1n]])]);
    expect(await storage.restored(splits)).toEqual([[["s0", 4n]]]);
    expect(await storage.rowsIn(appended)).toEqual([
      ["a", 1n],
      ["c", 1n],
    ]);
    expect(await query(storage.store, "SELECT id, status FROM millrace.checkpoints ORDER BY id")).toEqual([
      [1n, "COMPLETED"],
      [2n, "FAILED"],
      [3n, "FAILED"],
      [4n, "COMPLETED"],
    ]);
  });

  it("is refused when no retained one is whole", async () => {
    await fill();
    await storage.damage(`UPDATE millrace_state."job/op:1/splits" SET position = 9 WHERE checkpoint = 1`);
    await expect(restore(storage.store)).rejects.toThrow(/no retained checkpoint of job "job" can be trusted/);
  });
});

describe("compaction", () => {
  const grow = async (attempt: AttemptStorage, from: number, to: number): Promise<void> => {
    for (let id = from; id <= to; id++) {
      const rows = Array.from({ length: 400 }, (_, i) => [`s${i}`, BigInt(id)]);
      await commit(attempt, id, [state(splits, id % 2 === 0 ? rows.slice(1) : rows, id % 2 === 0 ? [["s0"]] : [])]);
    }
  };
  const logRows = async () => Number((await query(storage.store, 'SELECT count(*) FROM millrace_state."job/op:1/splits"'))[0]?.[0]);

  it("drops what no retained checkpoint needs and keeps every one of those whole", async () => {
    const attempt = await storage.begin();
    await grow(attempt, 1, 8);
    expect(await logRows()).toBe(3_200);
    await attempt.compact();
    expect(await logRows()).toBe(399 + 2 * 400);
    expect((await storage.restored(splits))[0]).toHaveLength(399);
    await storage.damage(`UPDATE millrace_state."job/op:1/splits" SET position = 0 WHERE checkpoint = 7`);
    const { restoration } = await restore(storage.store);
    expect(restoration.checkpoint).toBe(6);
    expect(await storage.restored(splits)).toEqual([
      Array.from({ length: 399 }, (_, i) => [`s${i + 1}`, 6n]).sort((a, b) => String(a[0]).localeCompare(String(b[0]))),
    ]);
  });

  it("is given up with its attempt, and the log stays as it was", async () => {
    const attempt = await storage.begin();
    await grow(attempt, 1, 8);
    const compacted = attempt.compact();
    attempt.abandon();
    await compacted;
    expect(await logRows()).toBe(3_200);
    await attempt.compact();
    expect(await logRows()).toBe(3_200);
    expect((await storage.restored(splits))[0]).toHaveLength(399);
  });

  it("does not give damaged rows a new record", async () => {
    const attempt = await storage.begin();
    await grow(attempt, 1, 8);
    await storage.damage(`UPDATE millrace_state."job/op:1/splits" SET position = 0 WHERE checkpoint = 5 AND split = 's7'`);
    await expect(attempt.compact()).rejects.toThrow(/state is damaged: checkpoint 5/);
    expect(await logRows()).toBe(3_200);
  });
});
