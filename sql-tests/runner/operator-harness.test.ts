import { describe, expect, it } from "vitest";
import type { Batch } from "../../runtime/contract/batch.ts";
import type { CalcSpec } from "../../runtime/contract/job-graph.ts";
import type { OperatorDefinition } from "../../runtime/contract/operator.ts";
import { batchOf, rowsOf } from "../../runtime/contract/rows.ts";
import { bigint, type Schema, timestamp, varchar } from "../../runtime/contract/types.ts";
import type { Value } from "../../runtime/contract/value.ts";
import { linesOf, OperatorHarness, sortRows } from "./operator-harness.ts";

const schema: Schema = {
  columns: [
    { name: "ts", type: timestamp },
    { name: "key", type: varchar },
    { name: "v", type: bigint },
  ],
};
const spec: CalcSpec = { op: "calc", filter: null, projections: [] };
const table = {
  name: "rows",
  version: 1,
  columns: schema.columns,
  keyColumns: 2,
  redistribution: { kind: "keyed", distribution: [1] },
} as const;

/** Forwards rows, keeps the last batch without a copy when told to, and stores all rows as its state. */
const echo = (keepBorrowed: boolean): OperatorDefinition<CalcSpec> => ({
  op: "calc",
  doc: "echo",
  stateTables: () => [table],
  create: (_spec, _context, output) => {
    let kept: Batch | null = null;
    const stored: Value[][] = [];
    return {
      batch(batch) {
        if (kept !== null) output.batch(kept);
        output.batch(batch);
        if (keepBorrowed) kept = batch;
        stored.push(...rowsOf(schema, batch));
      },
      watermark: (watermark) => output.watermark(watermark),
      snapshot: () => ({ deltas: [{ table: "rows", puts: batchOf(schema, stored), deletes: null }] }),
      restore(_table, rows) {
        stored.push(...rowsOf(schema, rows));
      },
    };
  },
});
const open = (keepBorrowed = false) => OperatorHarness.open({ definition: echo(keepBorrowed), spec, inputs: [schema], output: schema });

describe("the operator harness", () => {
  it("prints rows, weights, watermarks and state as lines", async () => {
    const harness = await open();
    expect(await harness.feed(`+ 12:00:01 a 5 | -3 2020-02-03T04:05:06.7 'b c' NULL | wm 12:00:11 | barrier 1 | end`)).toEqual(
      linesOf(`
        + 12:00:01 a 5
        -3 2020-02-03T04:05:06.7 'b c' NULL
        wm 12:00:11
        barrier 1
        put rows 12:00:01 a 5
        put rows 2020-02-03T04:05:06.7 'b c' NULL
        wm max
        end`),
    );
  });

  it("shows an operator that keeps a borrowed batch", async () => {
    const harness = await open(true);
    await harness.feed("+ 12:00:01 a 5");
    const [kept] = await harness.feed("+ 12:00:02 b 6");
    expect(kept).not.toBe("+ 12:00:01 a 5");
  });

  it("gives each subtask its key groups on restore", async () => {
    const harness = await open();
    await harness.feed(`+ 12:00:01 a 1 | + 12:00:02 b 2 | + 12:00:03 c 3 | + 12:00:04 d 4 | barrier 1`);
    const parts = await Promise.all([0, 1].map((subtaskIndex) => harness.restore({ subtaskIndex, parallelism: 2 })));
    const lines = await Promise.all(parts.map((part) => part.feed("barrier 2")));
    const puts = lines.flat().filter((line) => line.startsWith("put"));
    expect(puts.sort()).toEqual((await harness.feed("barrier 2")).filter((line) => line.startsWith("put")));
    expect(lines.every((own) => own.length < 5)).toBe(true);
  });

  it("sorts rows only between other lines", () =>
    expect(sortRows(linesOf("+ b | + a | wm 00:00:01 | + 0"))).toEqual(linesOf("+ a | + b | wm 00:00:01 | + 0")));
});
