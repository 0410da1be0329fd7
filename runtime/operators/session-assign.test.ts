import { describe, expect, it } from "vitest";
import { linesOf, OperatorHarness, sortRows } from "../../sql-tests/runner/operator-harness.ts";
import type { Emission } from "../contract/job-graph.ts";
import { type Schema, timestamp, varchar } from "../contract/types.ts";
import { sessionAssign } from "./session-assign.ts";

const input: Schema = {
  columns: [
    { name: "ts", type: timestamp },
    { name: "k", type: varchar },
  ],
};
const output: Schema = {
  columns: [...input.columns, ...["window_start", "window_end", "window_time"].map((name) => ({ name, type: timestamp }))],
};
const second = 1_000_000n;

const open = (emission: Partial<Emission> = {}) =>
  OperatorHarness.open({
    definition: sessionAssign,
    inputs: [input],
    output,
    hideState: true,
    spec: {
      op: "sessionAssign",
      timeColumn: 0,
      gap_us: 5n * second,
      partitionKeys: [1],
      timeType: timestamp,
      emission: { earlyEvery_ms: null, allowedLateness_us: 0n, ...emission },
    },
  });

/** Rows without their window_time. */
const short = (lines: readonly string[]): string[] =>
  sortRows(lines.map((line) => (/^[+-]/.test(line) ? line.replace(/ \S+$/, "") : line)));

describe("rows of sessions", () => {
  it("leave when their session ends", async () => {
    const harness = await open();
    expect(await harness.feed("+ 00:00:01 a | + 00:00:09 a | + 00:00:02 b | -- | + 00:00:05 a | wm 00:00:06.998")).toEqual([
      "wm 00:00:06.998",
    ]);
    expect(short(await harness.feed("wm 00:00:06.999"))).toEqual(linesOf("+ 00:00:02 b 00:00:02 00:00:07 | wm 00:00:06.999"));
    expect(short(await harness.feed("+ 00:00:01 b | + 00:00:03 a | wm max"))).toEqual([
      "late + 00:00:01 b",
      ...linesOf(
        "+ 00:00:01 a 00:00:01 00:00:14 | + 00:00:03 a 00:00:01 00:00:14 | + 00:00:05 a 00:00:01 00:00:14 | + 00:00:09 a 00:00:01 00:00:14",
      ),
      "wm max",
    ]);
  });

  it("are shown early, and again when their session grows or is merged", async () => {
    const harness = await open({ earlyEvery_ms: 0 });
    expect(short(await harness.feed("+ 00:00:01 a | -- | + 00:00:09 a"))).toEqual(
      linesOf("+ 00:00:01 a 00:00:01 00:00:06 | + 00:00:09 a 00:00:09 00:00:14"),
    );
    expect(short(await harness.feed("+ 00:00:05 a"))).toEqual(
      linesOf(
        "+ 00:00:01 a 00:00:01 00:00:14 | + 00:00:05 a 00:00:01 00:00:14 | + 00:00:09 a 00:00:01 00:00:14 | - 00:00:01 a 00:00:01 00:00:06 | - 00:00:09 a 00:00:09 00:00:14",
      ),
    );
    expect(await harness.feed("wm 00:00:14")).toEqual(["wm 00:00:14"]);
  });

  it("of a session that ended are taken back when a late row opens it again", async () => {
    const harness = await open({ allowedLateness_us: 10n * second });
    expect(short(await harness.feed("+ 00:00:01 a | wm 00:00:07"))).toEqual(linesOf("+ 00:00:01 a 00:00:01 00:00:06 | wm 00:00:07"));
    // Within the gap of the ended one, and itself not over yet.
    expect(short(await harness.feed("+ 00:00:04 a"))).toEqual(linesOf("- 00:00:01 a 00:00:01 00:00:06"));
    expect(short(await harness.feed("wm 00:00:09"))).toEqual(
      linesOf("+ 00:00:01 a 00:00:01 00:00:09 | + 00:00:04 a 00:00:01 00:00:09 | wm 00:00:09"),
    );
    expect(short(await harness.feed("+ 00:00:00 a"))).toEqual(
      linesOf(
        "+ 00:00:00 a 00:00:00 00:00:09 | + 00:00:01 a 00:00:00 00:00:09 | + 00:00:04 a 00:00:00 00:00:09 | - 00:00:01 a 00:00:01 00:00:09 | - 00:00:04 a 00:00:01 00:00:09",
      ),
    );
    expect(await harness.feed("wm 00:00:19 | + 00:00:04 a")).toEqual(linesOf("wm 00:00:19 | late + 00:00:04 a"));
  });

  it.each([1, 2])("go on after a restore, at parallelism %s", async (parallelism) => {
    const harness = await open({ allowedLateness_us: 10n * second });
    await harness.feed("+ 00:00:01 a | + 00:00:02 b | + 00:00:09 b | + 00:00:12 c | wm 00:00:08 | barrier 1");
    const lines: string[] = [];
    for (let subtaskIndex = 0; subtaskIndex < parallelism; subtaskIndex++) {
      const part = await harness.restore({ subtaskIndex, parallelism });
      lines.push(...(await part.feed("wm 00:00:08 | wm max")).filter((line) => !line.startsWith("wm")));
    }
    expect(short(lines)).toEqual(linesOf("+ 00:00:09 b 00:00:09 00:00:14 | + 00:00:12 c 00:00:12 00:00:17"));
    const whole = await harness.restore();
    expect(short(await whole.feed("+ 00:00:06 a | barrier 2"))).toEqual(linesOf("- 00:00:01 a 00:00:01 00:00:06 | barrier 2"));
    const again = await whole.restore();
    expect(short(await again.feed("wm 00:00:11"))).toEqual(
      linesOf("+ 00:00:01 a 00:00:01 00:00:11 | + 00:00:06 a 00:00:01 00:00:11 | wm 00:00:11"),
    );
  });
});
