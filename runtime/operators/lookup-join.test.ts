import { describe, expect, it } from "vitest";
import { linesOf, OperatorHarness } from "../../sql-tests/runner/operator-harness.ts";
import type { LookupJoinSpec } from "../contract/job-graph.ts";
import { bigint, boolean, type Schema, varchar } from "../contract/types.ts";
import { lookupJoin } from "./lookup-join.ts";

const orders: Schema = {
  columns: [
    { name: "id", type: bigint },
    { name: "code", type: varchar },
  ],
};
const codes: Schema = {
  columns: [
    { name: "key", type: varchar },
    { name: "rank", type: bigint },
  ],
};
const open = (more: Partial<LookupJoinSpec> = {}) =>
  OperatorHarness.open({
    definition: lookupJoin,
    spec: { op: "lookupJoin", join: "inner", leftKeys: [1], rightKeys: [0], nullSafe: [false], residual: null, ...more },
    inputs: [orders, codes],
    output: { columns: [...orders.columns, ...codes.columns] },
    hideState: true,
  });

describe("lookupJoin", () => {
  it("joins a row with what the table holds when it comes, and never again", async () => {
    const harness = await open();
    await harness.feed("1: + a 1 \n 1: + b 2 \n input-idle 1");
    expect(await harness.feed("0: + 1 a \n 0: + 2 c")).toEqual(["+ 1 a a 1"]);
    expect(await harness.feed("1: - a 1 \n 1: + a 5 \n 1: + c 3")).toEqual([]);
    expect(await harness.feed("0: + 3 a \n 0: + 4 c \n 0: + 5 NULL")).toEqual(linesOf("+ 3 a a 5 | + 4 c c 3"));
    expect(await harness.feed("1: - a 5 \n 0: + 6 a")).toEqual([]);
  });

  it("lets rows and their watermark wait until the table's snapshot was read", async () => {
    const harness = await open({ join: "left" });
    expect(await harness.feed("0: + 1 a \n 0: + 2 z \n wm 00:00:05 \n 1: + a 1")).toEqual([]);
    expect(await harness.feed("input-idle 1")).toEqual(linesOf("+ 1 a a 1 | + 2 z NULL NULL | wm 00:00:05"));
    expect(await harness.feed("0: + 3 a \n wm 00:00:06")).toEqual(linesOf("+ 3 a a 1 | wm 00:00:06"));
  });

  it("gives a row as often as the table has it, and pads what fails the condition", async () => {
    const rank = { kind: "column", index: 3, type: bigint } as const;
    const residual = {
      kind: "compare",
      operator: ">",
      left: rank,
      right: { kind: "literal", value: 1n, type: bigint },
      type: boolean,
    } as const;
    const harness = await open({ join: "left", residual });
    await harness.feed("1: +2 a 5 \n 1: + a 1 \n 1: + b 1 \n input-idle 1");
    expect(await harness.feed("0: + 1 a \n 0: + 2 b")).toEqual(linesOf("+ 1 a a 5 | + 1 a a 5 | + 2 b NULL NULL"));
  });

  it("goes on from its state at another parallelism; rows that wait are joined by one subtask", async () => {
    const harness = await open();
    await harness.feed("1: + a 1 \n 0: + 1 a \n 0: + 2 b \n barrier 1 \n 1: + b 2 \n 1: - a 1 \n 1: + a 3 \n barrier 2");
    const lines: string[] = [];
    for (const subtaskIndex of [0, 1, 2]) {
      const restored = await harness.restore({ subtaskIndex, parallelism: 3 });
      lines.push(...(await restored.feed("input-idle 1")));
    }
    expect(lines.toSorted()).toEqual(linesOf("+ 1 a a 3 | + 2 b b 2"));
  });
});
