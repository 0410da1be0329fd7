import { describe, expect, it } from "vitest";
import type { Batch } from "../contract/batch.ts";
import type { ValuesSpec } from "../contract/job-graph.ts";
import type { OperatorContext, SourceOperator } from "../contract/operator.ts";
import { rowsOf } from "../contract/rows.ts";
import { bigint, type Schema } from "../contract/types.ts";
import type { Value } from "../contract/value.ts";
import { values } from "./values.ts";

const output: Schema = { columns: [{ name: "n", type: bigint }] };

function open(content: ValuesSpec["content"], subtaskIndex = 0) {
  const rows: Value[] = [];
  const context = { subtaskIndex, output, metrics: { add: () => undefined } } as unknown as OperatorContext;
  const out = {
    batch: (batch: Batch) => void rows.push(...rowsOf(output, batch).map((row) => row[0] as Value)),
    watermark: () => undefined,
    idle: () => undefined,
  };
  const operator = values.create({ op: "values", content }, context, out) as SourceOperator;
  return { operator, rows };
}

const drain = ({ operator }: ReturnType<typeof open>): void => {
  while (operator.poll() === "more");
};

describe("values", () => {
  it("emits literal rows once, by one subtask", () => {
    const content = { kind: "rows", rows: [[3n], [null]] } as const;
    const first = open(content);
    drain(first);
    expect(first.rows).toEqual([3n, null]);
    const second = open(content, 1);
    expect(second.operator.poll()).toBe("end");
  });

  it("counts a series up and down", () => {
    const up = open({ kind: "series", start: 5n, step: -2n, count: 3 });
    drain(up);
    expect(up.rows).toEqual([5n, 3n, 1n]);
  });

  it("goes on behind the rows of the last checkpoint", () => {
    const content = { kind: "series", start: 0n, step: 1n, count: 5_000 } as const;
    const before = open(content);
    expect(before.operator.poll()).toBe("more");
    const [delta] = before.operator.snapshot?.(1).deltas ?? [];
    const after = open(content);
    after.operator.restore?.("position", delta?.puts as Batch);
    drain(after);
    expect([before.rows.length + after.rows.length, after.rows[0], after.rows.at(-1)]).toEqual([5_000, BigInt(before.rows.length), 4_999n]);
    expect(before.operator.snapshot?.(2).deltas).toEqual([]);
  });
});
