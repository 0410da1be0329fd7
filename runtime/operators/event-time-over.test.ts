import { describe, expect, it } from "vitest";
import { linesOf, OperatorHarness, sortRows } from "../../sql-tests/runner/operator-harness.ts";
import type { AggregateCall, EventTimeOverSpec } from "../contract/job-graph.ts";
import type { FrameBound, OverCall } from "../contract/ordering.ts";
import { hashRows, keyGroupOf, operatorIndexOf } from "../contract/hash.ts";
import { batchOf } from "../contract/rows.ts";
import { bigint, hugeint, type Schema, timestamp, varchar } from "../contract/types.ts";
import type { Value } from "../contract/value.ts";
import { eventTimeOver } from "./event-time-over.ts";

const input: Schema = {
  columns: [
    { name: "k", type: varchar },
    { name: "ts", type: timestamp },
    { name: "v", type: bigint },
    { name: "from", type: timestamp },
  ],
};
const sum: AggregateCall = {
  name: "sum",
  arguments: [2],
  argumentTypes: [bigint],
  distinct: false,
  filter: null,
  constants: [],
  type: hugeint,
};
const sumFrom = (start: FrameBound, unit: "rows" | "range"): OverCall => ({
  kind: "aggregate",
  call: sum,
  frame: { start, end: { kind: "currentRow", unit }, exclude: "nothing" },
  type: hugeint,
});
const running = sumFrom({ kind: "unboundedPreceding" }, "range");
const runningRows = sumFrom({ kind: "unboundedPreceding" }, "rows");
const ofTwo = sumFrom({ kind: "preceding", unit: "rows", offset: { constant: 1 } }, "rows");
const ofSeconds = sumFrom({ kind: "value", column: 3, span_us: 5_000_000n }, "range");
const rowNumber: OverCall = { kind: "rowNumber", type: bigint };

const open = (calls: readonly OverCall[], at: { readonly subtaskIndex?: number; readonly parallelism?: number } = {}) => {
  const spec: EventTimeOverSpec = {
    op: "eventTimeOver",
    partition: [0],
    order: [{ column: 1, descending: false, nullsFirst: false }],
    timeColumn: 1,
    calls,
  };
  const columns = [...input.columns, ...calls.map(({ type }, i) => ({ name: `c${i}`, type }))];
  return OperatorHarness.open({ definition: eventTimeOver, spec, inputs: [input], output: { columns }, ...at });
};
/** A row, with the start of its frame of five seconds. */
const row = (k: string, second: number, v: number): string => `+ ${k} ${time(second)} ${v} ${time(second - 5)}`;
const time = (second: number): string => new Date(3_600_000 + second * 1_000).toISOString().slice(11, 19);
const size = (harness: Awaited<ReturnType<typeof open>>, table: string): number => harness.state.get(table)?.size ?? 0;

describe("eventTimeOver", () => {
  it("answers a row once the watermark has passed it, in the order of time, whatever the order of arrival", async () => {
    const harness = await open([rowNumber, running]);
    expect(await harness.feed(`${row("a", 20, 2)}\n${row("a", 10, 1)}\n${row("b", 11, 5)}\n${row("a", 40, 9)}`)).toEqual([]);
    expect(await harness.feed(`wm ${time(30)}`)).toEqual(
      linesOf(`${row("a", 10, 1)} 1 1 | ${row("a", 20, 2)} 2 3 | ${row("b", 11, 5)} 1 5 | wm ${time(30)}`),
    );
    expect(await harness.feed("wm max")).toEqual(linesOf(`${row("a", 40, 9)} 3 12 | wm max`));
  });

  it("drops and counts late rows, after a restore too", async () => {
    const harness = await open([rowNumber]);
    await harness.feed(`wm ${time(30)}\n${row("a", 30, 1)}\nbarrier 1`);
    expect(harness.metrics.get("numLateRecordsDropped")).toBe(1);
    const restored = await harness.restore();
    expect(await restored.feed(`${row("a", 30, 1)}\n${row("a", 31, 2)}\nwm max`)).toEqual(linesOf(`${row("a", 31, 2)} 1 | wm max`));
  });

  it("keeps of answered rows those that frames may reach, and no more", async () => {
    const none = await open([rowNumber, running]);
    const rows = Array.from({ length: 9 }, (_, i) => row("a", i, i)).join("\n");
    await none.feed(`${rows}\nwm ${time(8)}\nbarrier 1`);
    expect([size(none, "waiting"), size(none, "answered"), size(none, "partitions")]).toEqual([0, 0, 1]);
    const last = await open([ofTwo]);
    await last.feed(`${rows}\nwm ${time(8)}\nbarrier 1`);
    expect(size(last, "answered")).toBe(1);
    const seconds = await open([ofSeconds]);
    await seconds.feed(`${rows}\nwm ${time(8)}\nbarrier 1`);
    expect(size(seconds, "answered")).toBe(6);
    await seconds.feed(`wm ${time(60)}\nbarrier 2`);
    expect(size(seconds, "answered")).toBe(0);
  });
});

