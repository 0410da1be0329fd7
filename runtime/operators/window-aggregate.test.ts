import { describe, expect, test } from "vitest";
import { linesOf, OperatorHarness } from "../../sql-tests/runner/operator-harness.ts";
import type { AggregateCall, WindowAggregateSpec, WindowSpec } from "../contract/job-graph.ts";
import { bigint, double, type Field, type Schema, timestamp, varchar } from "../contract/types.ts";
import { windowAggregate } from "./window-aggregate.ts";
import { accumulatorSchema } from "../functions/aggregate/registry.ts";

const second = 1_000_000n;

const input: Schema = {
  columns: [
    { name: "ts", type: timestamp },
    { name: "k", type: varchar },
    { name: "v", type: bigint },
  ],
};

const plain = { distinct: false, filter: null, constants: [] };
const countAll: AggregateCall = { ...plain, name: "count_star", arguments: [], argumentTypes: [], type: bigint };
const maxValue: AggregateCall = { ...plain, name: "max", arguments: [2], argumentTypes: [bigint], type: bigint };
const avgValue: AggregateCall = { ...plain, name: "avg", arguments: [2], argumentTypes: [bigint], type: double };

const spec = (window: WindowSpec, aggregates: readonly AggregateCall[] = [countAll, maxValue]): WindowAggregateSpec => ({
  op: "windowAggregate",
  phase: "single",
  window,
  timeColumn: 0,
  keys: [1],
  aggregates,
  windowColumns: ["window_start", "window_end"],
  timeType: timestamp,
});

const tumble = (seconds: bigint, offset = 0n): WindowSpec => ({ kind: "tumble", size_us: seconds * second, offset_us: offset * second });
const hop = (size: bigint, slide: bigint): WindowSpec => ({ kind: "hop", size_us: size * second, slide_us: slide * second, offset_us: 0n });
const cumulate = (max: bigint, step: bigint): WindowSpec => ({
  kind: "cumulate",
  maxSize_us: max * second,
  step_us: step * second,
  offset_us: 0n,
});

const outputOf = (s: WindowAggregateSpec): Schema => ({
  columns: [
    ...s.keys.map((k) => input.columns[k] as Field),
    ...s.aggregates.map((call, i): Field => ({ name: `a${i}`, type: call.type })),
    ...s.windowColumns.map((name): Field => ({ name, type: s.timeType })),
  ],
});

const localOutput = (s: WindowAggregateSpec): Schema => ({
  columns: [
    ...s.keys.map((k) => input.columns[k] as Field),
    { name: "slice_end", type: timestamp },
    ...accumulatorSchema(s.aggregates),
    { name: "rows", type: bigint },
  ],
});

const open = (s: WindowAggregateSpec) =>
  OperatorHarness.open({ definition: windowAggregate, spec: s, inputs: [input], output: outputOf(s), hideState: true });

async function run(s: WindowAggregateSpec, script: string): Promise<string[]> {
  const harness = await open(s);
  const lines = await harness.feed(script);
  await harness.close();
  return lines;
}

