import { describe, expect, it } from "vitest";
import { linesOf, OperatorHarness } from "../../sql-tests/runner/operator-harness.ts";
import type { AsofJoinSpec } from "../contract/job-graph.ts";
import { bigint, boolean, type Schema, timestamp, varchar } from "../contract/types.ts";
import { asofJoin } from "./asof-join.ts";

const orders: Schema = {
  columns: [
    { name: "ts", type: timestamp },
    { name: "cur", type: varchar },
    { name: "amount", type: bigint },
  ],
};
const rates: Schema = {
  columns: [
    { name: "cur", type: varchar },
    { name: "rate", type: bigint },
    { name: "since", type: timestamp },
  ],
};
const open = (more: Partial<AsofJoinSpec> = {}) =>
  OperatorHarness.open({
    definition: asofJoin,
    spec: {
      op: "asofJoin",
      join: "inner",
      leftKeys: [1],
      rightKeys: [0],
      nullSafe: [false],
      leftTime: 0,
      rightTime: 2,
      strict: false,
      residual: null,
      ...more,
    },
    inputs: [orders, rates],
    output: { columns: [...orders.columns, ...rates.columns] },
    hideState: true,
  });

describe("asofJoin", () => {
  it("waits for the watermark, then joins with the version of that time, whatever came first", async () => {
    const harness = await open();
    expect(await harness.feed("0: + 00:00:10 eur 5 \n 1: + eur 100 00:00:01 \n 1: + eur 120 00:00:12 \n 1: + eur 110 00:00:08")).toEqual(
      [],
    );
    expect(await harness.feed("wm 00:00:09.999999")).toEqual(["wm 00:00:09.999999"]);
    expect(await harness.feed("1: + eur 115 00:00:10 \n wm 00:00:10")).toEqual(linesOf("+ 00:00:10 eur 5 eur 115 00:00:10 | wm 00:00:10"));
    expect(await harness.feed("0: + 00:00:13 eur 1 \n 0: + 00:00:11 eur 2 \n wm max")).toEqual(
      linesOf("+ 00:00:11 eur 2 eur 115 00:00:10 | + 00:00:13 eur 1 eur 120 00:00:12 | wm max"),
    );
  });

  it("takes versions before the row only, when strict", async () => {
    const harness = await open({ strict: true });
    expect(
      await harness.feed("1: + eur 1 00:00:01 \n 1: + eur 2 00:00:02 \n 0: + 00:00:02 eur 5 \n 0: + 00:00:01 eur 6 \n wm max"),
    ).toEqual(linesOf("+ 00:00:02 eur 5 eur 1 00:00:01 | wm max"));
  });

  it("pads with NULL what has no version, has a NULL key, or fails the condition on its version", async () => {
    const rate = { kind: "column", index: 4, type: bigint } as const;
    const residual = {
      kind: "compare",
      operator: ">",
      left: rate,
      right: { kind: "literal", value: 5n, type: bigint },
      type: boolean,
    } as const;
    const harness = await open({ join: "left", residual });
    await harness.feed("1: + eur 9 00:00:01 \n 1: + eur 3 00:00:02 \n 1: + NULL 9 00:00:01");
    const script =
      "0: + 00:00:01 eur 1 \n 0: + 00:00:02 eur 2 \n 0: + 00:00:03 usd 3 \n 0: + 00:00:03 NULL 4 \n 0: + 1969-12-31T00:00:00 eur 5 \n wm max";
    expect((await harness.feed(script)).toSorted()).toEqual(
      linesOf(
        "+ 00:00:01 eur 1 eur 9 00:00:01 | + 00:00:02 eur 2 NULL NULL NULL | + 00:00:03 NULL 4 NULL NULL NULL | + 00:00:03 usd 3 NULL NULL NULL | + 1969-12-31T00:00:00 eur 5 NULL NULL NULL | wm max",
      ),
    );
  });

  it("lets a version of the same time replace the one before, in one batch and later", async () => {
    const harness = await open();
    await harness.feed("1: + eur 1 00:00:01 \n 1: + eur 2 00:00:01 \n wm 00:00:02 \n 1: + eur 3 00:00:01");
    expect(await harness.feed("0: + 00:00:05 eur 1 \n wm max")).toEqual(linesOf("+ 00:00:05 eur 1 eur 3 00:00:01 | wm max"));
  });

  it("keeps one version up to the watermark per key, and no row that was answered", async () => {
    const harness = await open();
    for (let second = 10; second < 50; second++) {
      const time = `00:00:${second}`;
      await harness.feed(
        `1: + eur ${second} ${time} \n 1: + usd ${second} ${time} \n 0: + ${time} eur 1 \n wm ${time} \n barrier ${second}`,
      );
      expect([harness.state.get("left")?.size ?? 0, harness.state.get("versions")?.size]).toEqual([0, 2]);
    }
  });

  it("answers a late row while the answer is known, and counts it otherwise; counts versions that nobody can ask for", async () => {
    const harness = await open();
    await harness.feed("1: + eur 1 00:00:01 \n 1: + eur 2 00:00:05 \n wm 00:00:10");
    expect(await harness.feed("0: + 00:00:07 eur 1")).toEqual(["+ 00:00:07 eur 1 eur 2 00:00:05"]);
    expect(await harness.feed("0: + 00:00:03 eur 1")).toEqual([]);
    expect(harness.metrics.get("numLateRecordsDropped")).toBe(1);
    await harness.feed("1: + eur 9 00:00:04");
    expect(harness.metrics.get("numLateRecordsDropped")).toBe(2);
    // Late, but the newest that there is.
    expect(await harness.feed("1: + eur 3 00:00:06 \n 0: + 00:00:11 eur 1 \n wm max")).toEqual(
      linesOf("+ 00:00:11 eur 1 eur 3 00:00:06 | wm max"),
    );
  });

  it("treats late rows alike with and without a restore before them", async () => {
    const before = "1: + eur 1 00:00:01 \n wm 00:00:10 \n 1: + eur 3 00:00:06 \n 1: + usd 7 00:00:06 \n barrier 1";
    const late = "1: + eur 2 00:00:04 \n 1: + usd 6 00:00:04 \n 0: + 00:00:03 eur 1 \n 0: + 00:00:05 eur 2 \n 0: + 00:00:05 usd 3";
    const straight = await open({ join: "left" });
    await straight.feed(before);
    const broken = await open({ join: "left" });
    await broken.feed(before);
    const restored = await broken.restore();
    for (const harness of [straight, restored]) {
      expect(await harness.feed(late)).toEqual([]);
      expect(harness.metrics.get("numLateRecordsDropped")).toBe(5);
      expect(await harness.feed("0: + 00:00:07 eur 4 \n 0: + 00:00:07 usd 5")).toEqual([
        "+ 00:00:07 eur 4 eur 3 00:00:06",
        "+ 00:00:07 usd 5 usd 7 00:00:06",
      ]);
    }
  });

  it("goes on from its state at another parallelism", async () => {
    const harness = await open({ join: "left" });
    await harness.feed(
      "1: + eur 1 00:00:01 \n 1: + eur 2 00:00:05 \n 1: + usd 3 00:00:20 \n 0: + 00:00:12 eur 1 \n wm 00:00:10 \n barrier 1",
    );
    await harness.feed("0: + 00:00:21 usd 2 \n 1: + eur 4 00:00:11 \n 0: + 00:00:10.5 eur 3 \n 0: + 00:00:15 gbp 4 \n barrier 2");
    const lines: string[] = [];
    for (const subtaskIndex of [0, 1, 2]) {
      const restored = await harness.restore({ subtaskIndex, parallelism: 3 });
      lines.push(...(await restored.feed("wm max")));
    }
    expect(lines.filter((line) => line.startsWith("+")).toSorted()).toEqual(
      linesOf(
        "+ 00:00:10.5 eur 3 eur 2 00:00:05 | + 00:00:12 eur 1 eur 4 00:00:11 | + 00:00:15 gbp 4 NULL NULL NULL | + 00:00:21 usd 2 usd 3 00:00:20",
      ),
    );
  });
});
