import { describe, expect, it } from "vitest";
import { linesOf, OperatorHarness } from "../../sql-tests/runner/operator-harness.ts";
import type { Expression } from "../contract/expressions.ts";
import type { WindowJoinSpec } from "../contract/job-graph.ts";
import { bigint, boolean, type Schema, timestamp, varchar } from "../contract/types.ts";
import { windowJoin } from "./window-join.ts";

const left: Schema = {
  columns: [
    { name: "window_end", type: timestamp },
    { name: "k", type: varchar },
    { name: "v", type: bigint },
  ],
};
const right: Schema = {
  columns: [
    { name: "k", type: varchar },
    { name: "w", type: bigint },
    { name: "window_end", type: timestamp },
  ],
};
const column = (index: number): Expression => ({ kind: "column", index, type: bigint });
const open = (residual: Expression | null = null, more: Partial<WindowJoinSpec> = {}) =>
  OperatorHarness.open({
    definition: windowJoin,
    spec: {
      op: "windowJoin",
      leftKeys: [0, 1],
      rightKeys: [2, 0],
      join: "inner",
      leftWindowEnd: 0,
      rightWindowEnd: 2,
      matched: [1],
      residual,
      ...more,
    },
    inputs: [left, right],
    output: { columns: more.join === "semi" || more.join === "anti" ? left.columns : [...left.columns, ...right.columns] },
    hideState: true,
  });

describe("windowJoin", () => {
  it("joins equal keys of a window once the watermark passes it, and forgets the window", async () => {
    const harness = await open();
    await harness.feed("0: + 00:00:10 a 1 \n 0: + 00:00:10 b 2 \n 1: + a 7 00:00:10 \n 1: + a 8 00:00:20 \n 1: + c 9 00:00:10");
    expect(await harness.feed("wm 00:00:09.998")).toEqual(["wm 00:00:09.998"]);
    expect(await harness.feed("wm 00:00:09.999")).toEqual(linesOf("+ 00:00:10 a 1 a 7 00:00:10 | wm 00:00:09.999"));
    expect(await harness.feed("0: + 00:00:20 a 5 \n wm max")).toEqual(linesOf("+ 00:00:20 a 5 a 8 00:00:20 | wm max"));
  });

  it("gives every pair, and keeps those that the residual holds for", async () => {
    const harness = await open({ kind: "compare", operator: ">=", left: column(2), right: column(4), type: boolean });
    await harness.feed("0: + 00:00:10 a 1 \n 0: + 00:00:10 a 3 \n 1: + a 1 00:00:10 \n 1: + a 2 00:00:10");
    expect((await harness.feed("wm max")).toSorted()).toEqual(
      linesOf("+ 00:00:10 a 1 a 1 00:00:10 | + 00:00:10 a 3 a 1 00:00:10 | + 00:00:10 a 3 a 2 00:00:10 | wm max"),
    );
  });

  it("pairs all rows of a window when it is all that must be equal", async () => {
    const atLeast = { kind: "compare", operator: ">=", left: column(2), right: column(4), type: boolean } as const;
    const harness = await open(atLeast, { leftKeys: [0], rightKeys: [2], matched: [] });
    await harness.feed("0: + 00:00:10 a 1 \n 0: + 00:00:10 b 3 \n 0: + 00:00:20 b 9 \n 1: + c 1 00:00:10 \n 1: + d 2 00:00:10");
    expect((await harness.feed("wm max")).toSorted()).toEqual(
      linesOf("+ 00:00:10 a 1 c 1 00:00:10 | + 00:00:10 b 3 c 1 00:00:10 | + 00:00:10 b 3 d 2 00:00:10 | wm max"),
    );
  });

  it("gives nothing for a window whose pairs all fail the residual", async () => {
    const harness = await open({ kind: "compare", operator: ">=", left: column(2), right: column(4), type: boolean });
    expect(await harness.feed("0: + 00:00:10 a 1 \n 1: + a 5 00:00:10 \n wm max")).toEqual(["wm max"]);
  });

  it("matches no NULL and drops late rows", async () => {
    const harness = await open();
    expect(await harness.feed("0: + 00:00:10 NULL 1 \n 1: + NULL 2 00:00:10 \n wm 00:00:10 \n 0: + 00:00:10 a 1")).toEqual(["wm 00:00:10"]);
    expect(harness.metrics.get("numLateRecordsDropped")).toBe(1);
  });

  it("goes on from its state at another parallelism", async () => {
    const harness = await open();
    await harness.feed("0: + 00:00:10 a 1 \n 1: + a 7 00:00:10 \n 0: + 00:00:20 b 1 \n barrier 1");
    await harness.feed("0: + 00:00:10 a 2 \n 1: + b 9 00:00:20 \n barrier 2");
    const lines: string[] = [];
    for (const subtaskIndex of [0, 1, 2]) {
      const restored = await harness.restore({ subtaskIndex, parallelism: 3 });
      lines.push(...(await restored.feed("wm max")));
    }
    expect(lines.filter((line) => line.startsWith("+")).toSorted()).toEqual(
      linesOf("+ 00:00:10 a 1 a 7 00:00:10 | + 00:00:10 a 2 a 7 00:00:10 | + 00:00:20 b 1 b 9 00:00:20"),
    );
  });

  it.each([
    ["left", "+ 00:00:10 a 1 a 7 00:00:10 | + 00:00:10 b 2 NULL NULL NULL"],
    ["right", "+ 00:00:10 a 1 a 7 00:00:10 | + NULL NULL NULL c 9 00:00:10"],
    ["full", "+ 00:00:10 a 1 a 7 00:00:10 | + 00:00:10 b 2 NULL NULL NULL | + NULL NULL NULL c 9 00:00:10"],
    ["semi", "+ 00:00:10 a 1"],
    ["anti", "+ 00:00:10 b 2"],
  ] as const)("says of a %s join who has no partner when the window is over", async (join, expected) => {
    const harness = await open({ kind: "compare", operator: "<", left: column(2), right: column(4), type: boolean }, { join });
    await harness.feed("0: + 00:00:10 a 1 \n 0: + 00:00:10 b 2 \n 1: + a 7 00:00:10 \n 1: + c 9 00:00:10 \n 1: + b 1 00:00:20");
    const lines = (await harness.feed("wm 00:00:10")).filter((line) => line.startsWith("+"));
    expect(lines.toSorted()).toEqual(linesOf(expected).toSorted());
  });
});
