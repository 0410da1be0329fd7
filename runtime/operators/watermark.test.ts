import { describe, expect, it } from "vitest";
import { linesOf, OperatorHarness } from "../../sql-tests/runner/operator-harness.ts";
import type { Expression } from "../contract/expressions.ts";
import type { BadRowPolicy, WatermarkSpec } from "../contract/job-graph.ts";
import { bigint, interval, type Schema, timestamp } from "../contract/types.ts";
import { watermark } from "./watermark.ts";

const schema: Schema = {
  columns: [
    { name: "ts", type: timestamp },
    { name: "v", type: bigint },
  ],
};
const ts: Expression = { kind: "column", index: 0, type: timestamp };
const seconds = (n: number): Expression => ({
  kind: "literal",
  value: { months: 0, days: 0, micros: BigInt(n) * 1_000_000n },
  type: interval,
});
const minus = (n: number): Expression => ({ kind: "call", name: "-", arguments: [ts, seconds(n)], type: timestamp });
/** The same value through the general path: CASE hides the constant delay. */
const general = (e: Expression): Expression => ({
  kind: "case",
  whens: [{ when: { kind: "isNotNull", argument: ts, type: { id: "boolean" } }, result: e }],
  otherwise: ts,
  type: timestamp,
});

const open = (expression: Expression, badRows: BadRowPolicy = "fail", idleTimeout_ms: number | null = null) => {
  const spec: WatermarkSpec = { op: "watermark", timeColumn: 0, expression, idleTimeout_ms, badRows, source: "clicks" };
  return OperatorHarness.open({ definition: watermark, spec, inputs: [schema], output: schema });
};

describe.each([
  ["by delay", (e: Expression) => e],
  ["by expression", general],
])("the watermark %s", (_, form) => {
  it("is the expression itself, once after an orderly batch", async () => {
    const harness = await open(form(minus(5)));
    expect(await harness.feed("+ 00:00:10 1 | + 00:00:14.999 2")).toEqual(linesOf("+ 00:00:10 1 | + 00:00:14.999 2 | wm 00:00:09.999"));
  });

  it("starts at minus infinity, also before 1970", async () => {
    const harness = await open(form(minus(5)));
    expect(await harness.feed("+ 1969-12-31T23:00:00 1")).toEqual(linesOf("+ 1969-12-31T23:00:00 1 | wm 1969-12-31T22:59:55"));
  });

  it("is shown in front of a row that is late as a row", async () => {
    const harness = await open(form(minus(5)));
    expect(await harness.feed("+ 00:00:10 1 | + 00:00:20 2 | + 00:00:15 3 | + 00:00:16 4")).toEqual(
      linesOf("+ 00:00:10 1 | + 00:00:20 2 | wm 00:00:15 | + 00:00:15 3 | + 00:00:16 4"),
    );
  });

  it("does not cut in front of a row out of order but not late", async () => {
    const harness = await open(form(minus(5)));
    expect(await harness.feed("+ 00:00:20 1 | + 00:00:15.000001 2 | + 00:00:21 3")).toEqual(
      linesOf("+ 00:00:20 1 | + 00:00:15.000001 2 | + 00:00:21 3 | wm 00:00:16"),
    );
  });

  it("cuts again only after it advanced", async () => {
    const harness = await open(form(minus(0)));
    expect(await harness.feed("+ 00:00:20 1 | + 00:00:10 2 | + 00:00:11 3 | + 00:00:30 4 | + 00:00:12 5")).toEqual(
      linesOf("+ 00:00:20 1 | wm 00:00:20 | + 00:00:10 2 | + 00:00:11 3 | + 00:00:30 4 | wm 00:00:30 | + 00:00:12 5"),
    );
  });

  it("never goes back over batches", async () => {
    const harness = await open(form(minus(5)));
    await harness.feed("+ 00:01:00 1");
    expect(await harness.feed("+ 00:00:30 2 | -- | + 00:01:10 3")).toEqual(linesOf("+ 00:00:30 2 | + 00:01:10 3 | wm 00:01:05"));
  });

  it("is exact beyond what a double holds", async () => {
    const harness = await open(form(ts));
    expect(await harness.feed("+ 9007199254740993us 1 | + 9007199254740994us 2 | + 9007199254740993us 3")).toEqual(
      linesOf(
        "+ 2255-06-05T23:47:34.740993 1 | + 2255-06-05T23:47:34.740994 2 | wm 2255-06-05T23:47:34.740994 | + 2255-06-05T23:47:34.740993 3",
      ),
    );
  });

  it("of a column of ties shows itself between them", async () => {
    const harness = await open(form(ts));
    expect(await harness.feed("+ 00:00:01 1 | + 00:00:01 2 | + 00:00:01 3")).toEqual(
      linesOf("+ 00:00:01 1 | wm 00:00:01 | + 00:00:01 2 | + 00:00:01 3"),
    );
  });
});

describe("the watermark operator", () => {
  it("ignores watermarks from upstream but the last", async () => {
    const harness = await open(minus(5));
    expect(await harness.feed("wm 00:00:01 | wm max")).toEqual(["wm max"]);
  });

  it("ignores a NULL watermark expression", async () => {
    const harness = await open({ kind: "literal", value: null, type: timestamp });
    expect(await harness.feed("+ 00:00:10 1")).toEqual(["+ 00:00:10 1"]);
  });

  it("fails on a NULL or infinite event time when told to", async () => {
    await expect((await open(minus(5))).feed("+ NULL 1")).rejects.toMatchObject({ sqlState: "22008", domain: "user" });
    await expect((await open(minus(5))).feed("+ infinity 1")).rejects.toThrow('source "clicks": event time "ts" is infinite');
    await expect((await open(minus(5))).feed("+ -infinity 1")).rejects.toThrow(/infinite/);
  });

  it("drops and counts bad rows when told to", async () => {
    const harness = await open(minus(5), "skip");
    expect(await harness.feed("+ 00:00:10 1 | + NULL 2 | + infinity 3 | + 00:00:11 4")).toEqual(
      linesOf("+ 00:00:10 1 | + 00:00:11 4 | wm 00:00:06"),
    );
    expect(harness.metrics.get("numBadRecords")).toBe(2);
  });

  it("puts bad rows aside with what they held", async () => {
    const harness = await open(minus(5), "side");
    expect(await harness.feed("+ NULL 2 | + 00:00:11 4")).toEqual([
      `bad + clicks NULL NULL 'event time "ts" is NULL' {"ts":null,"v":2}`,
      "+ 00:00:11 4",
      "wm 00:00:06",
    ]);
  });

  it("falls idle after the time-out and wakes with the next row", async () => {
    const harness = await open(minus(0), "fail", 250);
    expect(await harness.feed("+ 00:00:01 1 | tick 100 | tick 100 | tick 100")).toEqual(linesOf("+ 00:00:01 1 | wm 00:00:01"));
    expect(await harness.feed("tick 100 | tick 100 | + 00:00:02 2")).toEqual(linesOf("idle | active | + 00:00:02 2 | wm 00:00:02"));
  });
});
