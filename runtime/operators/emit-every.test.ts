import { describe, expect, it } from "vitest";
import { OperatorHarness } from "../../sql-tests/runner/operator-harness.ts";
import { bigint, type Schema, varchar } from "../contract/types.ts";
import { emitEvery } from "./emit-every.ts";

const rows: Schema = {
  columns: [
    { name: "k", type: bigint },
    { name: "v", type: varchar },
  ],
};

const open = (changelog = true) =>
  OperatorHarness.open({
    definition: emitEvery,
    spec: { op: "emitEvery", every_ms: 1_000, keys: [0], changelog },
    inputs: [rows],
    output: rows,
  });

describe("emitEvery", () => {
  it("hands on what has become of the rows, what is taken back first", async () => {
    const harness = await open();
    expect(await harness.feed("+ 1 a\n+ 2 x")).toEqual([]);
    expect(await harness.feed("- 1 a\n+ 1 b")).toEqual([]);
    expect(await harness.feed("wm max")).toEqual(["+ 2 x", "+ 1 b", "wm max"]);
    await harness.feed("- 1 b\n+ 1 c\n+ 3 y\n- 3 y");
    expect(await harness.feed("tick 900")).toEqual([]);
    expect(await harness.feed("tick 100")).toEqual(["- 1 b", "+ 1 c"]);
    expect(await harness.feed("tick 5000")).toEqual([]);
    await harness.close();
  });

  it("keeps what waits in checkpoints, and nothing else", async () => {
    const harness = await open();
    await harness.feed("+ 1 a\n+ 2 x");
    expect(await harness.feed("barrier 1")).toEqual(["barrier 1", "put waiting 1 a 1", "put waiting 2 x 1"]);
    await harness.feed("- 1 a\n+ 1 b");
    expect(await harness.feed("barrier 2")).toEqual(["barrier 2", "put waiting 1 b 1", "delete waiting 1 a"]);
    const restored = await harness.restore();
    expect(await restored.feed("wm max")).toEqual(["+ 2 x", "+ 1 b", "wm max"]);
    await restored.close();
    await harness.feed("wm max");
    expect(await harness.feed("barrier 3")).toEqual(["barrier 3", "delete waiting 1 b", "delete waiting 2 x"]);
    await harness.close();
  });

  it("hands on rows that only come as often as they came", async () => {
    const harness = await open(false);
    await harness.feed("+ 1 a\n+ 1 a\n+ 2 b");
    expect(await harness.feed("wm max")).toEqual(["+ 1 a", "+ 1 a", "+ 2 b", "wm max"]);
    await harness.close();
  });
});
