import { describe, expect, it } from "vitest";
import { OperatorHarness } from "../../sql-tests/runner/operator-harness.ts";
import type { AggregateCall, GroupAggregateSpec } from "../contract/job-graph.ts";
import { bigint, double, type Field, type Schema, varchar } from "../contract/types.ts";
import { groupAggregate } from "./group-aggregate.ts";

const input: Schema = {
  columns: [
    { name: "k", type: bigint },
    { name: "v", type: varchar },
    { name: "n", type: bigint },
    { name: "f", type: double },
  ],
};

const plain = { distinct: false, filter: null, constants: [] } as const;
const ordered: AggregateCall = {
  ...plain,
  name: "string_agg",
  arguments: [1, 2],
  argumentTypes: [varchar, bigint],
  type: varchar,
  collect: { orders: [{ descending: true, nullsFirst: true }] },
};
const median: AggregateCall = {
  ...plain,
  name: "median",
  arguments: [2],
  argumentTypes: [bigint],
  constants: [{ kind: "literal", value: 0.5, type: double }],
  type: double,
  collect: { orders: [] },
};
const distinct: AggregateCall = { ...plain, name: "count", arguments: [1], argumentTypes: [varchar], type: bigint, distinct: true };
const sum: AggregateCall = { ...plain, name: "exact_sum", arguments: [3], argumentTypes: [double], type: double };

function open(aggregates: readonly AggregateCall[], hideState = false) {
  const spec: GroupAggregateSpec = { op: "groupAggregate", keys: [0], aggregates };
  const results = aggregates.map((call, i): Field => ({ name: `${call.name}_${i}`, type: call.type }));
  const output: Schema = { columns: [{ name: "k", type: bigint }, ...results] };
  return OperatorHarness.open({ definition: groupAggregate, spec, inputs: [input], output, hideState });
}

