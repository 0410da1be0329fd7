import { describe, expect, it } from "vitest";
import { linesOf, OperatorHarness, sortRows } from "../../sql-tests/runner/operator-harness.ts";
import type { InstantStep, TemporalBound, TemporalFilterSpec } from "../contract/temporal.ts";
import { type Schema, timestamp, varchar } from "../contract/types.ts";
import { instantAfter } from "./temporal/instant.ts";
import { temporalFilter } from "./temporal-filter.ts";

const schema: Schema = {
  columns: [
    { name: "ts", type: timestamp },
    { name: "k", type: varchar },
  ],
};
const shift = (seconds: number): InstantStep => ({ kind: "shift", months: 0, days: 0, micros: BigInt(seconds) * 1_000_000n });
const bound = (operator: TemporalBound["operator"], ...steps: InstantStep[]): TemporalBound => ({ column: 0, operator, steps });

const open = (bounds: readonly TemporalBound[], more: Partial<TemporalFilterSpec> = {}, hideState = true) =>
  OperatorHarness.open({
    definition: temporalFilter,
    inputs: [schema],
    output: schema,
    hideState,
    changelog: more.changelog === true,
    spec: { op: "temporalFilter", bounds, changelog: false, keys: [0, 1], ...more },
  });

describe("a temporal filter", () => {
  it("takes rows back once the present has left them behind", async () => {
    const harness = await open([bound(">", shift(-10))]);
    expect(await harness.feed("tick 5000 | + 00:00:00 a | + 23:59:59 b | -- | + 00:00:01 c")).toEqual(
      linesOf("+ 00:00:00 a | + 23:59:59 b | + 00:00:01 c"),
    );
    expect(await harness.feed("tick 4999 | + 1969-12-31T23:59:50 d | tick 1 | tick 999")).toEqual(linesOf("- 00:00:00 a"));
    expect(await harness.feed("tick 1 | + 00:00:01 e")).toEqual(linesOf("- 00:00:01 c"));
  });

  it("keeps a row at its very bound with >=", async () => {
    const harness = await open([bound(">=", shift(-10))]);
    expect(await harness.feed("+ 00:00:00 a | tick 10000")).toEqual(linesOf("+ 00:00:00 a"));
    expect(await harness.feed("tick 1")).toEqual(linesOf("- 00:00:00 a"));
  });

  it("holds rows back until their time comes; nothing is kept of those that stay", async () => {
    const harness = await open([bound("<=")], {}, false);
    expect(await harness.feed("+ 00:00:02 a | + 00:00:00 b | barrier 1")).toEqual(
      linesOf("+ 00:00:00 b | barrier 1 | put waiting 1 0 0 00:00:02 a"),
    );
    expect(await harness.feed("tick 1999 | tick 1 | barrier 2")).toEqual(linesOf("+ 00:00:02 a | barrier 2 | delete waiting 1 0 0"));
  });

  it("lets rows through for a stretch of time between two bounds", async () => {
    const harness = await open([bound(">", shift(-5)), bound("<")]);
    expect(await harness.feed("+ 00:00:02 a | + NULL b | tick 2000 | tick 1 | tick 4998 | tick 1")).toEqual(
      linesOf("+ 00:00:02 a | - 00:00:02 a"),
    );
    // The clock jumped over all of it.
    expect(await harness.feed("+ 00:01:00 c | tick 100000")).toEqual([]);
  });

  it("takes rows back that its input takes back, wherever they are", async () => {
    const harness = await open([bound(">", shift(-10)), bound("<=", shift(10))], { changelog: true });
    expect(await harness.feed("+ 00:00:00 a | +2 00:00:00 b | + 00:00:20 c | - 00:00:00 b | -- | - 00:00:20 c")).toEqual(
      linesOf("+ 00:00:00 a | +2 00:00:00 b | - 00:00:00 b"),
    );
    expect(await sorted(harness.feed("tick 10000"))).toEqual(linesOf("- 00:00:00 a | - 00:00:00 b"));
    expect(await harness.feed("- 00:00:00 a | tick 10000")).toEqual([]);
  });

  it.each([1, 2])("goes on after a restore from where it was, at parallelism %s", async (parallelism) => {
    const harness = await open([bound(">", shift(-10)), bound("<", shift(5))]);
    await harness.feed("tick 1 | + 00:00:01 a | + 00:00:02 b | + 00:00:08 c | barrier 1");
    const lines: string[] = [];
    for (let subtaskIndex = 0; subtaskIndex < parallelism; subtaskIndex++) {
      const part = await harness.restore({ subtaskIndex, parallelism });
      lines.push(
        ...(await part.feed("tick 5000 | tick 6000 | tick 1000 | barrier 2 | tick 6000")).filter((line) => !line.startsWith("barrier")),
      );
    }
    expect(lines.toSorted()).toEqual(linesOf("+ 00:00:08 c | - 00:00:01 a | - 00:00:02 b | - 00:00:08 c"));
  });
});

const sorted = async (lines: Promise<string[]>): Promise<string[]> => sortRows(await lines);

describe("an instant", () => {
  const at = (text: string): bigint => BigInt(Date.parse(text)) * 1_000n;
  it.each<[string, InstantStep[], string]>([
    ["2024-03-31T10:00Z", [{ kind: "shift", months: -1, days: 0, micros: 0n }], "2024-02-29T10:00Z"],
    ["2024-03-31T10:00Z", [{ kind: "startOfDay" }, { kind: "shift", months: 0, days: -7, micros: 0n }], "2024-03-24T00:00Z"],
    ["1969-12-31T10:00Z", [{ kind: "startOfDay" }], "1969-12-31T00:00Z"],
    ["2024-01-31T10:00Z", [{ kind: "shift", months: 13, days: 1, micros: 1_000_000n }], "2025-03-01T10:00:01Z"],
  ])("of %s is after steps of months and days %#", (from, steps, to) => expect(instantAfter(steps, at(from))).toBe(at(to)));
});
