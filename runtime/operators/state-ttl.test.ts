import { describe, expect, it } from "vitest";
import { linesOf, OperatorHarness, sortRows } from "../../sql-tests/runner/operator-harness.ts";
import type { EventTimeOverSpec, JoinKind, JoinSpec, OperatorSpec, OverSpec, RankSpec, SetOperationSpec } from "../contract/job-graph.ts";
import type { OperatorDefinition } from "../contract/operator.ts";
import type { SortKey } from "../contract/ordering.ts";
import type { AsofJoinSpec } from "../contract/time-joins.ts";
import { bigint, boolean, type Schema, timestamp, varchar } from "../contract/types.ts";
import { asofJoin } from "./asof-join.ts";
import { eventTimeOver } from "./event-time-over.ts";
import { join } from "./join.ts";
import { over } from "./over.ts";
import { rank } from "./rank.ts";
import { setOperation } from "./set-operation.ts";

const ttl_ms = 10_000;
const rows: Schema = {
  columns: [
    { name: "k", type: varchar },
    { name: "v", type: bigint },
  ],
};
const timed: Schema = { columns: [...rows.columns, { name: "ts", type: timestamp }] };
const byValue: readonly SortKey[] = [{ column: 1, descending: true, nullsFirst: false }];
const numbered: Schema = { columns: [...rows.columns, { name: "n", type: bigint }] };

const open = <S extends OperatorSpec>(definition: OperatorDefinition<S>, spec: S, inputs: readonly Schema[], output: Schema) =>
  OperatorHarness.open({ definition, spec, inputs, output, changelog: true, hideState: true });

const openJoin = (kind: JoinKind, changes: Partial<JoinSpec> = {}) => {
  const spec: JoinSpec = {
    op: "join",
    kind,
    leftKeys: [0],
    rightKeys: [0],
    nullsMatch: [false],
    residual: null,
    leftChangelog: true,
    rightChangelog: true,
    ttl_ms: [ttl_ms, ttl_ms],
    ...changes,
  };
  const isLeft = kind === "semi" || kind === "anti" || kind === "mark";
  const more = kind === "mark" ? [{ name: "mark", type: boolean }] : isLeft ? [] : rows.columns;
  return open(join, spec, [rows, rows], { columns: [...rows.columns, ...more] });
};

const openRank = (changes: Partial<RankSpec> = {}) => {
  const spec: RankSpec = {
    op: "rank",
    function: "rowNumber",
    partition: [0],
    order: byValue,
    from: 1,
    to: 1,
    withRank: true,
    changelog: true,
    ttl_ms,
    ...changes,
  };
  return open(rank, spec, [rows], numbered);
};

const openOver = () => {
  const spec: OverSpec = { op: "over", partition: [0], order: byValue, calls: [{ kind: "rowNumber", type: bigint }], ttl_ms };
  return open(over, spec, [rows], numbered);
};

const openSet = (operation: SetOperationSpec["operation"]) =>
  open(setOperation, { op: "setOperation", operation, all: false, changelog: true, ttl_ms }, [rows, rows], rows);

const openFirst = () => {
  const order: readonly SortKey[] = [{ column: 2, descending: false, nullsFirst: false }];
  const calls: EventTimeOverSpec["calls"] = [{ kind: "rowNumber", type: bigint }];
  const spec: EventTimeOverSpec = { op: "eventTimeOver", partition: [0], order, timeColumn: 2, calls, ttl_ms };
  const output: Schema = { columns: [...timed.columns, { name: "n", type: bigint }] };
  return OperatorHarness.open({ definition: eventTimeOver, spec, inputs: [timed], output, hideState: true });
};

const sizeOf = (harness: { readonly state: ReadonlyMap<string, { readonly size: number }> }): number =>
  [...harness.state].reduce((sum, [name, table]) => sum + (name === "watermark" ? 0 : table.size), 0);