describe("groupAggregate with calls that keep their rows", () => {
  it("orders the rows of a group, and takes rows back", async () => {
    const harness = await open([ordered, median]);
    expect(await harness.feed("+ 1 a 3 0\n+ 1 b 7 0\n+ 1 a 5 0")).toEqual(["+ 1 b,a,a 5"]);
    expect(await harness.feed("- 1 b 7 0\n+ 1 c 4 0")).toEqual(["- 1 b,a,a 5", "+ 1 a,c,a 4"]);
    expect(await harness.feed("- 1 a 3 0\n- 1 a 5 0\n- 1 c 4 0")).toEqual(["- 1 a,c,a 4"]);
    await harness.close();
  });

  it("takes a row back before another like it comes, in one batch", async () => {
    const harness = await open([median]);
    await harness.feed("+ 1 a 3 0");
    expect(await harness.feed("- 1 a 3 0\n+ 1 a 9 0\n+2 1 a 9 0\n- 1 a 9 0")).toEqual(["- 1 3", "+ 1 9"]);
    await harness.close();
  });

  it("keeps the rows in checkpoints: after a restore the old result is taken back as it was", async () => {
    const harness = await open([ordered, sum], true);
    await harness.feed("+ 1 a 3 0.1\n+ 1 b 3 1e100\n+ 2 z 1 0.5\nbarrier 1");
    await harness.feed("- 1 b 3 1e100\nbarrier 2");
    for (const subtaskIndex of [0, 1]) {
      const restored = await harness.restore({ subtaskIndex, parallelism: 2 });
      const lines = await restored.feed("+ 1 c 4 0.2");
      const known = harness.state.get("groups")?.size === 2 && lines.length === 2;
      expect(lines).toEqual(known ? ["- 1 a 0.1", "+ 1 c,a 0.30000000000000004"] : ["+ 1 c 0.2"]);
      await restored.close();
    }
    await harness.close();
  });

  it("writes the values that changed, and no others of their group", async () => {
    const harness = await open([median, distinct]);
    await harness.feed("+ 1 a 3 0\n+ 1 b 7 0\n+2 1 c 5 0\nbarrier 1");
    await harness.feed("+ 1 a 9 0\n- 1 c 5 0");
    expect(await harness.feed("barrier 2")).toEqual([
      "barrier 2",
      "put groups 1 4",
      "put values_median_all_0 1 5 1",
      "put values_median_all_0 1 9 1",
      "put values_count_distinct_1 1 a 2",
      "put values_count_distinct_1 1 c 1",
    ]);
    // One goes for good, one comes back, one comes and goes between two checkpoints.
    await harness.feed("- 1 b 7 0\n- 1 c 5 0\n+ 1 z 8 0\n- 1 z 8 0\n+ 1 c 5 0");
    expect(await harness.feed("barrier 3")).toEqual([
      "barrier 3",
      "put groups 1 3",
      "put values_median_all_0 1 5 1",
      "delete values_median_all_0 1 7",
      "put values_count_distinct_1 1 c 1",
      "delete values_count_distinct_1 1 b",
    ]);
    expect(await harness.feed("barrier 4")).toEqual(["barrier 4"]);
    const restored = await harness.restore();
    expect(await restored.feed("- 1 c 5 0")).toEqual(["- 1 5 2", "+ 1 6 1"]);
    await restored.close();
    await harness.close();
  });

  it("gives up what a group held", async () => {
    const harness = await open([median, sum]);
    await harness.feed("+ 1 a 3 0.5\nbarrier 1");
    await harness.feed("- 1 a 3 0.5");
    expect(await harness.feed("barrier 2")).toEqual(["barrier 2", "delete groups 1", "delete values_median_all_0 1 3"]);
    expect(await harness.feed("+ 1 a 8 0.25")).toEqual(["+ 1 8 0.25"]);
    await harness.close();
  });

  it("does not count what was taken back before it came, until it comes", async () => {
    const harness = await open([median, distinct]);
    expect(await harness.feed("- 1 a 3 0\n+ 1 b 5 0\n+ 1 c 7 0\nbarrier 1")).toEqual([
      "+ 1 6 2",
      "barrier 1",
      "put groups 1 1",
      "put values_median_all_0 1 3 -1",
      "put values_median_all_0 1 5 1",
      "put values_median_all_0 1 7 1",
      "put values_count_distinct_1 1 a -1",
      "put values_count_distinct_1 1 b 1",
      "put values_count_distinct_1 1 c 1",
    ]);
    const restored = await harness.restore();
    for (const run of [harness, restored]) {
      expect(await run.feed("+ 1 a 3 0\n+ 1 a 1 0")).toEqual(["- 1 6 2", "+ 1 5 3"]);
      await run.close();
    }
  });

  it("gives up with a group what was taken back before it came: another group may get its address", async () => {
    const harness = await open([median, distinct]);
    await harness.feed("- 1 x 3 0\n+ 1 y 5 0\n+ 1 z 7 0\nbarrier 1");
    await harness.feed("- 1 z 7 0");
    expect(await harness.feed("barrier 2")).toEqual([
      "barrier 2",
      "delete groups 1",
      "delete values_median_all_0 1 3",
      "delete values_median_all_0 1 5",
      "delete values_median_all_0 1 7",
      "delete values_count_distinct_1 1 x",
      "delete values_count_distinct_1 1 y",
      "delete values_count_distinct_1 1 z",
    ]);
    expect(await harness.feed("+ 2 x 3 0")).toEqual(["+ 2 3 1"]);
    await harness.close();
  });

  it("has state of another version where calls keep values: groups of before had them among their columns", () => {
    const versions = (aggregates: readonly AggregateCall[]) =>
      groupAggregate
        .stateTables({ op: "groupAggregate", keys: [0], aggregates }, [input], input)
        .map(({ name, version }) => [name, version]);
    expect(versions([sum])).toEqual([["groups", 1]]);
    expect(versions([sum, distinct])).toEqual([
      ["groups", 2],
      ["values_count_distinct_1", 1],
    ]);
  });
});
