import { describe, expect, it } from "vitest";
import { linesOf, OperatorHarness } from "../../sql-tests/runner/operator-harness.ts";
import type { AggregateCall } from "../contract/job-graph.ts";
import { bigint, hugeint, type Schema, type SqlType, timestamp, varchar } from "../contract/types.ts";
import { sessionAggregate } from "./session-aggregate.ts";

const input: Schema = {
  columns: [
    { name: "ts", type: timestamp },
    { name: "k", type: varchar },
    { name: "v", type: bigint },
  ],
};
const call = (name: string, args: readonly number[], type: SqlType): AggregateCall => ({
  name,
  arguments: args,
  argumentTypes: args.map(() => bigint),
  distinct: false,
  filter: null,
  constants: [],
  type,
});
const minutes = (n: number): bigint => BigInt(n) * 60_000_000n;

const open = () =>
  OperatorHarness.open({
    definition: sessionAggregate,
    spec: {
      op: "sessionAggregate",
      timeColumn: 0,
      gap_us: minutes(2),
      partitionKeys: [1],
      keys: [1],
      aggregates: [call("count_star", [], bigint), call("sum", [2], hugeint)],
      windowColumns: ["window_start", "window_end"],
      timeType: timestamp,
    },
    inputs: [input],
    output: {
      columns: [
        { name: "k", type: varchar },
        { name: "n", type: bigint },
        { name: "s", type: hugeint },
        { name: "window_start", type: timestamp },
        { name: "window_end", type: timestamp },
      ],
    },
    hideState: true,
  });

describe("sessionAggregate", () => {
  it("joins rows that are exactly the gap apart, whatever their order", async () => {
    const harness = await open();
    await harness.feed("+ 08:09:00 a 1 \n + 08:05:00 a 1 \n + 08:13:00 a 1 \n + 08:07:00 a 1 \n + 08:11:00 a 1");
    expect(await harness.feed("wm 08:14:59")).toEqual(linesOf("+ a 5 5 08:05:00 08:15:00 | wm 08:14:59").filter((l) => l.startsWith("wm")));
    expect(await harness.feed("wm 08:15:00")).toEqual(linesOf("+ a 5 5 08:05:00 08:15:00 | wm 08:15:00"));
  });

  it("fires when the watermark reaches the end less 1 ms", async () => {
    const harness = await open();
    await harness.feed("+ 00:00:00 a 1");
    expect(await harness.feed("wm 119998999us")).toEqual(["wm 00:01:59.998999"]);
    expect(await harness.feed("wm 119999000us")).toEqual(linesOf("+ a 1 1 00:00:00 00:02:00 | wm 00:01:59.999"));
  });

  it("keeps sessions a moment more than the gap apart separate", async () => {
    const harness = await open();
    await harness.feed("+ 08:00:00 a 1 \n + 08:02:00.000001 a 2 \n + 08:01:00 b 7");
    expect(await harness.feed("wm max")).toEqual(
      linesOf("+ a 1 1 08:00:00 08:02:00 | + b 1 7 08:01:00 08:03:00 | + a 1 2 08:02:00.000001 08:04:00.000001 | wm max"),
    );
  });

  it("merges sessions that a row bridges, in one batch and over batches", async () => {
    const harness = await open();
    await harness.feed("+ 08:00:00 a 1 \n + 08:04:00 a 2 \n + 08:02:00 a 4");
    await harness.feed("+ 08:08:00 a 8 \n -- \n + 08:06:00 a 16");
    expect(await harness.feed("wm max")).toEqual(linesOf("+ a 5 31 08:00:00 08:10:00 | wm max"));
  });

  it("drops a late row that touches no open session, and keeps one that does", async () => {
    const harness = await open();
    await harness.feed("+ 08:00:00 a 1 \n wm 08:05:00 \n + 08:06:00 a 2");
    expect(await harness.feed("+ 08:01:00 a 9")).toEqual(["late + 08:01:00 a 9"]);
    expect(await harness.feed("+ 08:04:00 a 4 \n wm max")).toEqual(linesOf("+ a 2 6 08:04:00 08:08:00 | wm max"));
    expect(harness.metrics.get("numLateRecordsDropped")).toBe(1);
  });

  it("handles times before 1970 and far beyond", async () => {
    const harness = await open();
    await harness.feed("+ 1969-12-31T23:59:59 a 1 \n + 00:00:30 a 2 \n + 9999-12-31T00:00:00 b 1");
    expect(await harness.feed("wm max")).toEqual(
      linesOf("+ a 2 3 1969-12-31T23:59:59 00:02:30 | + b 1 1 9999-12-31T00:00:00 9999-12-31T00:02:00 | wm max"),
    );
  });

  it("goes on from its state after merges, extensions and firings", async () => {
    const harness = await open();
    await harness.feed("+ 08:00:00 a 1 \n + 08:05:00 a 2 \n + 09:00:00 b 1 \n barrier 1");
    await harness.feed("+ 08:03:00 a 4 \n + 08:02:00 a 4 \n + 08:59:00 b 1 \n wm 08:03:00 \n barrier 2");
    for (const parallelism of [1, 2]) {
      const lines: string[] = [];
      for (let subtaskIndex = 0; subtaskIndex < parallelism; subtaskIndex++) {
        const restored = await harness.restore({ subtaskIndex, parallelism });
        lines.push(...(await restored.feed("wm max")));
      }
      expect(lines.filter((l) => l.startsWith("+")).sort()).toEqual(linesOf("+ a 4 11 08:00:00 08:07:00 | + b 2 2 08:59:00 09:02:00"));
    }
  });

  it("keeps what had fired fired after a restore", async () => {
    const harness = await open();
    await harness.feed("+ 08:00:00 a 1 \n wm 08:30:00 \n barrier 1");
    const restored = await harness.restore();
    expect(await restored.feed("+ 08:00:00 a 1")).toEqual(["late + 08:00:00 a 1"]);
  });
});
