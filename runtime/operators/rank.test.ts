import { describe, expect, it } from "vitest";
import { linesOf, OperatorHarness, sortRows } from "../../sql-tests/runner/operator-harness.ts";
import type { RankSpec } from "../contract/job-graph.ts";
import type { SortKey } from "../contract/ordering.ts";
import { bigint, type Schema, varchar } from "../contract/types.ts";
import { rank } from "./rank.ts";

const input: Schema = {
  columns: [
    { name: "k", type: varchar },
    { name: "v", type: bigint },
    { name: "id", type: bigint },
  ],
};
const descending: readonly SortKey[] = [{ column: 1, descending: true, nullsFirst: false }];
const spec: RankSpec = {
  op: "rank",
  function: "rowNumber",
  partition: [0],
  order: descending,
  from: 1,
  to: 2,
  withRank: false,
  changelog: false,
};
const open = (changes: Partial<RankSpec>) => {
  const own = { ...spec, ...changes };
  const columns = own.withRank ? [...input.columns, { name: "n", type: bigint }] : input.columns;
  return OperatorHarness.open({ definition: rank, spec: own, inputs: [input], output: { columns }, changelog: own.changelog });
};

describe("rank", () => {
  it("takes back a row that a better one drives out, and says nothing of one that is not good enough", async () => {
    const harness = await open({});
    expect(await harness.feed("+ a 5 1 \n + a 7 2 \n + b 1 3")).toEqual(linesOf("+ a 7 2 | + a 5 1 | + b 1 3"));
    expect(await harness.feed("+ a 6 4 \n + a 1 5")).toEqual(linesOf("- a 5 1 | + a 6 4"));
    expect(await harness.feed("+ a 2 6")).toEqual([]);
  });

  it("forgets rows of an append-only input that are behind the last rank", async () => {
    const harness = await open({ to: 1 });
    expect(await harness.feed("+ a 5 1 \n + a 7 2 \n + a 6 3 \n barrier 1")).toEqual(linesOf("+ a 7 2 | barrier 1 | put rows 1 0 0 a 7 2"));
    expect(await harness.feed("+ a 9 4 \n barrier 2")).toEqual(
      linesOf("- a 7 2 | + a 9 4 | barrier 2 | put rows 2 0 0 a 9 4 | delete rows 1 0 0"),
    );
  });

  it("brings back a row when a better one is taken back", async () => {
    const harness = await open({ changelog: true });
    await harness.feed("+ a 5 1 \n + a 7 2 \n + a 6 3");
    expect(await harness.feed("- a 7 2")).toEqual(linesOf("- a 7 2 | + a 5 1"));
  });

  it("sends a row again when only its number changes, if the number is asked for", async () => {
    const harness = await open({ withRank: true });
    expect(await harness.feed("+ a 5 1")).toEqual(linesOf("+ a 5 1 1"));
    expect(await harness.feed("+ a 7 2")).toEqual(linesOf("- a 5 1 1 | + a 7 2 1 | + a 5 1 2"));
  });

  it("counts copies of a row as rows", async () => {
    const harness = await open({ changelog: true, withRank: true, from: 2, to: 3 });
    expect(await harness.feed("+3 a 5 1 \n + a 4 2")).toEqual(linesOf("+ a 5 1 2 | + a 5 1 3"));
    expect(await harness.feed("-2 a 5 1")).toEqual(linesOf("- a 5 1 2 | - a 5 1 3 | + a 4 2 2"));
  });

  it("gives peers one rank, and as many rows as share the last one", async () => {
    const harness = await open({ function: "rank", withRank: true });
    expect(await harness.feed("+ a 5 1 \n + a 7 2 \n + a 5 3 \n + a 4 4")).toEqual(linesOf("+ a 7 2 1 | + a 5 1 2 | + a 5 3 2"));
    const dense = await open({ function: "denseRank", withRank: true, changelog: true });
    await dense.feed("+ a 5 1 \n + a 7 2 \n + a 5 3 \n + a 4 4");
    expect(await dense.feed("- a 7 2")).toEqual(linesOf("- a 7 2 1 | - a 5 1 2 | - a 5 3 2 | + a 5 1 1 | + a 5 3 1 | + a 4 4 2"));
  });

  it("waits for a row that was taken back before it came", async () => {
    const harness = await open({ changelog: true });
    expect(await harness.feed("- a 9 1 \n + a 5 2")).toEqual(linesOf("+ a 5 2"));
    expect(await harness.feed("+ a 9 1")).toEqual([]);
  });
});

/** Random changes with ties and copies against sorting everything anew; every third batch goes on from the state, on other subtasks. */
describe.each(["rowNumber", "rank", "denseRank"] as const)("%s over random changes", (kind) => {
  it.each([
    { from: 1, to: 3, keys: 3 },
    { from: 2, to: 5, keys: 1 },
    { from: 3, to: null, keys: 2 },
    { from: 1, to: 90, keys: 1 },
  ])("keeps ranks $from to $to of $keys partitions", async ({ from, to, keys }) => {
    let state = 42;
    const random = (below: number): number => {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor((state / 2_147_483_648) * below);
    };
    let harness = await open({ function: kind, from, to, withRank: true, changelog: true });
    const rows: string[] = [];
    const shown = new Map<string, number>();
    for (let step = 1; step <= 12; step++) {
      const batch: string[] = [];
      for (let i = 0; i < 25; i++) {
        if (rows.length > 0 && random(3) === 0) batch.push(`- ${rows.splice(random(rows.length), 1)[0]}`);
        else {
          const row = `k${random(keys)} ${random(12)} ${random(4)}`;
          rows.push(row);
          batch.push(`+ ${row}`);
        }
      }
      for (const line of await harness.feed(batch.reverse().join("\n"))) {
        const [, sign, count, row] = /^([+-])(\d*) (.*)$/.exec(line) as RegExpExecArray;
        const weight = (sign === "-" ? -1 : 1) * Number(count === "" ? 1 : count);
        const sum = (shown.get(row as string) ?? 0) + weight;
        if (sum === 0) shown.delete(row as string);
        else shown.set(row as string, sum);
      }
      expect(sortRows([...shown].flatMap(([row, count]) => Array.from({ length: count }, () => `+ ${row}`)))).toEqual(
        sortRows(expectedRows(rows, kind, from, to)),
      );
      if (step % 3 === 0) {
        await harness.feed(`barrier ${step}`);
        harness = await harness.restore();
      }
    }
  });
});

function expectedRows(rows: readonly string[], kind: string, from: number, to: number | null): string[] {
  const parsed = rows.map((row) => ({ row, key: row.split(" ")[0], v: Number(row.split(" ")[1]), id: Number(row.split(" ")[2]) }));
  return parsed.flatMap((own) => {
    const others = parsed.filter((o) => o.key === own.key);
    const better = others.filter((o) => o.v > own.v);
    if (kind !== "rowNumber") {
      const n = kind === "rank" ? better.length + 1 : new Set(better.map((o) => o.v)).size + 1;
      return n >= from && n <= (to ?? n) ? [`+ ${own.row} ${n}`] : [];
    }
    const before = others.filter((o) => o.v > own.v || (o.v === own.v && o.id < own.id)).length;
    const copies = parsed.filter((o) => o.row === own.row);
    const n = before + copies.indexOf(own) + 1;
    return n >= from && n <= (to ?? n) ? [`+ ${own.row} ${n}`] : [];
  });
}
