import { describe, expect, it } from "vitest";
import { linesOf, OperatorHarness } from "../../sql-tests/runner/operator-harness.ts";
import type { WindowRankSpec } from "../contract/job-graph.ts";
import { bigint, type Schema, timestamp, varchar } from "../contract/types.ts";
import { windowRank } from "./window-rank.ts";

const input: Schema = {
  columns: [
    { name: "k", type: varchar },
    { name: "window_end", type: timestamp },
    { name: "v", type: bigint },
  ],
};
const spec: WindowRankSpec = {
  op: "windowRank",
  function: "rowNumber",
  partition: [0, 1],
  windowEnd: 1,
  order: [{ column: 2, descending: true, nullsFirst: false }],
  from: 1,
  to: 2,
  withRank: true,
};
const open = () =>
  OperatorHarness.open({
    definition: windowRank,
    spec,
    inputs: [input],
    output: { columns: [...input.columns, { name: "n", type: bigint }] },
  });

describe("windowRank", () => {
  it("emits each window's best rows once, when the watermark passes it, earlier windows first", async () => {
    const harness = await open();
    const rows = "+ a 12:00:20 5 \n + a 12:00:10 1 \n + a 12:00:10 7 \n + b 12:00:10 2 \n -- \n + a 12:00:10 3";
    expect(await harness.feed(rows)).toEqual([]);
    expect(await harness.feed("wm 12:00:09")).toEqual(linesOf("wm 12:00:09"));
    expect(await harness.feed("wm 12:00:10")).toEqual(linesOf("+ a 12:00:10 7 1 | + a 12:00:10 3 2 | + b 12:00:10 2 1 | wm 12:00:10"));
    expect(await harness.feed("wm max")).toEqual(linesOf("+ a 12:00:20 5 1 | wm max"));
  });

  it("drops and counts rows of windows that have fired, after a restore too", async () => {
    const harness = await open();
    await harness.feed("+ a 12:00:10 7 \n wm 12:00:10 \n + a 12:00:10 9 \n + a 12:00:20 1 \n barrier 1");
    expect(harness.metrics.get("numLateRecordsDropped")).toBe(1);
    const restored = await harness.restore();
    expect(await restored.feed("+ a 12:00:10 9 \n + a 12:00:20 2 \n wm max")).toEqual(
      linesOf("+ a 12:00:20 2 1 | + a 12:00:20 1 2 | wm max"),
    );
  });

  it("stores no more rows than will be asked for, and deletes those of fired windows", async () => {
    const harness = await open();
    await harness.feed("+ a 12:00:10 1 \n + a 12:00:10 2 \n + a 12:00:10 3 \n barrier 1");
    expect(harness.state.get("rows")?.size).toBe(2);
    await harness.feed("wm 12:00:10 \n barrier 2");
    expect(harness.state.get("rows")?.size ?? 0).toBe(0);
  });
});