describe("eventTimeOver over random rows", () => {
  it("goes on as if it had seen all rows, restored at one subtask and at two", async () => {
    let state = 99;
    const random = (below: number): number => {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor((state / 2_147_483_648) * below);
    };
    const calls = [rowNumber, running, runningRows, ofTwo, ofSeconds, { ...rowNumber, kind: "denseRank" } as const];
    const all: Row[] = [];
    const lines: string[] = [];
    let subtasks = [await open(calls)];
    for (let step = 1; step <= 10; step++) {
      const fresh = Array.from({ length: 20 }, (): Row => [`k${random(3)}`, step * 10 + random(15), all.length + random(50)]);
      all.push(...fresh);
      for (const [i, subtask] of subtasks.entries()) {
        const own = fresh.filter(([k]) => operatorIndexOf(groupOf(k), subtasks.length, 128) === i);
        lines.push(...(await subtask.feed(`${own.map((r) => row(...r)).join("\n")}\nwm ${time(step * 10 + 9)}`)));
      }
      if (step % 3 === 0) subtasks = await restored(subtasks, step, (step % 2) + 1);
    }
    for (const subtask of subtasks) lines.push(...(await subtask.feed("wm max")));
    expect(sortRows(lines.filter((line) => line.startsWith("+")))).toEqual(sortRows(expected(all)));
  });
});

type Row = readonly [string, number, number];

function groupOf(key: string): number {
  const hash = new Int32Array(1);
  hashRows(batchOf({ columns: input.columns.slice(0, 1) }, [[key]]), [0], hash);
  return keyGroupOf(hash[0] as number, 128);
}

/** All subtasks' state together, each one's own key groups, dealt anew. */
async function restored(from: Awaited<ReturnType<typeof open>>[], checkpoint: number, parallelism: number): Promise<typeof from> {
  for (const subtask of from) await subtask.feed(`barrier ${checkpoint}`);
  const merged = new Map<string, Map<string, readonly Value[]>>();
  for (const [i, { state }] of from.entries()) {
    for (const [table, rows] of state) {
      const own = [...rows].filter(([, values]) => {
        const key = table === "watermark" ? null : values[table.startsWith("partitions") ? 0 : 3];
        return key === null ? values[0] === i : operatorIndexOf(groupOf(key as string), from.length, 128) === i;
      });
      merged.set(table, new Map([...(merged.get(table) ?? []), ...own]));
    }
  }
  const [first] = from as [(typeof from)[number]];
  first.state = merged;
  return Promise.all(Array.from({ length: parallelism }, (_, subtaskIndex) => first.restore({ subtaskIndex, parallelism })));
}

function expected(rows: readonly Row[]): string[] {
  return rows.map((current) => {
    const [k, second, v] = current;
    const own = rows.filter((o) => o[0] === k).sort((a, b) => a[1] - b[1] || a[2] - b[2]);
    const at = own.indexOf(current);
    const total = (part: typeof own): number => part.reduce((t, o) => t + o[2], 0);
    const running = total(own.filter((o) => o[1] <= second));
    const seconds = total(own.filter((o) => o[1] <= second && o[1] >= second - 5));
    const dense = new Set(own.filter((o) => o[1] <= second).map((o) => o[1])).size;
    return `${row(k, second, v)} ${at + 1} ${running} ${total(own.slice(0, at + 1))} ${total(own.slice(Math.max(0, at - 1), at + 1))} ${seconds} ${dense}`;
  });
}
