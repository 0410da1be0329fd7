import { describe, expect, it } from "vitest";
import { linesOf, OperatorHarness, sortRows } from "../../sql-tests/runner/operator-harness.ts";
import type { Expression } from "../contract/expressions.ts";
import type { IntervalJoinSpec } from "../contract/job-graph.ts";
import { hashRows, keyGroupOf, operatorIndexOf } from "../contract/hash.ts";
import { batchOf } from "../contract/rows.ts";
import { bigint, boolean, type Schema, timestamp, varchar } from "../contract/types.ts";
import { intervalJoin } from "./interval-join.ts";

const left: Schema = {
  columns: [
    { name: "ts", type: timestamp },
    { name: "k", type: varchar },
    { name: "v", type: bigint },
  ],
};
const right: Schema = {
  columns: [
    { name: "k", type: varchar },
    { name: "w", type: bigint },
    { name: "rts", type: timestamp },
  ],
};
const second = 1_000_000n;
const column = (index: number): Expression => ({ kind: "column", index, type: bigint });
const open = (join: IntervalJoinSpec["join"], more: Partial<IntervalJoinSpec> = {}) =>
  OperatorHarness.open({
    definition: intervalJoin,
    spec: {
      op: "intervalJoin",
      join,
      leftKeys: [1],
      rightKeys: [0],
      nullSafe: [false],
      leftTime: 0,
      rightTime: 2,
      lower_us: -5n * second,
      upper_us: 2n * second,
      residual: null,
      ...more,
    },
    inputs: [left, right],
    output: { columns: join === "semi" || join === "anti" ? left.columns : [...left.columns, ...right.columns] },
    hideState: true,
  });
/** The subtask of three that has a key. */
function ownerOf(key: string): number {
  const hash = new Int32Array(1);
  hashRows(batchOf({ columns: [{ name: "k", type: varchar }] }, [[key]]), [0], hash);
  return operatorIndexOf(keyGroupOf(hash[0] as number, 128), 3, 128);
}
type Harness = Awaited<ReturnType<typeof open>>;
const rows = async (harness: Harness, script: string): Promise<string[]> =>
  (await harness.feed(script)).filter((line) => /^[+-]/.test(line)).sort();

