import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { linesOf, OperatorHarness } from "../../sql-tests/runner/operator-harness.ts";
import type { AsofChangelogJoinSpec, AsofComparison } from "../contract/time-joins.ts";
import { bigint, boolean, type Schema, varchar } from "../contract/types.ts";
import { asofChangelogJoin } from "./asof-changelog-join.ts";

const left: Schema = {
  columns: [
    { name: "k", type: varchar },
    { name: "t", type: bigint },
  ],
};
const right: Schema = {
  columns: [
    { name: "key", type: varchar },
    { name: "time", type: bigint },
    { name: "w", type: bigint },
  ],
};

const open = (changes: Partial<AsofChangelogJoinSpec> = {}) =>
  OperatorHarness.open<AsofChangelogJoinSpec>({
    definition: asofChangelogJoin,
    spec: {
      op: "asofChangelogJoin",
      join: "left",
      leftKeys: [0],
      rightKeys: [0],
      nullSafe: [false],
      leftTime: 1,
      rightTime: 1,
      comparison: ">=",
      residual: null,
      leftChangelog: true,
      rightChangelog: true,
      ...changes,
    },
    inputs: [left, right],
    output: { columns: [...left.columns, ...right.columns] },
    changelog: true,
    hideState: true,
  });

describe("asofChangelogJoin", () => {
  it("joins a row at once and again when a nearer right row comes or goes", async () => {
    const harness = await open();
    expect(await harness.feed("0: + a 10")).toEqual(linesOf("+ a 10 NULL NULL NULL"));
    expect(await harness.feed("1: + a 3 1")).toEqual(linesOf("- a 10 NULL NULL NULL | + a 10 a 3 1"));
    expect(await harness.feed("1: + a 11 2 | 1: + b 9 3 | 1: + a 2 4")).toEqual([]);
    expect(await harness.feed("1: + a 10 5")).toEqual(linesOf("- a 10 a 3 1 | + a 10 a 10 5"));
    expect(await harness.feed("1: - a 10 5 \n 1: - a 3 1")).toEqual(linesOf("- a 10 a 10 5 | + a 10 a 2 4"));
    expect(await harness.feed("0: - a 10")).toEqual(linesOf("- a 10 a 2 4"));
  });

  it("gives nothing for rows without a partner to an inner join, and asks the picked row alone for the condition", async () => {
    const big = {
      kind: "compare",
      operator: ">",
      left: { kind: "column", index: 4, type: bigint },
      right: { kind: "literal", value: 5n, type: bigint },
      type: boolean,
    } as const;
    const inner = await open({ join: "inner", residual: big });
    expect(await inner.feed("1: + a 1 9 \n 1: + a 2 3 | + a 1 \n + a 2 \n + b 5")).toEqual(linesOf("+ a 1 a 1 9"));
    expect(await inner.feed("1: - a 2 3")).toEqual(linesOf("+ a 2 a 1 9"));
  });

  it("forgets keys that neither side has touched, and leaves the result", async () => {
    const harness = await open({ ttl_ms: 10_000 });
    await harness.feed("tick 10 | + a 5 | 1: + a 1 1 | + b 5 | tick 5000 | 1: + b 2 1 | tick 5000 | barrier 1");
    expect([...harness.state.values()].map((table) => table.size)).toEqual([1, 1]);
    expect(await harness.feed("1: + a 3 2 | 1: - a 1 1 | 1: + b 3 3")).toEqual(linesOf("- b 5 b 2 1 | + b 5 b 3 3"));
    expect(harness.metrics.get("numForgottenRetractions")).toBe(1);
  });

  const comparisons: readonly AsofComparison[] = [">=", ">", "<=", "<"];
  it.each(comparisons)("with %s equals the batch after every step, at any parallelism after a restore", async (comparison) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(change, { maxLength: 90 }), { maxLength: 4 }),
        fc.integer({ min: 1, max: 3 }),
        async (batches, parallelism) => {
          let harnesses = [await open({ comparison })];
          const world: World = { left: new Map(), right: new Map() };
          const result = new Map<string, number>();
          for (const [i, batch] of batches.entries()) {
            const script = batch.map((c) => lineOf(c, world)).join("\n");
            if (i === 2) harnesses = await restored(harnesses[0] as Harness, parallelism);
            for (const [subtask, harness] of harnesses.entries()) {
              const own = script
                .split("\n")
                .filter((line) => harnesses.length === 1 || keysOf[subtask]?.includes(line.split(" ")[2] ?? ""));
              for (const line of await harness.feed(own.join("\n"))) count(result, line);
            }
            expect(Object.fromEntries(result)).toEqual(batchAnswer(world, comparison));
            if (i === 1) await harnesses[0]?.feed("barrier 1");
          }
        },
      ),
      { numRuns: 25, seed: 7 },
    );
  });
});