describe("state_ttl of joins", () => {
  it("lets rows go so long after they were last written, and the results stay", async () => {
    const harness = await openJoin("left");
    expect(sortRows(await harness.feed("tick 10 | + a 1 | 1: + a 7 | + b 2 | barrier 1"))).toEqual(
      linesOf("+ a 1 NULL NULL | - a 1 NULL NULL | + a 1 a 7 | + b 2 NULL NULL | barrier 1").toSorted((x, y) => (x < y ? -1 : 1)),
    );
    expect(sizeOf(harness)).toBe(3);
    expect(await harness.feed("tick 9000 | + b 2 | tick 1000 | barrier 2")).toEqual(linesOf("+ b 2 NULL NULL | barrier 2"));
    expect(sizeOf(harness)).toBe(1);
    expect(await harness.feed("tick 9000 | barrier 3")).toEqual(["barrier 3"]);
    expect(sizeOf(harness)).toBe(0);
  });

  it("ignores and counts rows that are taken back after they were forgotten", async () => {
    const harness = await openJoin("left");
    await harness.feed("tick 10 | + a 1 | 1: + a 7 | tick 10000");
    expect(await harness.feed("- a 1 | 1: - a 7")).toEqual([]);
    expect(harness.metrics.get("numForgottenRetractions")).toBe(2);
    expect(await harness.feed("+ a 1")).toEqual(linesOf("+ a 1 NULL NULL"));
  });

  const kinds: readonly (readonly [JoinKind, readonly string[]])[] = [
    ["left", ["+ a 1 a 8"]],
    ["full", ["+ a 1 a 8"]],
    ["semi", []],
    ["anti", []],
    ["mark", []],
  ];
  it.each(kinds)("remembers that a row of a %s join had a match that is forgotten, after a restore too", async (kind, later) => {
    const harness = await openJoin(kind, { ttl_ms: [null, ttl_ms] });
    await harness.feed("tick 10 | 1: + a 7 | 1: + c 1 | + a 1 | barrier 1 | tick 10000 | barrier 2");
    expect(harness.state.get("left")?.size).toBe(1);
    for (const running of [harness, await harness.restore(), await harness.restore({ parallelism: 1 })]) {
      expect(await running.feed("1: + a 8")).toEqual(later);
    }
  });

  it("has the same marks after the values that decide them were forgotten", async () => {
    const harness = await openJoin("mark", { ttl_ms: [null, ttl_ms] });
    expect(await harness.feed("tick 10 | 1: + NULL 1 | 1: + a 1 | + b 2 | + NULL 3 | + a 4")).toEqual(
      linesOf("+ b 2 NULL | + NULL 3 NULL | + a 4 true"),
    );
    await harness.feed("tick 10000 | barrier 1");
    expect(harness.state.get("right")?.size).toBe(1);
    expect(await (await harness.restore()).feed("+ c 5 | 1: + b 1")).toEqual(linesOf("+ c 5 NULL | - b 2 NULL | + b 2 true"));
  });

  it("takes a later row of a key that needs one only as a touch of the one it has", async () => {
    const harness = await openJoin("semi", { leftChangelog: false, rightChangelog: false });
    await harness.feed("tick 10 | 1: + a 1 | tick 9000 | 1: + a 2 | tick 9000");
    expect(await harness.feed("+ a 5")).toEqual(["+ a 5"]);
  });
});

