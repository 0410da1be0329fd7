import { describe, expect, it } from "vitest";
import { OperatorHarness, linesOf } from "../../sql-tests/runner/operator-harness.ts";
import type { ChangeEnvelopeSpec } from "../contract/job-graph.ts";
import { parseType } from "../contract/parse-type.ts";
import { bigint, type Schema, type SqlType, varchar } from "../contract/types.ts";
import { changeEnvelope } from "./change-envelope.ts";

const row: Schema = {
  columns: [
    { name: "k", type: varchar },
    { name: "n", type: bigint },
  ],
};
const struct = (name: string, type: string): Schema["columns"][number] => ({ name, type: parseType(type) as SqlType });
const whole = "STRUCT(k VARCHAR, n BIGINT)";
const outputs = {
  debezium: { columns: [struct("before", whole), struct("after", whole), { name: "op", type: varchar }] },
  upsert: { columns: [struct("key", "STRUCT(k VARCHAR)"), struct("value", whole)] },
} as const;

const open = (spec: Omit<ChangeEnvelopeSpec, "op">, changelog = true): Promise<OperatorHarness<ChangeEnvelopeSpec>> =>
  OperatorHarness.open({
    definition: changeEnvelope,
    spec: { op: "changeEnvelope", ...spec },
    inputs: [row],
    output: outputs[spec.mode],
    changelog,
  });

describe("change envelope", () => {
  it("says before, after and op of each key, netted over a checkpoint", async () => {
    const harness = await open({ mode: "debezium", key: [0] });
    expect(await harness.feed("+ a 1 | - a 1 | + a 2 | + b 1 | + c 1 | - c 1")).toEqual([]);
    const first = await harness.feed("barrier 1");
    expect(first.length).toBe(3);
    expect(first.join("\n")).toMatch(/c$|c\n/);
    const second = await harness.feed("- a 2 | + a 5 | - b 1 | barrier 2");
    expect(second.filter((line) => line.endsWith(" u")).length).toBe(1);
    expect(second.filter((line) => line.endsWith(" d")).length).toBe(1);
    expect(await harness.feed("barrier 3")).toEqual(linesOf("barrier 3"));
  });

  it("has no updates without a key, and as many records as rows", async () => {
    const harness = await open({ mode: "debezium", key: null });
    const lines = await harness.feed("+2 a 1 | + b 1 | barrier 1");
    expect(lines.filter((line) => line.endsWith(" c")).length).toBe(3);
    const next = await harness.feed("- a 1 | + a 2 | end");
    expect(next.filter((line) => line.endsWith(" u")).length).toBe(0);
    expect(next.filter((line) => /^\+ .* [cd]$/.test(line)).length).toBe(2);
  });

  it("upserts by key, with NULL for a deleted one, in the order of an append-only stream", async () => {
    const harness = await open({ mode: "upsert", key: [0] });
    expect((await harness.feed("+ a 1 | + b 2 | barrier 1")).length).toBe(3);
    const lines = await harness.feed("- a 1 | - b 2 | + b 3 | barrier 2");
    expect(lines.filter((line) => line.endsWith("NULL")).length).toBe(1);
    expect(lines.length).toBe(3);
    const appended = await open({ mode: "upsert", key: [0] }, false);
    expect((await appended.feed("+ a 1 | + a 2 | barrier 1")).length).toBe(3);
  });
});
