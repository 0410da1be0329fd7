import { describe, expect, it } from "vitest";
import { linesOf, OperatorHarness } from "../../sql-tests/runner/operator-harness.ts";
import type { WindowSpec } from "../contract/job-graph.ts";
import { bigint, type Schema, timestamp } from "../contract/types.ts";
import { windowAssign } from "./window-assign.ts";

const second = 1_000_000n;
const schema: Schema = {
  columns: [
    { name: "v", type: bigint },
    { name: "ts", type: timestamp },
  ],
};
const output: Schema = {
  columns: [...schema.columns, ...["window_start", "window_end", "window_time"].map((name) => ({ name, type: timestamp }))],
};
const open = (window: WindowSpec) =>
  OperatorHarness.open({ definition: windowAssign, spec: { op: "windowAssign", timeColumn: 1, window }, inputs: [schema], output });

describe("window assign", () => {
  it("appends a tumbling window and keeps weights", async () => {
    const harness = await open({ kind: "tumble", size_us: 10n * second, offset_us: 0n });
    expect(await harness.feed("+ 1 00:00:10 | - 2 00:00:09.999999 | + 3 NULL | wm 00:00:05")).toEqual(
      linesOf(`
        + 1 00:00:10 00:00:10 00:00:20 00:00:19.999
        - 2 00:00:09.999999 00:00:00 00:00:10 00:00:09.999
        + 3 NULL NULL NULL NULL
        wm 00:00:05`),
    );
  });

  it("repeats a row for each hopping window; a row without a time is in none", async () => {
    const harness = await open({ kind: "hop", size_us: 10n * second, slide_us: 5n * second, offset_us: 0n });
    expect(await harness.feed("+ 1 00:00:07 | + 2 NULL | - 3 00:00:10")).toEqual(
      linesOf(`
        + 1 00:00:07 00:00:00 00:00:10 00:00:09.999
        + 1 00:00:07 00:00:05 00:00:15 00:00:14.999
        - 3 00:00:10 00:00:05 00:00:15 00:00:14.999
        - 3 00:00:10 00:00:10 00:00:20 00:00:19.999`),
    );
  });

  it("splits what one batch expands to", async () => {
    const harness = await open({ kind: "cumulate", maxSize_us: 5_000n, step_us: 1n, offset_us: 0n });
    const lines = await harness.rows(Array.from({ length: 10 }, (_, v) => [BigInt(v), 0n]));
    expect(lines.length).toBe(50_000);
    expect(lines.at(-1)).toBe("+ 9 00:00:00 00:00:00 00:00:00.005 00:00:00.004");
  });
});