describe("state_ttl of ranks and window functions", () => {
  it("forgets a partition as a whole, so that ranks in the result stay true", async () => {
    const harness = await openRank({ to: 2 });
    await harness.feed("tick 10 | + a 5 | tick 5000 | + a 7 | + b 1 | barrier 1");
    expect(sizeOf(harness)).toBe(3);
    expect(await harness.feed("tick 5000 | + b 2 | tick 5000 | barrier 2")).toEqual(linesOf("- b 1 1 | + b 2 1 | + b 1 2 | barrier 2"));
    expect(sizeOf(harness)).toBe(2);
    expect(await harness.feed("- a 7 | + a 1")).toEqual(["+ a 1 1"]);
    expect(harness.metrics.get("numForgottenRetractions")).toBe(1);
  });

  it("begins the time of all partitions anew after a restore", async () => {
    const harness = await openRank();
    await harness.feed("tick 10 | + a 5 | tick 9000 | barrier 1");
    const restored = await harness.restore();
    expect(await restored.feed("tick 9000 | + a 7")).toEqual(linesOf("- a 5 1 | + a 7 1"));
    await restored.feed("tick 10000 | barrier 2");
    expect(sizeOf(restored)).toBe(0);
  });

  it("keeps partitions of more rows than are sorted at once apart from what is forgotten", async () => {
    const harness = await openOver();
    const many = Array.from({ length: 200 }, (_, i) => `+ a ${1_000 + i}`).join(" \n ");
    await harness.feed(`tick 10 | ${many} | tick 10000 | barrier 1`);
    expect(sizeOf(harness)).toBe(0);
    expect(await harness.feed("+ a 5 \n + a 6")).toEqual(linesOf("+ a 6 1 | + a 5 2"));
  });

  it("gives the first row of a key again when the key was forgotten", async () => {
    const harness = await openFirst();
    expect(await harness.feed("tick 10 | + a 1 00:00:01 | wm 00:00:02 | barrier 1")).toEqual(
      linesOf("+ a 1 00:00:01 1 | wm 00:00:02 | barrier 1"),
    );
    expect(sizeOf(harness)).toBe(1);
    await harness.feed("tick 10000 | barrier 2");
    expect(sizeOf(harness)).toBe(0);
    expect(await harness.feed("+ a 2 00:00:03 | wm 00:00:04 | + a 3 00:00:05 | wm 00:00:06")).toEqual(
      linesOf("+ a 2 00:00:03 1 | wm 00:00:04 | + a 3 00:00:05 2 | wm 00:00:06"),
    );
  });

  it("keeps a key that was forgotten and came back before the checkpoint", async () => {
    const harness = await openFirst();
    await harness.feed("tick 10 | + a 1 00:00:01 | wm 00:00:02 | barrier 1 | tick 10000 | + a 2 00:00:03 | wm 00:00:04 | barrier 2");
    expect(sizeOf(harness)).toBe(1);
    expect(await (await harness.restore()).feed("+ a 3 00:00:05 | wm 00:00:06")).toEqual(linesOf("+ a 3 00:00:05 2 | wm 00:00:06"));
  });
});

describe("state_ttl of set operations and versions", () => {
  it("forgets distinct rows that came from neither side, and leaves them in the result", async () => {
    const harness = await openSet("except");
    expect(await harness.feed("tick 10 | + a 1 | tick 5000 | + b 1 | barrier 1")).toEqual(linesOf("+ a 1 | + b 1 | barrier 1"));
    expect(sizeOf(harness)).toBe(2);
    expect(await harness.feed("tick 5000 | barrier 2 | 1: + a 1 | - b 1")).toEqual(linesOf("barrier 2 | - b 1"));
    expect(sizeOf(harness)).toBe(1);
    await harness.feed("tick 10000 | barrier 3");
    expect(sizeOf(harness)).toBe(0);
    expect(await harness.feed("1: - a 1")).toEqual([]);
    expect(harness.metrics.get("numForgottenRetractions")).toBe(1);
    await harness.close();
  });

  it("forgets versions of keys that had no new one", async () => {
    const spec: AsofJoinSpec = {
      op: "asofJoin",
      join: "left",
      leftKeys: [0],
      rightKeys: [0],
      nullSafe: [false],
      leftTime: 2,
      rightTime: 2,
      strict: false,
      residual: null,
      ttl_ms,
    };
    const output: Schema = { columns: [...timed.columns, ...timed.columns] };
    const harness = await OperatorHarness.open({ definition: asofJoin, spec, inputs: [timed, timed], output, hideState: true });
    await harness.feed(
      "tick 10 | 1: + a 1 00:00:01 | 1: + b 1 00:00:01 | wm 00:00:02 | tick 9000 | 1: + b 2 00:00:03 | tick 1000 | barrier 1",
    );
    expect(sizeOf(harness)).toBe(2);
    expect(await harness.feed("+ a 5 00:00:04 | + b 5 00:00:04 | wm 00:00:05")).toEqual(
      linesOf("+ b 5 00:00:04 b 2 00:00:03 | + a 5 00:00:04 NULL NULL NULL | wm 00:00:05"),
    );
  });
});
