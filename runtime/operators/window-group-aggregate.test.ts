import { describe, expect, it } from "vitest";
import { linesOf, OperatorHarness, sortRows } from "../../sql-tests/runner/operator-harness.ts";
import type { Emission, WindowGroupAggregateSpec } from "../contract/job-graph.ts";
import { bigint, type Schema, timestamp, varchar } from "../contract/types.ts";
import { windowGroupAggregate } from "./window-group-aggregate.ts";

const input: Schema = {
  columns: [
    { name: "ts", type: timestamp },
    { name: "k", type: varchar },
    { name: "v", type: bigint },
  ],
};
const output: Schema = {
  columns: [
    { name: "k", type: varchar },
    { name: "n", type: bigint },
    { name: "s", type: { id: "hugeint" } },
    { name: "window_start", type: timestamp },
  ],
};
const second = 1_000_000n;
const none: Emission = { earlyEvery_ms: null, allowedLateness_us: 0n };
const call = { distinct: false, filter: null, constants: [] } as const;

const open = (
  emission: Partial<Emission>,
  more: Partial<WindowGroupAggregateSpec> = {},
  options: { hideState?: boolean } = { hideState: true },
) =>
  OperatorHarness.open({
    definition: windowGroupAggregate,
    inputs: [input],
    output,
    ...options,
    spec: {
      op: "windowGroupAggregate",
      window: { kind: "tumble", size_us: 10n * second, offset_us: 0n },
      timeColumn: 0,
      keys: [1],
      aggregates: [
        { ...call, name: "count_star", arguments: [], argumentTypes: [], type: bigint },
        { ...call, name: "sum", arguments: [2], argumentTypes: [bigint], type: { id: "hugeint" } },
      ],
      windowColumns: ["window_start"],
      timeType: timestamp,
      emission: { ...none, ...emission },
      ...more,
    },
  });

const sorted = async (lines: Promise<string[]>): Promise<string[]> => sortRows(await lines);

describe("early results", () => {
  it("with each batch take the earlier ones back, and the end of the window adds nothing", async () => {
    const harness = await open({ earlyEvery_ms: 0 });
    expect(await sorted(harness.feed("+ 00:00:01 a 5 | + 00:00:02 b 1 | -- | + 00:00:03 a 2 | + 00:00:11 a 9"))).toEqual(
      linesOf("+ a 1 5 00:00:00 | + a 1 9 00:00:10 | + a 2 7 00:00:00 | + b 1 1 00:00:00 | - a 1 5 00:00:00"),
    );
    expect(await harness.feed("wm 00:00:09.999 | + 00:00:04 a 1")).toEqual(linesOf("wm 00:00:09.999 | late + 00:00:04 a 1"));
    expect(harness.metrics.get("numLateRecordsDropped")).toBe(1);
  });

  it("of HOP change every window that holds the row", async () => {
    const harness = await open(
      { earlyEvery_ms: 0 },
      { window: { kind: "hop", size_us: 10n * second, slide_us: 5n * second, offset_us: 0n } },
    );
    expect(await sorted(harness.feed("+ 00:00:06 a 1 | -- | + 00:00:01 a 2"))).toEqual(
      linesOf("+ a 1 1 00:00:00 | + a 1 1 00:00:05 | + a 1 2 1969-12-31T23:59:55 | + a 2 3 00:00:00 | - a 1 1 00:00:00"),
    );
    // A row whose first window is over still counts in the second.
    expect(await sorted(harness.feed("wm 00:00:04.999 | + 00:00:02 a 4"))).toEqual(
      linesOf("wm 00:00:04.999 | + a 3 7 00:00:00 | - a 2 3 00:00:00"),
    );
  });

  it("of CUMULATE change the step and all that follow it", async () => {
    const window = { kind: "cumulate", maxSize_us: 10n * second, step_us: 5n * second, offset_us: 0n } as const;
    const harness = await open({ earlyEvery_ms: 0 }, { window, windowColumns: ["window_end"] });
    expect(await sorted(harness.feed("+ 00:00:01 a 1 | -- | + 00:00:06 a 2"))).toEqual(
      linesOf("+ a 1 1 00:00:05 | + a 1 1 00:00:10 | + a 2 3 00:00:10 | - a 1 1 00:00:10"),
    );
  });

  it("every interval show what changed in it, and the rest when the window ends", async () => {
    const harness = await open({ earlyEvery_ms: 200 });
    expect(await harness.feed("tick 100 | + 00:00:01 a 5 | + 00:00:12 a 1 | -- | + 00:00:02 a 1")).toEqual([]);
    expect(await sorted(harness.feed("tick 100"))).toEqual(linesOf("+ a 1 1 00:00:10 | + a 2 6 00:00:00"));
    expect(await harness.feed("tick 200 | + 00:00:03 a 1 | + 00:00:13 a 1")).toEqual([]);
    expect(await sorted(harness.feed("wm 00:00:10"))).toEqual(linesOf("+ a 3 7 00:00:00 | - a 2 6 00:00:00 | wm 00:00:10"));
    expect(await sorted(harness.feed("tick 200"))).toEqual(linesOf("+ a 2 2 00:00:10 | - a 1 1 00:00:10"));
  });

  it.each([1, 2])("that wait are shown after a restore as before it, at parallelism %s", async (parallelism) => {
    let harness = await open({ earlyEvery_ms: 1_000 });
    expect(await harness.feed("tick 1 | + 00:00:01 a 5 | + 00:00:02 b 5 | tick 1000")).toEqual(
      linesOf("+ a 1 5 00:00:00 | + b 1 5 00:00:00"),
    );
    await harness.feed("+ 00:00:03 a 1 | + 00:00:04 c 7 | barrier 1");
    const shown: string[] = [];
    for (let subtaskIndex = 0; subtaskIndex < parallelism; subtaskIndex++) {
      const part = await harness.restore({ subtaskIndex, parallelism });
      shown.push(...(await part.feed("tick 1 | tick 1000")));
      if (parallelism === 1) harness = part;
    }
    expect(shown.toSorted()).toEqual(linesOf("+ a 2 6 00:00:00 | + c 1 7 00:00:00 | - a 1 5 00:00:00"));
    if (parallelism > 1) return;
    await harness.feed("+ 00:00:05 a 1 | barrier 2");
    harness = await harness.restore();
    expect(await sorted(harness.feed("wm max"))).toEqual(linesOf("+ a 3 7 00:00:00 | - a 2 6 00:00:00 | wm max"));
  });
});

