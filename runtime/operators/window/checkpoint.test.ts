import { describe, expect, test } from "vitest";
import { OperatorHarness } from "../../../sql-tests/runner/operator-harness.ts";
import type { AggregateCall, WindowAggregateSpec } from "../../contract/job-graph.ts";
import { bigint, double, type Schema, timestamp, varchar } from "../../contract/types.ts";
import { windowAggregate } from "../window-aggregate.ts";

const input: Schema = {
  columns: [
    { name: "ts", type: timestamp },
    { name: "k", type: varchar },
    { name: "v", type: bigint },
  ],
};
const plain = { filter: null, constants: [] };
const aggregates: readonly AggregateCall[] = [
  { ...plain, distinct: false, name: "count_star", arguments: [], argumentTypes: [], type: bigint },
  { ...plain, distinct: false, name: "avg", arguments: [2], argumentTypes: [bigint], type: double },
  { ...plain, distinct: true, name: "count", arguments: [2], argumentTypes: [bigint], type: bigint },
];
const spec = (window: WindowAggregateSpec["window"]): WindowAggregateSpec => ({
  op: "windowAggregate",
  phase: "single",
  window,
  timeColumn: 0,
  keys: [1],
  aggregates,
  windowColumns: ["window_start"],
  timeType: timestamp,
});
const output: Schema = {
  columns: [
    { name: "k", type: varchar },
    { name: "n", type: bigint },
    { name: "a", type: double },
    { name: "d", type: bigint },
    { name: "window_start", type: timestamp },
  ],
};
const tumble = { kind: "tumble", size_us: 10_000_000n, offset_us: 0n } as const;
const hop = { kind: "hop", size_us: 10_000_000n, slide_us: 5_000_000n, offset_us: 0n } as const;
const cumulate = { kind: "cumulate", maxSize_us: 10_000_000n, step_us: 5_000_000n, offset_us: 5_000_000n } as const;
const open = (window: WindowAggregateSpec["window"], hideState = false) =>
  OperatorHarness.open({ definition: windowAggregate, spec: spec(window), inputs: [input], output, hideState });

describe("snapshots of a window aggregate", () => {
  test("hold the groups changed since the last one, and delete stored groups of closed slices", async () => {
    const harness = await open(tumble);
    expect(await harness.feed("+ 00:00:01 a 5 | + 00:00:02 b 1 | wm 00:00:02 | barrier 1")).toMatchInlineSnapshot(`
      [
        "wm 00:00:02",
        "barrier 1",
        "put slices 00:00:10 a 1 5 1 {5} {1} 1",
        "put slices 00:00:10 b 1 1 1 {1} {1} 1",
        "put watermark 0 00:00:02",
      ]
    `);
    expect(await harness.feed("+ 00:00:03 a 5 | + 00:00:12 a 2 | barrier 2")).toMatchInlineSnapshot(`
      [
        "barrier 2",
        "put slices 00:00:10 a 2 10 2 {5} {2} 2",
        "put slices 00:00:20 a 1 2 1 {2} {1} 1",
      ]
    `);
    expect(await harness.feed("barrier 3")).toEqual(["barrier 3"]);
    expect(await harness.feed("wm 00:00:10 | barrier 4")).toMatchInlineSnapshot(`
      [
        "+ a 2 5 1 00:00:00",
        "+ b 1 1 1 00:00:00",
        "wm 00:00:10",
        "barrier 4",
        "delete slices 00:00:10 a",
        "delete slices 00:00:10 b",
        "put watermark 0 00:00:10",
      ]
    `);
    expect(await harness.feed("+ 00:00:13 c 1 | wm 00:00:20 | barrier 5")).toMatchInlineSnapshot(`
      [
        "+ a 1 2 1 00:00:10",
        "+ c 1 1 1 00:00:10",
        "wm 00:00:20",
        "barrier 5",
        "delete slices 00:00:20 a",
        "put watermark 0 00:00:20",
      ]
    `);
  });

  test.each([tumble, hop, cumulate])("restore to what would have come, late rows included: $kind", async (window) => {
    const script = "+ 00:00:03 a 7 | + 00:00:06 b 5 | + 00:00:06 NULL 1 | wm max";
    const one = await open(window, true);
    await one.feed("+ 00:00:01 a 5 | + 00:00:06 a 5 | + 00:00:07 'a longer key' 1 | wm 00:00:10 | barrier 1");
    const two = await one.restore();
    const expected = await one.feed(script);
    // Groups of a window have no order of their own.
    expect((await two.feed(script)).toSorted()).toEqual(expected.toSorted());
    expect(two.metrics.get("numLateRecordsDropped")).toBe(window === tumble ? 3 : 1);
  });

  test("a fired window of HOP does not fire again", async () => {
    const one = await open(hop, true);
    await one.feed("+ 00:00:06 a 5 | wm 00:00:10 | barrier 1");
    const two = await one.restore();
    expect(await two.feed("wm 00:00:04 | wm 00:00:12 | wm 00:00:15")).toEqual([
      "wm 00:00:04",
      "wm 00:00:12",
      "+ a 1 5 1 00:00:05",
      "wm 00:00:15",
    ]);
  });

  test("another parallelism finds each group at the owner of its key group", async () => {
    const one = await open(tumble, true);
    const keys = Array.from({ length: 40 }, (_, i) => `+ 00:00:0${i % 10} key-${i} ${i}`);
    await one.feed([...keys, "wm 00:00:05", "barrier 1"].join(" | "));
    const expected = await one.feed("wm max");
    const lines: string[] = [];
    for (const subtaskIndex of [0, 1, 2]) lines.push(...(await (await one.restore({ subtaskIndex, parallelism: 3 })).feed("wm max")));
    expect(lines.filter((line) => line !== "wm max").sort()).toEqual(expected.filter((line) => line !== "wm max").sort());
  });

  test("watermarks of subtasks that are no more are deleted", async () => {
    const options = { definition: windowAggregate, spec: spec(tumble), inputs: [input], output, parallelism: 3, subtaskIndex: 2 };
    const third = await OperatorHarness.open(options);
    await third.feed("wm 00:00:20 | barrier 1");
    const only = await third.restore({ subtaskIndex: 0, parallelism: 1 });
    expect(await only.feed("+ 00:00:15 a 1 | barrier 2")).toMatchInlineSnapshot(`
      [
        "late + 00:00:15 a 1",
        "barrier 2",
        "put watermark 0 00:00:20",
        "delete watermark 2",
      ]
    `);
  });
});
