import { describe, expect, it } from "vitest";
import { linesOf, OperatorHarness } from "../../sql-tests/runner/operator-harness.ts";
import type { WindowOverSpec } from "../contract/job-graph.ts";
import { bigint, type Schema, timestamp } from "../contract/types.ts";
import { windowOver } from "./window-over.ts";

const input: Schema = {
  columns: [
    { name: "window_end", type: timestamp },
    { name: "v", type: bigint },
  ],
};
const spec: WindowOverSpec = {
  op: "windowOver",
  partition: [0],
  windowEnd: 0,
  order: [{ column: 1, descending: false, nullsFirst: false }],
  calls: [
    { kind: "rank", type: bigint },
    { kind: "lead", value: 1, offset: { constant: 1 }, fallback: null, ignoreNulls: false, type: bigint },
  ],
};
const open = () =>
  OperatorHarness.open({
    definition: windowOver,
    spec,
    inputs: [input],
    output: { columns: [...input.columns, { name: "r", type: bigint }, { name: "next", type: bigint }] },
  });

describe("windowOver", () => {
  it("answers the rows of a window once, in order, when the watermark passes it", async () => {
    const harness = await open();
    expect(await harness.feed("+ 12:00:20 5 \n + 12:00:10 3 \n + 12:00:10 1 \n -- \n + 12:00:10 3 \n wm 12:00:09")).toEqual(
      linesOf("wm 12:00:09"),
    );
    expect(await harness.feed("wm 12:00:15")).toEqual(linesOf("+ 12:00:10 1 1 3 | + 12:00:10 3 2 3 | + 12:00:10 3 2 NULL | wm 12:00:15"));
  });

  it("goes on from its state, drops late rows and keeps none of windows that have fired", async () => {
    const harness = await open();
    await harness.feed("+ 12:00:20 5 \n + 12:00:10 3 \n wm 12:00:10 \n barrier 1");
    expect(harness.state.get("rows")?.size).toBe(1);
    const restored = await harness.restore();
    expect(await restored.feed("+ 12:00:10 9 \n + 12:00:20 4 \n wm max")).toEqual(
      linesOf("+ 12:00:20 4 1 5 | + 12:00:20 5 2 NULL | wm max"),
    );
    expect(restored.metrics.get("numLateRecordsDropped")).toBe(1);
  });
});