describe("allowed lateness", () => {
  const lateness = { allowedLateness_us: 5n * second };

  it("shows a late row's change at once, until it is over", async () => {
    const harness = await open(lateness);
    expect(await harness.feed("+ 00:00:01 a 5 | -- | + 00:00:02 a 1")).toEqual([]);
    expect(await harness.feed("wm 00:00:09.999")).toEqual(linesOf("+ a 2 6 00:00:00 | wm 00:00:09.999"));
    expect(await sorted(harness.feed("+ 00:00:03 a 1 | + 00:00:04 b 2"))).toEqual(
      linesOf("+ a 3 7 00:00:00 | + b 1 2 00:00:00 | - a 2 6 00:00:00"),
    );
    expect(await harness.feed("wm 00:00:14.998 | + 00:00:03 b 1 | wm 00:00:14.999 | + 00:00:03 b 1")).toEqual(
      linesOf("wm 00:00:14.998 | - b 1 2 00:00:00 | + b 2 3 00:00:00 | wm 00:00:14.999 | late + 00:00:03 b 1"),
    );
  });

  it("keeps what was shown over a restore", async () => {
    let harness = await open(lateness);
    await harness.feed("+ 00:00:01 a 5 | + 00:00:11 a 1 | wm 00:00:10 | barrier 1");
    harness = await harness.restore();
    expect(await harness.feed("+ 00:00:02 a 1 | + 00:00:12 a 1")).toEqual(linesOf("- a 1 5 00:00:00 | + a 2 6 00:00:00"));
    expect(await harness.feed("wm 00:00:20")).toEqual(linesOf("+ a 2 2 00:00:10 | wm 00:00:20"));
  });
});

describe("state", () => {
  it("goes with the window, and a group with its last row", async () => {
    const harness = await open({ earlyEvery_ms: 0 }, {}, { hideState: false });
    await harness.feed("+ 00:00:01 a 5 | + 00:00:02 b 1 | + 00:00:11 a 1 | barrier 1");
    expect(await harness.feed("- 00:00:02 b 1 | barrier 2")).toEqual(
      linesOf("- b 1 1 00:00:00 | barrier 2 | delete groups b 00:00:00 00:00:10"),
    );
    expect(await harness.feed("wm 00:00:10 | barrier 3")).toEqual(
      linesOf("wm 00:00:10 | barrier 3 | delete groups a 00:00:00 00:00:10 | put watermark 0 00:00:10"),
    );
  });

  it("of a changelog is exact whatever the order within a batch", async () => {
    const harness = await open(none);
    expect(await harness.feed("- 00:00:02 a 3 | + 00:00:01 a 5 | + 00:00:02 a 3 | -- | +2 00:00:03 a 1 | - 00:00:01 a 5 | wm max")).toEqual(
      linesOf("+ a 2 2 00:00:00 | wm max"),
    );
  });
});