type Harness = Awaited<ReturnType<typeof open>>;

interface Change {
  readonly side: 0 | 1;
  readonly key: string;
  readonly time: number;
  readonly w: number;
  readonly takes: boolean;
}

const change: fc.Arbitrary<Change> = fc.record({
  side: fc.constantFrom(0 as const, 1 as const),
  key: fc.constantFrom("a", "b", "NULL"),
  time: fc.integer({ min: 0, max: 60 }),
  w: fc.integer({ min: 0, max: 1 }),
  takes: fc.boolean(),
});

interface World {
  readonly left: Map<string, number>;
  readonly right: Map<string, number>;
}

/** Rows are taken back only if they are there. A time above 58 is NULL. */
function lineOf({ side, key, time, w, takes }: Change, world: World): string {
  const at = time > 58 ? "NULL" : String(time);
  const row = side === 0 ? `${key} ${at}` : `${key} ${at} ${w}`;
  const rows = side === 0 ? world.left : world.right;
  const there = rows.get(row) ?? 0;
  const sign = takes && there > 0 ? -1 : 1;
  rows.set(row, there + sign);
  return `${side}: ${sign < 0 ? "-" : "+"} ${row}`;
}

const holds: { readonly [C in AsofComparison]: (l: number, r: number) => boolean } = {
  ">=": (l, r) => l >= r,
  ">": (l, r) => l > r,
  "<=": (l, r) => l <= r,
  "<": (l, r) => l < r,
};

function batchAnswer({ left: lefts, right: rights }: World, comparison: AsofComparison): Record<string, number> {
  const answer: Record<string, number> = {};
  const looksBack = comparison.startsWith(">");
  for (const [row, n] of lefts) {
    const [k, t] = row.split(" ");
    const candidates = [...rights].flatMap(([r, m]) => {
      const [key, time, w] = r.split(" ");
      const isMatch = m > 0 && key === k && key !== "NULL" && t !== "NULL" && time !== "NULL" && holds[comparison](Number(t), Number(time));
      return isMatch ? [{ r, order: Number(time) * 10 + Number(w) }] : [];
    });
    candidates.sort((x, y) => (looksBack ? y.order - x.order : x.order - y.order));
    if (n > 0) answer[`${row} ${candidates[0]?.r ?? "NULL NULL NULL"}`] = n;
  }
  return answer;
}

function count(result: Map<string, number>, line: string): void {
  const row = /^([+-])(\d*) (.*)$/.exec(line);
  if (row === null) return;
  const key = row[3] as string;
  const n = (result.get(key) ?? 0) + (row[1] === "-" ? -1 : 1) * Number(row[2] || 1);
  if (n === 0) result.delete(key);
  else result.set(key, n);
}

/** Which keys the subtasks of the last restore own. */
let keysOf: readonly (readonly string[])[] = [];

async function restored(harness: Harness, parallelism: number): Promise<Harness[]> {
  const subtasks = await Promise.all(
    Array.from({ length: parallelism }, (_, subtaskIndex) => harness.restore({ subtaskIndex, parallelism })),
  );
  keysOf = await Promise.all(subtasks.map((_, subtask) => ownedKeys(subtask, parallelism)));
  return subtasks;
}

async function ownedKeys(subtaskIndex: number, parallelism: number): Promise<readonly string[]> {
  const probe = await open({ join: "left" });
  await probe.feed("+ a 1 \n + b 1 \n + NULL 1 \n barrier 1");
  const one = await probe.restore({ subtaskIndex, parallelism });
  const lines = await one.feed("1: + a 0 0 \n 1: + b 0 0");
  const owned = ["a", "b"].filter((key) => lines.some((line) => line.startsWith(`- ${key} `)));
  // A NULL key has no match: it may be fed to any one.
  return subtaskIndex === 0 ? [...owned, "NULL"] : owned;
}
