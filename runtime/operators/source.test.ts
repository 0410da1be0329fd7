import { describe, expect, it } from "vitest";
import type { Batch } from "../contract/batch.ts";
import { badRowSchema, type BadRowPolicy, type SourceSpec } from "../contract/job-graph.ts";
import type { OperatorContext, Output, PollResult, SourceOperator } from "../contract/operator.ts";
import { rowsOf } from "../contract/rows.ts";
import { bigint, type Schema } from "../contract/types.ts";
import type { Value } from "../contract/value.ts";
import { contextOf } from "../../sql-tests/runner/read-source.ts";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { source } from "./source.ts";

const schema: Schema = { columns: [{ name: "a", type: bigint }] };
const splits: Schema = { columns: source.stateTables({} as SourceSpec, [], schema)[0]?.columns ?? [] };

interface Opened {
  readonly operator: SourceOperator;
  readonly rows: Value[][];
  readonly bad: Value[][];
  readonly metrics: Map<string, number>;
}

function make(options: Record<string, string>, connector: string, badRows: BadRowPolicy): Opened {
  const rows: Value[][] = [];
  const bad: Value[][] = [];
  const metrics = new Map<string, number>();
  const into = (target: Value[][], of: Schema): Output => ({
    batch: (batch: Batch) => void target.push(...rowsOf(of, batch)),
    watermark: () => undefined,
    idle: () => undefined,
  });
  const context: OperatorContext = {
    ...contextOf({}, schema),
    metrics: { add: (name, count) => void metrics.set(name, (metrics.get(name) ?? 0) + count) },
    sideOutput: (tag) => (tag === "bad" ? into(bad, badRowSchema) : null),
  };
  const spec: SourceSpec = { op: "source", connector, source: "s", options, schema, declared: schema, badRows, changelog: false };
  return { operator: source.create(spec, context, into(rows, schema)) as SourceOperator, rows, bad, metrics };
}

async function drain({ operator }: Opened): Promise<PollResult> {
  let result = await operator.poll();
  while (result === "more") result = await operator.poll();
  return result;
}

describe("a source", () => {
  const options = { rows: "5000", "fields.a.kind": "sequence" };

  it("snapshots the positions that changed, and goes on behind exactly the rows emitted", async () => {
    const first = make(options, "datagen", "fail");
    await first.operator.open?.();
    await first.operator.poll();
    await first.operator.poll();
    const delta = first.operator.snapshot?.(1).deltas[0];
    expect(rowsOf(splits, delta?.puts as Batch)).toContainEqual(["1", "66560"]);
    expect(first.operator.snapshot?.(2).deltas).toEqual([]);
    const second = make(options, "datagen", "fail");
    second.operator.restore?.("splits", delta?.puts as Batch);
    await second.operator.open?.();
    expect(await drain(second)).toBe("end");
    expect([...first.rows, ...second.rows].map(([a]) => Number(a))).toEqual(Array.from({ length: 5_000 }, (_, i) => i));
    expect(second.metrics.get("numRecordsIn")).toBe(5_000 - first.rows.length);
  });

  it("fails at a bad row, skips it or puts it aside, as it is told", async () => {
    const directory = mkdtempSync(join(tmpdir(), "millrace-source-"));
    const path = join(directory, "a.json");
    writeFileSync(path, '{"a":1}\n{"a":"x"}\n{"a":3}\n');
    const opened = async (policy: BadRowPolicy): Promise<Opened> => {
      const made = make({ path, format: "json" }, "filesystem", policy);
      await made.operator.open?.();
      return made;
    };
    try {
      await expect(drain(await opened("fail"))).rejects.toMatchObject({
        domain: "user",
        retry: "fail",
        message: `source "s" met a bad row at ${path}:2: column "a": "x" is no BIGINT`,
      });
      const skipped = await opened("skip");
      await drain(skipped);
      expect(skipped.rows).toEqual([[1n], [3n]]);
      expect([skipped.bad, skipped.metrics.get("numBadRecords")]).toEqual([[], 1]);
      const aside = await opened("side");
      await drain(aside);
      expect(aside.bad).toEqual([["s", path, 2n, 'column "a": "x" is no BIGINT', '{"a":"x"}']]);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
