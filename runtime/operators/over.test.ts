import { describe, expect, it } from "vitest";
import { linesOf, OperatorHarness, sortRows } from "../../sql-tests/runner/operator-harness.ts";
import type { AggregateCall, OverSpec } from "../contract/job-graph.ts";
import type { Frame, OverCall } from "../contract/ordering.ts";
import { bigint, hugeint, type Schema, varchar } from "../contract/types.ts";
import { over } from "./over.ts";

const input: Schema = {
  columns: [
    { name: "k", type: varchar },
    { name: "v", type: bigint },
  ],
};
const sum: AggregateCall = {
  name: "sum",
  arguments: [1],
  argumentTypes: [bigint],
  distinct: false,
  filter: null,
  constants: [],
  type: hugeint,
};
const around: Frame = {
  start: { kind: "preceding", unit: "rows", offset: { constant: 1 } },
  end: { kind: "following", unit: "rows", offset: { constant: 1 } },
  exclude: "nothing",
};
const calls: readonly OverCall[] = [
  { kind: "rowNumber", type: bigint },
  { kind: "lag", value: 1, offset: { constant: 1 }, fallback: null, ignoreNulls: false, type: bigint },
  { kind: "aggregate", call: sum, frame: around, type: hugeint },
];
const spec: OverSpec = { op: "over", partition: [0], order: [{ column: 1, descending: false, nullsFirst: false }], calls };
const open = (own = spec) =>
  OperatorHarness.open({
    definition: over,
    spec: own,
    inputs: [input],
    output: { columns: [...input.columns, ...own.calls.map(({ type }, i) => ({ name: `c${i}`, type }))] },
  });

type Answer = (values: readonly number[], i: number) => readonly (number | string)[];
const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const shift = (kind: "lag" | "lead", constant: number): OverCall => ({
  kind,
  value: 1,
  offset: { constant },
  fallback: null,
  ignoreNulls: false,
  type: bigint,
});
const running = (unit: "rows" | "range"): Frame => ({
  start: { kind: "unboundedPreceding" },
  end: { kind: "currentRow", unit },
  exclude: "nothing",
});
const summed = (frame: Frame): OverCall => ({ kind: "aggregate", call: sum, frame, type: hugeint });
const near = (values: readonly number[], i: number): number => total(values.slice(Math.max(0, i - 1), i + 2));

const variants: readonly (readonly [string, readonly OverCall[], Answer])[] = [
  ["numbers and rows around", calls, (values, i) => [i + 1, values[i - 1] ?? "NULL", near(values, i)]],
  [
    "rows around alone",
    [shift("lag", 1), shift("lead", 1), summed(around)],
    (values, i) => [values[i - 1] ?? "NULL", values[i + 1] ?? "NULL", near(values, i)],
  ],
  [
    "running sums and ranks",
    [summed(running("rows")), summed(running("range")), { kind: "rank", type: bigint }, shift("lag", 3)],
    (values, i) => [
      total(values.slice(0, i + 1)),
      total(values.slice(0, values.lastIndexOf(values[i] as number) + 1)),
      values.indexOf(values[i] as number) + 1,
      values[i - 3] ?? "NULL",
    ],
  ],
];

describe("over", () => {
  it("answers the rows of touched partitions, and again those whose answer is another now", async () => {
    const harness = await open();
    expect(await harness.feed("+ a 1 \n + a 5 \n + b 9")).toEqual(linesOf("+ a 1 1 NULL 6 | + a 5 2 1 6 | + b 9 1 NULL 9"));
    expect(await harness.feed("+ a 8")).toEqual(linesOf("- a 5 2 1 6 | + a 5 2 1 14 | + a 8 3 5 13"));
    expect(await harness.feed("- a 5")).toEqual(linesOf("- a 1 1 NULL 6 | - a 5 2 1 14 | - a 8 3 5 13 | + a 1 1 NULL 9 | + a 8 2 1 9"));
  });

  it("says nothing when a batch changes nothing", async () => {
    const harness = await open();
    await harness.feed("+ a 1");
    expect(await harness.feed("+ a 4 \n - a 4")).toEqual([]);
  });

  it("stores the rows, not the answers, and goes on from them", async () => {
    const harness = await open();
    expect(await harness.feed("+ a 1 \n + a 5 \n barrier 1")).toEqual(
      linesOf("+ a 1 1 NULL 6 | + a 5 2 1 6 | barrier 1 | put rows 1 0 0 a 1 1 | put rows 1 0 1 a 5 1"),
    );
    const restored = await harness.restore();
    expect(await restored.feed("+ a 3")).toEqual(linesOf("- a 1 1 NULL 6 | - a 5 2 1 6 | + a 1 1 NULL 4 | + a 3 2 1 9 | + a 5 3 3 8"));
  });

  it.each(variants)("takes back what it sent of %s, whatever changes: copies, ties, large partitions, restores", async (_, own, answer) => {
    let state = 7;
    const random = (below: number): number => {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor((state / 2_147_483_648) * below);
    };
    let harness = await open({ ...spec, calls: own });
    const rows: number[][] = [];
    const shown = new Map<string, number>();
    for (let step = 1; step <= 24; step++) {
      const batch: string[] = [];
      for (let i = 0; i < (step > 12 ? 3 : 30); i++) {
        const at = random(rows.length);
        const takes = rows.length > 0 && random(step > 10 ? 2 : 4) === 0;
        const [k, v] = takes ? (rows.splice(at, 1)[0] as number[]) : [random(6) === 0 ? 1 : 0, random(90)];
        if (!takes) rows.push([k as number, v as number]);
        batch.unshift(`${takes ? "-" : "+"} k${k} ${v}`);
      }
      for (const line of await harness.feed(batch.join("\n"))) {
        const [, sign, row] = /^([+-]) (.*)$/.exec(line) as RegExpExecArray;
        shown.set(row as string, (shown.get(row as string) ?? 0) + (sign === "-" ? -1 : 1));
      }
      const now = [...shown].flatMap(([row, count]) => Array.from({ length: count }, () => row));
      expect(Math.min(0, ...shown.values())).toBe(0);
      expect(sortRows(now.map((row) => `+ ${row}`))).toEqual(sortRows([...answers(rows, 0, answer), ...answers(rows, 1, answer)]));
      if (step % 7 === 0) {
        await harness.feed(`barrier ${step}`);
        harness = await harness.restore();
      }
    }
  });

  it("says again only what is another in a large partition", async () => {
    const [, own] = variants[1] as (typeof variants)[number];
    const harness = await open({ ...spec, calls: own });
    await harness.feed(Array.from({ length: 500 }, (_, v) => `+ a ${v}`).join("\n"));
    expect(await harness.feed("+ a 250")).toEqual(linesOf("- a 250 249 251 750 | + a 250 249 250 749 | + a 250 250 251 751"));
  });
});

function answers(rows: readonly number[][], key: number, answer: Answer): string[] {
  const values = rows.flatMap(([k, v]) => (k === key ? [v as number] : [])).sort((a, b) => a - b);
  return values.map((v, i) => `+ k${key} ${v} ${answer(values, i).join(" ")}`);
}