describe("TUMBLE", () => {
  test("fires when the watermark reaches the end less 1 ms, results first", async () => {
    const harness = await open(spec(tumble(10n)));
    expect(await harness.feed("+ 00:00:01 a 5 | + 00:00:09.999999 a 7 | + 00:00:10 b 1 | wm 00:00:09.998999")).toEqual([
      "wm 00:00:09.998999",
    ]);
    expect(await harness.feed("wm 00:00:09.999")).toEqual(["+ a 2 7 00:00:00 00:00:10", "wm 00:00:09.999"]);
    expect(await harness.feed("end")).toEqual(["+ b 1 1 00:00:10 00:00:20", "wm max", "end"]);
  });

  test("a time before 1970 is in the window below it", async () => {
    expect(await run(spec(tumble(5n)), "+ 1969-12-31T23:59:59.999 a 1 | wm max")).toEqual([
      "+ a 1 1 1969-12-31T23:59:55 00:00:00",
      "wm max",
    ]);
  });

  test.each([
    [-16n, "2021-06-29T23:54:00", "2021-06-30T00:04:00"],
    [-6n, "2021-06-29T23:54:00", "2021-06-30T00:04:00"],
    [4n, "2021-06-29T23:54:00", "2021-06-30T00:04:00"],
    [-4n, "2021-06-29T23:56:00", "2021-06-30T00:06:00"],
    [6n, "2021-06-29T23:56:00", "2021-06-30T00:06:00"],
    [16n, "2021-06-29T23:56:00", "2021-06-30T00:06:00"],
  ])("an offset of %d minutes counts modulo the size", async (offset, start, end) => {
    expect(await run(spec(tumble(600n, offset * 60n)), "+ 2021-06-30T00:00:04 a 1 | wm max")).toEqual([
      `+ a 1 1 ${start} ${end}`,
      "wm max",
    ]);
  });

  test("a late row is dropped, counted and put aside", async () => {
    const harness = await open(spec(tumble(10n)));
    expect(await harness.feed("+ 00:00:01 a 5 | wm 00:00:10 | + 00:00:02 a 6 | + 00:00:12 a 7 | + 00:00:03 b 8 | wm max")).toEqual([
      "+ a 1 5 00:00:00 00:00:10",
      "wm 00:00:10",
      "late + 00:00:02 a 6",
      "late + 00:00:03 b 8",
      "+ a 1 7 00:00:10 00:00:20",
      "wm max",
    ]);
    expect(harness.metrics.get("numLateRecordsDropped")).toBe(2);
  });

  test("windows without rows give no row", async () => {
    expect(await run(spec(tumble(1n)), "+ 00:00:00 a 5 | + 01:00:00 a 6 | wm max")).toEqual([
      "+ a 1 5 00:00:00 00:00:01",
      "+ a 1 6 01:00:00 01:00:01",
      "wm max",
    ]);
  });

  test("many windows in one batch, out of order, with NULL keys", async () => {
    const times = Array.from({ length: 200 }, (_, i) => (i * 37) % 100);
    const rows = times.map((t) => `+ 00:00:${String(t % 60).padStart(2, "0")} ${t % 3 === 0 ? "NULL" : "k"} ${t}`);
    const lines = await run(spec(tumble(1n)), [...rows, "wm max"].join(" | "));
    const counts = new Map<string, number>();
    for (const t of times) {
      const key = `${t % 60} ${t % 3 === 0 ? "NULL" : "k"}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(lines).toHaveLength(counts.size + 1);
    for (const line of lines.slice(0, -1)) {
      const [, key, count, , start] = line.split(" ");
      expect(count).toBe(String(counts.get(`${Number(start?.slice(-2))} ${key}`)));
    }
  });

  test("a retracted row is taken out; a group without rows gives no row", async () => {
    const s = spec(tumble(10n), [countAll, avgValue]);
    const lines = await run(s, "+ 00:00:01 a 5 | + 00:00:02 a 9 | + 00:00:03 b 1 | -- | - 00:00:01 a 5 | - 00:00:03 b 1 | wm max");
    expect(lines).toEqual(["+ a 1 9 00:00:00 00:00:10", "wm max"]);
  });
});

describe("HOP", () => {
  test("each window is the merge of its slices", async () => {
    expect(await run(spec(hop(10n, 5n)), "+ 00:00:01 a 1 | + 00:00:06 a 2 | + 00:00:07 b 3 | wm max")).toEqual(
      linesOf(`+ a 1 1 1969-12-31T23:59:55 00:00:05
        + a 2 2 00:00:00 00:00:10
        + b 1 3 00:00:00 00:00:10
        + a 1 2 00:00:05 00:00:15
        + b 1 3 00:00:05 00:00:15
        wm max`),
    );
  });

  test("a row for a fired window still counts in later ones, and is late when the last has fired", async () => {
    const harness = await open(spec(hop(10n, 5n)));
    expect(await harness.feed("+ 00:00:01 a 1 | wm 00:00:05")).toEqual(["+ a 1 1 1969-12-31T23:59:55 00:00:05", "wm 00:00:05"]);
    expect(await harness.feed("+ 00:00:02 a 2 | wm 00:00:10")).toEqual(["+ a 2 2 00:00:00 00:00:10", "wm 00:00:10"]);
    expect(await harness.feed("+ 00:00:03 a 3 | + 00:00:05 a 4 | wm max")).toEqual([
      "late + 00:00:03 a 3",
      "+ a 1 4 00:00:05 00:00:15",
      "wm max",
    ]);
  });

  test("a gap between rows is passed over", async () => {
    expect(await run(spec(hop(4n, 2n)), "+ 00:00:01 a 1 | + 10:00:01 a 2 | wm max")).toEqual([
      "+ a 1 1 1969-12-31T23:59:58 00:00:02",
      "+ a 1 1 00:00:00 00:00:04",
      "+ a 1 2 09:59:58 10:00:02",
      "+ a 1 2 10:00:00 10:00:04",
      "wm max",
    ]);
  });
});

describe("CUMULATE", () => {
  test("windows grow by the step up to the size", async () => {
    expect(await run(spec(cumulate(6n, 2n)), "+ 00:00:01 a 1 | + 00:00:03 b 2 | + 00:00:05 a 3 | + 00:00:06 a 4 | wm max")).toEqual(
      linesOf(`+ a 1 1 00:00:00 00:00:02
        + a 1 1 00:00:00 00:00:04
        + b 1 2 00:00:00 00:00:04
        + a 2 3 00:00:00 00:00:06
        + b 1 2 00:00:00 00:00:06
        + a 1 4 00:00:06 00:00:08
        + a 1 4 00:00:06 00:00:10
        + a 1 4 00:00:06 00:00:12
        wm max`),
    );
  });

  test("a late row within the size counts from the next window on", async () => {
    const harness = await open(spec(cumulate(6n, 2n)));
    await harness.feed("+ 00:00:01 a 1 | + 00:00:03 a 1 | wm 00:00:04");
    expect(await harness.feed("+ 00:00:00 a 9 | wm 00:00:06")).toEqual(["+ a 3 9 00:00:00 00:00:06", "wm 00:00:06"]);
    expect(await harness.feed("+ 00:00:05 a 1 | wm max")).toEqual(["late + 00:00:05 a 1", "wm max"]);
  });
});

describe("attached windows", () => {
  const rows: Schema = { columns: [...input.columns, { name: "window_start", type: timestamp }] };
  const s: WindowAggregateSpec = { ...spec(tumble(1n)), window: { kind: "attached", startColumn: 3 } };

  test("windows of one end and different starts stay apart", async () => {
    const harness = await OperatorHarness.open({ definition: windowAggregate, spec: s, inputs: [rows], output: outputOf(s) });
    expect(
      await harness.feed(
        "+ 00:00:10 a 1 00:00:00 | + 00:00:10 a 2 00:00:05 | + 00:00:10 a 3 00:00:00 | wm 00:00:09.999 | + 00:00:10 a 1 00:00:05",
      ),
    ).toEqual(["+ a 2 3 00:00:00 00:00:10", "+ a 1 2 00:00:05 00:00:10", "wm 00:00:09.999", "late + 00:00:10 a 1 00:00:05"]);
  });
});

describe("two phases", () => {
  const script = (wm: string) =>
    `+ 00:00:01 a 1 | + 00:00:06 a 2 | + 00:00:07 b 3 | wm 00:00:05 | + 00:00:02 a 4 | + 00:00:08 NULL 5 | ${wm} | + 00:00:03 a 6 | + 00:00:11 c 7 | wm max`;

  test.each([tumble(5n), hop(10n, 5n), cumulate(10n, 5n)])("give what one phase gives: $kind", async (window) => {
    const single = spec(window, [countAll, maxValue, avgValue]);
    const local = await OperatorHarness.open({
      definition: windowAggregate,
      spec: { ...single, phase: "local" },
      inputs: [input],
      output: localOutput(single),
    });
    const global = await OperatorHarness.open({
      definition: windowAggregate,
      spec: { ...single, phase: "global", timeColumn: 1 },
      inputs: [localOutput(single)],
      output: outputOf(single),
    });
    const partial = await local.feed(script("wm 00:00:10"));
    const expected = await run(single, script("wm 00:00:10"));
    const lines = await global.feed(partial.join("\n"));
    expect(lines).toEqual(expected.filter((line) => !line.startsWith("late")));
    expect(global.metrics.get("numLateRecordsDropped") ?? 0).toBe(expected.filter((line) => line.startsWith("late")).length);
  });

  test("the local phase sends everything at a barrier and keeps no state", async () => {
    const single = spec(tumble(5n));
    const local = await OperatorHarness.open({
      definition: windowAggregate,
      spec: { ...single, phase: "local" },
      inputs: [input],
      output: localOutput(single),
    });
    expect(await local.feed("+ 00:00:01 a 1 | + 00:00:02 a 2 | barrier 1 | wm max")).toEqual(["+ a 00:00:05 2 2 2", "barrier 1", "wm max"]);
  });
});
