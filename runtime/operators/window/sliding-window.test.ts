import fc from "fast-check";
import { expect, test } from "vitest";
import { OperatorHarness } from "../../../sql-tests/runner/operator-harness.ts";
import type { AggregateCall, WindowAggregateSpec } from "../../contract/job-graph.ts";
import { bigint, double, type Field, hugeint, type Schema, timestamp, varchar } from "../../contract/types.ts";
import { windowAggregate } from "../window-aggregate.ts";

const second = 1_000_000n;
const input: Schema = {
  columns: [
    { name: "ts", type: timestamp },
    { name: "k", type: varchar },
    { name: "v", type: bigint },
  ],
};
const plain = { distinct: false, filter: null, constants: [] };
const ofValue = { ...plain, arguments: [2], argumentTypes: [bigint] };
const slidable: readonly AggregateCall[] = [
  { ...plain, name: "count_star", arguments: [], argumentTypes: [], type: bigint },
  { ...ofValue, name: "count", type: bigint },
  { ...ofValue, name: "sum", type: hugeint },
  { ...ofValue, name: "avg", type: double },
];
/** With a max, which cannot be taken back, every window is merged from its slices. */
const merged: readonly AggregateCall[] = [...slidable, { ...ofValue, name: "max", type: bigint }];

const hop = (slides: bigint, aggregates: readonly AggregateCall[]): WindowAggregateSpec => ({
  op: "windowAggregate",
  phase: "single",
  window: { kind: "hop", size_us: slides * second, slide_us: second, offset_us: 0n },
  timeColumn: 0,
  keys: [1],
  aggregates,
  windowColumns: ["window_end"],
  timeType: timestamp,
});

async function run(spec: WindowAggregateSpec, script: string): Promise<string[]> {
  const columns: Field[] = [
    { name: "k", type: varchar },
    ...spec.aggregates.map((call, i): Field => ({ name: `a${i}`, type: call.type })),
    { name: "window_end", type: timestamp },
  ];
  const harness = await OperatorHarness.open({ definition: windowAggregate, spec, inputs: [input], output: { columns }, hideState: true });
  const lines = await harness.feed(script);
  await harness.close();
  return lines.map((line) => (spec.aggregates === merged ? withoutMax(line) : line)).toSorted();
}

const withoutMax = (line: string): string =>
  line.startsWith("+")
    ? line
        .split(" ")
        .filter((_, i) => i !== 6)
        .join(" ")
    : line;

const clock = (seconds: number): string => new Date(seconds * 1_000).toISOString().slice(11, 19);
const row = fc.record({ second: fc.nat(40), key: fc.constantFrom("a", "b", "c"), value: fc.option(fc.integer({ min: -5, max: 5 })) });
const step = fc.oneof(
  { weight: 4, arbitrary: row.map((r) => `+ ${clock(r.second)} ${r.key} ${r.value ?? "NULL"}`) },
  { weight: 1, arbitrary: fc.nat(40).map((s) => s) },
);

/** Watermarks rise only; rows behind them are late, or fall into slices of windows that are still open. */
function scriptOf(steps: readonly (string | number)[]): string {
  let reached = -1;
  const lines = steps.flatMap((s) => {
    if (typeof s === "string") return [s];
    if (s <= reached) return [];
    reached = s;
    return [`wm ${clock(s)}`];
  });
  return [...lines, "wm max"].join("\n");
}

test("a window that slides is the window merged from its slices, late rows and gaps included", async () => {
  const property = fc.asyncProperty(fc.bigInt(3n, 7n), fc.array(step, { maxLength: 60 }), async (slides, steps) => {
    const script = scriptOf(steps);
    expect(await run(hop(slides, slidable), script)).toEqual(await run(hop(slides, merged), script));
  });
  await fc.assert(property, { numRuns: 300, seed: 7 });
});
