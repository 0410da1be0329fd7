import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bag, changes, commit, keyed, openStorage, single, type StorageHarness } from "../../sql-tests/runner/storage-harness.ts";

let storage: StorageHarness;
beforeEach(async () => {
  storage = await openStorage();
});
afterEach(() => storage.store.close());

describe("result tables", () => {
  it("take the net change per key, whatever came and went in between", async () => {
    const attempt = await storage.begin();
    await commit(
      attempt,
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
      attempt,
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
    expect(await storage.rowsIn(keyed)).toEqual([
      ["a", 3n],
      ["b", 1n],
      [null, 9n],
    ]);
    await commit(
      attempt,
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
    expect(await storage.rowsIn(keyed)).toEqual([
      ["b", 5n],
      [null, 9n],
    ]);
  });

  it("hold one row where the key has no columns", async () => {
    const attempt = await storage.begin();
    await commit(attempt, 1, [], [changes(single, [[1, "n", 1n]])]);
    await commit(
      attempt,
      2,
      [],
      [
        changes(single, [
          [-1, "n", 1n],
          [1, "n", 2n],
        ]),
      ],
    );
    expect(await storage.rowsIn(single)).toEqual([["n", 2n]]);
  });

  it("without a key lose one occurrence per retraction", async () => {
    const attempt = await storage.begin();
    await commit(
      attempt,
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
      attempt,
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
    expect(await storage.rowsIn(bag)).toEqual([["a", 1n]]);
  });
});
