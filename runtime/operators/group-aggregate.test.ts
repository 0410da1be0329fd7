import { describe, expect, it } from "vitest";
import { linesOf, OperatorHarness } from "../../sql-tests/runner/operator-harness.ts";
import type { AggregateCall } from "../contract/job-graph.ts";
import { bigint, type Field, hugeint, type Schema, type SqlType, varchar } from "../contract/types.ts";
import { groupAggregate } from "./group-aggregate.ts";

const input: Schema = {
  columns: [
    { name: "k", type: varchar },
    { name: "v", type: bigint },
  ],
};
const call = (name: string, argument: readonly number[], type: SqlType): AggregateCall => ({
  name,
  arguments: argument,
  argumentTypes: argument.map(() => bigint),
  distinct: false,
  filter: null,
  constants: [],
  type,
});
const aggregates = [call("count_star", [], bigint), call("sum", [1], hugeint)];
const open = (keys: readonly number[], changelog = false) =>
  OperatorHarness.open({
    definition: groupAggregate,
    spec: { op: "groupAggregate", keys, aggregates },
    inputs: [input],
    output: {
      columns: [
        ...keys.map((k) => input.columns[k] as (typeof input.columns)[number]),
        { name: "n", type: bigint },
        { name: "s", type: hugeint },
      ],
    },
    changelog,
  });

describe("groupAggregate", () => {
  it("takes back the old result of each group that a batch touches, once per batch", async () => {
    const harness = await open([0]);
    expect(await harness.feed("+ a 5 \n + b 1 \n + a 2")).toEqual(linesOf("+ a 2 7 | + b 1 1"));
    expect(await harness.feed("+ a 1")).toEqual(linesOf("- a 2 7 | + a 3 8"));
  });

  it("ends a group with its last row, and starts it afresh", async () => {
    const harness = await open([0], true);
    await harness.feed("+ a 5");
    expect(await harness.feed("- a 5")).toEqual(linesOf("- a 1 5"));
    expect(await harness.feed("+ a 3")).toEqual(linesOf("+ a 1 3"));
  });

  it("stores changed groups and deletes ended ones", async () => {
    const harness = await open([0], true);
    expect(await harness.feed("+ a 5 \n + b 1 \n barrier 1")).toEqual(
      linesOf("+ a 1 5 | + b 1 1 | barrier 1 | put groups a 1 5 1 1 | put groups b 1 1 1 1"),
    );
    expect(await harness.feed("- a 5 \n + c 1 \n barrier 2")).toEqual(
      linesOf("- a 1 5 | + c 1 1 | barrier 2 | put groups c 1 1 1 1 | delete groups a"),
    );
    expect(await harness.feed("barrier 3")).toEqual(linesOf("barrier 3"));
  });

  it("goes on from its state", async () => {
    const harness = await open([0]);
    await harness.feed("+ a 5 \n + b 1 \n barrier 1");
    const restored = await harness.restore();
    expect(await restored.feed("+ a 1 \n barrier 2")).toEqual(linesOf("- a 1 5 | + a 2 6 | barrier 2 | put groups a 2 6 2 2"));
  });

  it("has one row from the start when there are no keys", async () => {
    const harness = await open([]);
    expect(await harness.feed("+ a 5")).toEqual(linesOf("+ 0 NULL | - 0 NULL | + 1 5"));
    await harness.feed("barrier 1");
    expect(await (await harness.restore()).feed("+ a 1")).toEqual(linesOf("- 1 5 | + 2 6"));
  });
});

describe("a time to live", () => {
  const timed = (changelog = false) =>
    OperatorHarness.open({
      definition: groupAggregate,
      spec: { op: "groupAggregate", keys: [0], aggregates, ttl_ms: 10_000 },
      inputs: [input],
      output: { columns: [input.columns[0] as Field, { name: "n", type: bigint }, { name: "s", type: hugeint }] },
      changelog,
    });

  it("forgets groups that nothing has touched, and takes nothing back", async () => {
    const harness = await timed();
    await harness.feed("tick 1 | + a 1 | + b 1 | barrier 1");
    expect(await harness.feed("tick 9000 | + b 2")).toEqual(linesOf("- b 1 1 | + b 2 3"));
    expect(await harness.feed("tick 1000 | + a 5 | + b 1")).toEqual(linesOf("- b 2 3 | + a 1 5 | + b 3 4"));
  });

  it("gives up their state by and by", async () => {
    const harness = await timed();
    await harness.feed("tick 1 | + a 1 | + b 1 | barrier 1");
    expect(await harness.feed("tick 5000 | + b 1 | tick 5000 | tick 1000 | barrier 2")).toEqual(
      linesOf("- b 1 1 | + b 2 2 | barrier 2 | put groups b 2 2 2 2 | delete groups a"),
    );
  });

  it("ignores rows taken back of a group that is forgotten", async () => {
    const harness = await timed(true);
    await harness.feed("tick 1 | + a 1 | + a 2");
    expect(await harness.feed("tick 10000 | - a 1 | -- | + a 7")).toEqual(linesOf("+ a 1 7"));
  });

  it("begins anew after a restore", async () => {
    const harness = await timed();
    await harness.feed("tick 1 | + a 1 | tick 9000 | barrier 1");
    const restored = await harness.restore();
    expect(await restored.feed("tick 1 | tick 9000 | + a 1")).toEqual(linesOf("- a 1 1 | + a 2 2"));
  });
});