describe("intervalJoin, inner", () => {
  it("joins rows within the bounds, which are inclusive, whichever comes first", async () => {
    const harness = await open("inner");
    await harness.feed("0: + 00:00:10 a 1");
    expect(await rows(harness, "1: + a 1 00:00:05 \n 1: + a 2 00:00:12 \n 1: + a 3 00:00:04.999999 \n 1: + a 4 00:00:12.000001")).toEqual(
      linesOf("+ 00:00:10 a 1 a 1 00:00:05 | + 00:00:10 a 1 a 2 00:00:12"),
    );
    expect(await rows(harness, "0: + 00:00:17 a 2 \n 0: + 00:00:10 b 3")).toEqual(
      linesOf("+ 00:00:17 a 2 a 2 00:00:12 | + 00:00:17 a 2 a 4 00:00:12.000001"),
    );
  });

  it("holds the watermark back by the wider bound, for both times may be that old", async () => {
    const harness = await open("inner");
    expect(await harness.feed("wm 00:00:10 \n wm 00:00:11 \n wm max")).toEqual(linesOf("wm 00:00:05 | wm 00:00:06 | wm max"));
    const ahead = await open("inner", { lower_us: 1n * second, upper_us: 3n * second });
    expect(await ahead.feed("wm 00:00:10")).toEqual(["wm 00:00:07"]);
  });

  it("joins times before 1970, equal times, and rows of one batch out of order", async () => {
    const harness = await open("inner", { lower_us: 0n, upper_us: 0n });
    await harness.feed(
      "0: + 1969-12-31T23:59:58 a 1 \n 0: + 1969-12-31T20:00:00 a 2 \n 0: + 1969-12-31T23:59:58 a 3 \n 0: + 1960-01-01T00:00:00 a 4",
    );
    expect(await rows(harness, "1: + a 7 1969-12-31T23:59:58 \n 1: + a 8 1960-01-01T00:00:00")).toEqual(
      linesOf(
        "+ 1960-01-01T00:00:00 a 4 a 8 1960-01-01T00:00:00 | + 1969-12-31T23:59:58 a 1 a 7 1969-12-31T23:59:58 | + 1969-12-31T23:59:58 a 3 a 7 1969-12-31T23:59:58",
      ),
    );
  });

  it("compares times exactly where doubles do not", async () => {
    const harness = await open("inner", { lower_us: 0n, upper_us: 1n });
    await harness.rows([[9_000_000_000_000_000_001n, "a", 1n]]);
    const far = (time: bigint) => harness.rows([["a", 1n, time]], null, 1);
    expect(await far(9_000_000_000_000_000_000n)).toEqual([]);
    expect(await far(9_000_000_000_000_000_001n)).toHaveLength(1);
    expect(await far(9_000_000_000_000_000_002n)).toHaveLength(1);
    expect(await far(9_000_000_000_000_000_003n)).toEqual([]);
  });

  it("matches no NULL keys, unless they are said to be equal", async () => {
    const script = "0: + 00:00:01 NULL 1 \n 1: + NULL 2 00:00:01 \n 1: + a 2 00:00:01";
    expect(await rows(await open("inner"), script)).toEqual([]);
    expect(await rows(await open("inner", { nullSafe: [true] }), script)).toEqual(["+ 00:00:01 NULL 1 NULL 2 00:00:01"]);
  });

  it("keeps the pairs that the residual condition holds for, and joins without keys", async () => {
    const residual: Expression = { kind: "compare", operator: ">=", left: column(2), right: column(4), type: boolean };
    const harness = await open("inner", { residual, leftKeys: [], rightKeys: [], nullSafe: [] });
    await harness.feed("0: + 00:00:01 a 1 \n 0: + 00:00:01 b 3");
    expect(await rows(harness, "1: + c 2 00:00:01 \n 1: + c 9 00:00:01")).toEqual(["+ 00:00:01 b 3 c 2 00:00:01"]);
  });

  it("joins a late row with what may still match, and counts those for which nothing is left", async () => {
    const harness = await open("inner");
    await harness.feed("0: + 00:00:10 a 1 \n 1: + a 1 00:00:10 \n wm 00:00:11");
    // Left rows wait until 2 s behind the watermark, right ones until 5 s.
    expect(await rows(harness, "1: + a 2 00:00:09")).toEqual(["+ 00:00:10 a 1 a 2 00:00:09"]);
    expect(await rows(harness, "0: + 00:00:09 a 2")).toEqual(linesOf("+ 00:00:09 a 2 a 1 00:00:10 | + 00:00:09 a 2 a 2 00:00:09"));
    expect(harness.metrics.get("numLateRecordsDropped")).toBe(undefined);
    expect(await rows(harness, "wm 00:00:20 \n 0: + 00:00:12 a 3 \n 1: + a 3 00:00:12")).toEqual([]);
    expect(harness.metrics.get("numLateRecordsDropped")).toBe(2);
  });

  it("does not join a late row with one that is past itself, though it lies in a bucket that is still there", async () => {
    const harness = await open("inner");
    await harness.feed("0: + 00:00:10 a 1 \n 0: + 00:00:10.5 a 2 \n wm 00:00:12");
    expect(await rows(harness, "1: + a 1 00:00:11")).toEqual(["+ 00:00:10.5 a 2 a 1 00:00:11"]);
  });

  it("forgets rows as the watermark moves on", async () => {
    const harness = await open("inner");
    let held = 0;
    for (let minute = 0; minute < 60; minute++) {
      const time = `00:${String(minute).padStart(2, "0")}`;
      await harness.feed(`0: + ${time}:00 a 1 \n 0: + ${time}:30 b 2 \n 1: + a 1 ${time}:01 \n wm ${time}:50 \n barrier ${minute + 1}`);
      held = Math.max(held, harness.state.get("left")?.size ?? 0, harness.state.get("right")?.size ?? 0);
    }
    expect(held).toBeLessThanOrEqual(2);
    await harness.feed("wm max \n barrier 100");
    expect([harness.state.get("left")?.size ?? 0, harness.state.get("right")?.size ?? 0]).toEqual([0, 0]);
  });
});

describe("intervalJoin, outer", () => {
  it("pads a left row when the watermark says that no match can come, and before that watermark goes on", async () => {
    const harness = await open("left");
    await harness.feed("0: + 00:00:10 a 1 \n 0: + 00:00:10 b 2 \n 1: + b 5 00:00:12");
    expect(await harness.feed("wm 00:00:11.999999")).toEqual(["wm 00:00:06.999999"]);
    expect(await harness.feed("wm 00:00:12")).toEqual(linesOf("+ 00:00:10 a 1 NULL NULL NULL | wm 00:00:07"));
    expect(await harness.feed("1: + a 6 00:00:12 \n wm max")).toEqual(["wm max"]);
  });

  it("pads right rows of RIGHT and both of FULL at their own times", async () => {
    const harness = await open("full");
    await harness.feed("0: + 00:00:10 a 1 \n 1: + b 5 00:00:10");
    expect(await rows(harness, "wm 00:00:12")).toEqual(["+ 00:00:10 a 1 NULL NULL NULL"]);
    expect(await rows(harness, "wm 00:00:14.999999")).toEqual([]);
    expect(await rows(harness, "wm 00:00:15")).toEqual(["+ NULL NULL NULL b 5 00:00:10"]);
    const right = await open("right");
    expect(await rows(right, "0: + 00:00:10 a 1 \n 1: + b 5 00:00:10 \n wm max")).toEqual(["+ NULL NULL NULL b 5 00:00:10"]);
  });

  it("pads at once what has a NULL key, or comes too late for any match", async () => {
    const harness = await open("left");
    expect(await rows(harness, "0: + 00:00:10 NULL 1")).toEqual(["+ 00:00:10 NULL 1 NULL NULL NULL"]);
    expect(await rows(harness, "wm 00:00:20 \n 0: + 00:00:12 a 1")).toEqual(["+ 00:00:12 a 1 NULL NULL NULL"]);
    expect(harness.metrics.get("numLateRecordsDropped")).toBe(undefined);
  });

  it("pads what has no pair that meets the residual condition", async () => {
    const residual: Expression = { kind: "compare", operator: ">", left: column(2), right: column(4), type: boolean };
    const harness = await open("full", { residual });
    expect(sortRows(await harness.feed("0: + 00:00:10 a 1 \n 1: + a 5 00:00:10 \n wm max"))).toEqual(
      linesOf("+ 00:00:10 a 1 NULL NULL NULL | + NULL NULL NULL a 5 00:00:10 | wm max"),
    );
  });

  it("does not pad twice after a restore behind the watermark of one subtask", async () => {
    const harness = await open("left");
    await harness.feed("0: + 00:00:10 a 1 \n 0: + 00:00:11 a 2 \n barrier 1 \n wm 00:00:12 \n barrier 2");
    // Another subtask was not as far: all go on from its watermark.
    const behind = new Map(harness.state);
    behind.set("watermark", new Map([["0", [0, 10n * second]]]));
    const restored = await OperatorHarness.open(harness.options, behind);
    expect(await rows(restored, "wm max")).toEqual(["+ 00:00:11 a 2 NULL NULL NULL"]);
  });
});

