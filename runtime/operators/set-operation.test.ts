import { describe, expect, it } from "vitest";
import { OperatorHarness, sortRows } from "../../sql-tests/runner/operator-harness.ts";
import type { SetOperationSpec } from "../contract/job-graph.ts";
import { bigint, type Schema, varchar } from "../contract/types.ts";
import { setOperation } from "./set-operation.ts";

const rows: Schema = {
  columns: [
    { name: "k", type: bigint },
    { name: "v", type: varchar },
  ],
};
const open = (spec: Omit<SetOperationSpec, "op">) =>
  OperatorHarness.open({ definition: setOperation, spec: { op: "setOperation", ...spec }, inputs: [rows, rows], output: rows });

describe("setOperation", () => {
  it("EXCEPT takes a row back when the other side gets it, and gives it again when that side loses it", async () => {
    const harness = await open({ operation: "except", all: false, changelog: true });
    expect(sortRows(await harness.feed("+ 1 a\n+ 1 a\n+ 2 b"))).toEqual(["+ 1 a", "+ 2 b"]);
    expect(await harness.feed("1: + 1 a\n1: + 3 c")).toEqual(["- 1 a"]);
    expect(await harness.feed("1: - 1 a")).toEqual(["+ 1 a"]);
    expect(await harness.feed("-2 1 a")).toEqual(["- 1 a"]);
    await harness.close();
  });

  it("EXCEPT ALL leaves the difference of the multiplicities", async () => {
    const harness = await open({ operation: "except", all: true, changelog: true });
    expect(await harness.feed("+3 1 a")).toEqual(["+3 1 a"]);
    expect(await harness.feed("1: +2 1 a")).toEqual(["-2 1 a"]);
    expect(await harness.feed("1: +2 1 a")).toEqual(["- 1 a"]);
    expect(await harness.feed("+2 1 a")).toEqual(["+ 1 a"]);
    await harness.close();
  });

  it("INTERSECT ALL has the lesser multiplicity", async () => {
    const harness = await open({ operation: "intersect", all: true, changelog: true });
    expect(await harness.feed("+3 1 a\n+ 2 b")).toEqual([]);
    expect(await harness.feed("1: +2 1 a")).toEqual(["+2 1 a"]);
    expect(await harness.feed("-2 1 a")).toEqual(["- 1 a"]);
    await harness.close();
  });

  it("INTERSECT of inputs that only grow sends rows without weights, one by one", async () => {
    const harness = await open({ operation: "intersect", all: true, changelog: false });
    expect(await harness.feed("+ 1 a\n+ 1 a")).toEqual([]);
    expect(await harness.feed("1: + 1 a\n1: + 1 a\n1: + 1 a")).toEqual(["+ 1 a", "+ 1 a"]);
    await harness.close();
  });

  it("treats NULLs as equal, and a row that comes and goes in one batch as nothing", async () => {
    const harness = await open({ operation: "intersect", all: false, changelog: true });
    await harness.feed("+ NULL NULL");
    expect(await harness.feed("1: + NULL NULL\n1: - 5 e\n1: + 5 e")).toEqual(["+ NULL NULL"]);
    await harness.close();
  });

  it("keeps counts of what either side has, goes on after a restore, and forgets what both lost", async () => {
    const harness = await open({ operation: "except", all: false, changelog: true });
    await harness.feed("+ 1 a\n+ 2 b\n1: + 2 b");
    expect(await harness.feed("barrier 1")).toEqual(["barrier 1", "put counts 1 a 1 0", "put counts 2 b 1 1"]);
    const restored = await harness.restore({ parallelism: 1 });
    expect(await restored.feed("1: - 2 b")).toEqual(["+ 2 b"]);
    expect(await restored.feed("- 2 b\n+ 9 z\n- 9 z")).toEqual(["- 2 b"]);
    expect(await restored.feed("barrier 2")).toEqual(["barrier 2", "delete counts 2 b"]);
    await harness.close();
    await restored.close();
  });
});
