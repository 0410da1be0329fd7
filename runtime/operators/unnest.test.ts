import { describe, expect, it } from "vitest";
import { OperatorHarness } from "../../sql-tests/runner/operator-harness.ts";
import type { UnnestSpec } from "../contract/job-graph.ts";
import { bigint, type Schema, type SqlType, varchar } from "../contract/types.ts";
import { unnest } from "./unnest.ts";

const texts: SqlType = { id: "list", element: varchar };
const pair: SqlType = { id: "struct", fields: [{ name: "p", type: bigint }] };
const input: Schema = {
  columns: [
    { name: "k", type: bigint },
    { name: "l", type: texts },
    { name: "m", type: { id: "list", element: pair } },
  ],
};
const open = (spec: Omit<UnnestSpec, "op">) => {
  const elements = spec.lists.map((at) => ({ name: `e${at}`, type: at === 1 ? varchar : pair }));
  const position = spec.ordinality ? [{ name: "o", type: bigint }] : [];
  const output: Schema = { columns: [...input.columns, ...elements, ...position] };
  return OperatorHarness.open({ definition: unnest, spec: { op: "unnest", ...spec }, inputs: [input], output });
};
/** Without the input's two lists. */
const own = (lines: readonly string[]): string[] =>
  lines.map((line) =>
    line
      .split(" ")
      .filter((_, i) => i !== 2 && i !== 3)
      .join(" "),
  );

describe("unnest", () => {
  it("gives a row per element, none for empty lists and NULLs", async () => {
    const harness = await open({ lists: [1], outer: false, ordinality: true });
    const rows = await harness.rows([
      [1n, ["a", null], []],
      [2n, [], []],
      [3n, null, []],
      [4n, ["b"], []],
    ]);
    expect(own(rows)).toEqual(["+ 1 a 1", "+ 1 NULL 2", "+ 4 b 1"]);
  });

  it("puts lists side by side, NULL where one is shorter", async () => {
    const harness = await open({ lists: [1, 2], outer: false, ordinality: false });
    const rows = await harness.rows([
      [1n, ["a", "b"], [[7n]]],
      [2n, null, [null, [8n]]],
    ]);
    expect(rows.map((row) => row.split(" ").slice(0, 2).join(" "))).toEqual(["+ 1", "+ 1", "+ 2", "+ 2"]);
    expect(rows.map((row) => /(\S+) \S+$/.exec(row)?.[1])).toEqual(["a", "b", "NULL", "NULL"]);
  });

  it("keeps rows without elements when outer", async () => {
    const harness = await open({ lists: [1], outer: true, ordinality: true });
    const rows = await harness.rows([
      [1n, null, []],
      [2n, ["x"], []],
    ]);
    expect(own(rows)).toEqual(["+ 1 NULL NULL", "+ 2 x 1"]);
  });

  it("gives each element the row's weight", async () => {
    const harness = await open({ lists: [1], outer: false, ordinality: false });
    expect(own(await harness.rows([[1n, ["a", "b"], []]], [-2]))).toEqual(["-2 1 a", "-2 1 b"]);
  });

  it("cuts what becomes of many rows into batches", async () => {
    const harness = await open({ lists: [1], outer: false, ordinality: true });
    const rows = await harness.rows(Array.from({ length: 9_000 }, (_, i) => [BigInt(i), ["x", "y"], []]));
    expect(rows.length).toBe(18_000);
    expect(rows.at(-1)?.endsWith(" y 2")).toBe(true);
  });
});