describe("intervalJoin, semi and anti", () => {
  it("gives a left row of SEMI once, at its first match", async () => {
    const harness = await open("semi");
    await harness.feed("0: + 00:00:10 a 1 \n 0: + 00:00:11 b 2");
    expect(await rows(harness, "1: + a 1 00:00:10 \n 1: + a 2 00:00:10")).toEqual(["+ 00:00:10 a 1"]);
    expect(await rows(harness, "1: + a 3 00:00:11 \n 0: + 00:00:12 a 4")).toEqual(["+ 00:00:12 a 4"]);
    expect(await harness.feed("wm 00:00:20 \n wm max")).toEqual(linesOf("wm 00:00:18 | wm max"));
  });

  it("gives a left row of ANTI when no match can come any more", async () => {
    const harness = await open("anti");
    expect(
      await rows(harness, "0: + 00:00:10 a 1 \n 0: + 00:00:11 b 2 \n 1: + a 1 00:00:10 \n 0: + 00:00:12 a 3 \n 0: + 00:00:12 NULL 4"),
    ).toEqual(["+ 00:00:12 NULL 4"]);
    expect(await harness.feed("wm 00:00:12.999999")).toEqual(["wm 00:00:10.999999"]);
    expect(await harness.feed("wm 00:00:13")).toEqual(linesOf("+ 00:00:11 b 2 | wm 00:00:11"));
    expect(await rows(harness, "wm max")).toEqual([]);
  });
});

describe("the state of intervalJoin", () => {
  it("is stored row by row, and again when a row's fate changes; whole buckets are deleted", async () => {
    const harness = await OperatorHarness.open({ ...(await open("left")).options, hideState: false });
    expect(await harness.feed("0: + 00:00:10 a 1 \n 1: + b 2 00:00:10 \n barrier 1")).toEqual(
      linesOf("barrier 1 | put left 1 0 0 0 00:00:10 a 1 | put right 1 0 0 b 2 00:00:10"),
    );
    expect(await harness.feed("1: + a 3 00:00:10 \n barrier 2")).toEqual(
      linesOf("+ 00:00:10 a 1 a 3 00:00:10 | barrier 2 | put left 1 0 0 1 00:00:10 a 1 | put right 2 0 0 a 3 00:00:10"),
    );
    expect(await harness.feed("wm 00:00:30 \n barrier 3")).toEqual(
      linesOf("wm 00:00:25 | barrier 3 | delete left 1 0 0 | delete right 1 0 0 | delete right 2 0 0 | put watermark 0 00:00:30"),
    );
    expect(await harness.feed("barrier 4")).toEqual(["barrier 4"]);
  });

  it.each(["inner", "left", "right", "full", "semi", "anti"] as const)("of %s goes on at another parallelism", async (join) => {
    const before =
      "0: + 00:00:10 a 1 \n 0: + 00:00:10 b 2 \n 1: + c 3 00:00:10 \n barrier 1 \n 1: + a 4 00:00:11 \n 0: + 00:00:11 d 5 \n wm 00:00:11 \n barrier 2";
    const after = "0: + 00:00:12 c 6 \n 1: + b 7 00:00:12 \n wm max";
    const straight = await open(join);
    const harness = await open(join);
    await straight.feed(before);
    await harness.feed(before);
    const all: string[] = [];
    for (const subtaskIndex of [0, 1, 2]) {
      const restored = await harness.restore({ subtaskIndex, parallelism: 3 });
      const keyed = after.split("\n").filter((line) => line.includes("wm") || ownerOf(/ ([a-z]) /.exec(line)?.[1] ?? "") === subtaskIndex);
      all.push(...(await rows(restored, keyed.join("\n"))));
    }
    expect(all.sort()).toEqual(await rows(straight, after));
    expect(all.length).toBeGreaterThan(0);
  });
});
