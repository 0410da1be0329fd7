import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { linesOf, OperatorHarness } from "../../sql-tests/runner/operator-harness.ts";
import type { Expression } from "../contract/expressions.ts";
import type { JoinKind, JoinSpec } from "../contract/job-graph.ts";
import { bigint, boolean, type Schema, varchar } from "../contract/types.ts";
import { join } from "./join.ts";

const left: Schema = {
  columns: [
    { name: "k", type: varchar },
    { name: "a", type: bigint },
  ],
};
const right: Schema = {
  columns: [
    { name: "key", type: varchar },
    { name: "b", type: bigint },
  ],
};
const column = (index: number): Expression => ({ kind: "column", index, type: bigint });
const lessThan: Expression = { kind: "compare", operator: "<", left: column(1), right: column(3), type: boolean };

function outputOf(kind: JoinKind): Schema {
  if (kind === "semi" || kind === "anti") return left;
  return { columns: [...left.columns, ...(kind === "mark" ? [{ name: "mark", type: boolean }] : right.columns)] };
}

const open = (kind: JoinKind, changes: Partial<JoinSpec> = {}) =>
  OperatorHarness.open<JoinSpec>({
    definition: join,
    spec: {
      op: "join",
      kind,
      leftKeys: [0],
      rightKeys: [0],
      nullsMatch: [false],
      residual: null,
      leftChangelog: true,
      rightChangelog: true,
      ...changes,
    },
    inputs: [left, right],
    output: outputOf(kind),
    hideState: true,
  });

type Row = readonly [string | null, bigint | null];
type Bag = Record<string, number>;

const text = (values: readonly unknown[]): string => values.map((v) => (v === null ? "NULL" : String(v))).join(" ");

/** The table that a harness' output lines add up to. */
function addLines(bag: Bag, lines: readonly string[]): Bag {
  for (const line of lines) {
    const row = /^([+-])(\d*) (.*)$/.exec(line);
    if (row === null) continue;
    const key = row[3] as string;
    bag[key] = (bag[key] ?? 0) + (row[1] === "-" ? -1 : 1) * Number(row[2] || 1);
    if (bag[key] === 0) delete bag[key];
  }
  return bag;
}

const and = (a: boolean | null, b: boolean | null): boolean | null =>
  a === false || b === false ? false : a === null || b === null ? null : true;

/** What the join of two bags is, row by row in three-valued logic. */
function expected(kind: JoinKind, lefts: readonly Row[], rights: readonly Row[], spec: Partial<JoinSpec>): Bag {
  const bag: Bag = {};
  const emit = (...values: readonly unknown[]): void => {
    bag[text(values)] = (bag[text(values)] ?? 0) + 1;
  };
  const isKeyed = spec.leftKeys?.length !== 0;
  const holds = (l: Row, r: Row): boolean | null => {
    const strict = l[0] === null || r[0] === null ? null : l[0] === r[0];
    const key = !isKeyed ? true : spec.nullsMatch?.[0] === true ? l[0] === r[0] : strict;
    const residual = spec.residual === lessThan ? (l[1] === null || r[1] === null ? null : l[1] < r[1]) : true;
    return and(key, residual);
  };
  for (const l of lefts) {
    const matches = rights.filter((r) => holds(l, r) === true);
    const unknown = rights.some((r) => holds(l, r) === null);
    if (kind === "semi" && matches.length > 0) emit(...l);
    if (kind === "anti" && matches.length === 0) emit(...l);
    if (kind === "mark") emit(...l, matches.length > 0 ? true : unknown ? null : false);
    if (kind === "semi" || kind === "anti" || kind === "mark") continue;
    for (const r of matches) emit(...l, ...r);
    if (matches.length === 0 && kind !== "inner" && kind !== "right") emit(...l, null, null);
  }
  if (kind === "right" || kind === "full") {
    for (const r of rights) if (!lefts.some((l) => holds(l, r) === true)) emit(null, null, ...r);
  }
  return bag;
}

const rows: fc.Arbitrary<Row> = fc.tuple(fc.constantFrom("x", "y", null), fc.constantFrom(1n, 2n, null));
/** An insert, a delete of a row that is there, or a delete that comes before its insert. */
const change = fc.record({ row: rows, what: fc.constantFrom("insert", "insert", "insert", "delete", "early") });
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ side: fc.constantFrom(0, 1), changes: fc.array(change, { maxLength: 6 }) }) },
  { weight: 1, arbitrary: fc.constant("restore" as const) },
);

const kinds = ["inner", "left", "right", "full", "semi", "anti", "mark"] as const satisfies readonly JoinKind[];
const forms: Readonly<Record<string, Partial<JoinSpec>>> = {
  "on a key": {},
  "on a key where NULL equals NULL": { nullsMatch: [true] },
  "on a key and a condition": { residual: lessThan },
  "on a condition": { leftKeys: [], rightKeys: [], nullsMatch: [], residual: lessThan },
  "of append-only inputs": { leftChangelog: false, rightChangelog: false },
  "of an append-only input and a changelog": { leftChangelog: false, residual: lessThan },
};
const cases = kinds.flatMap((kind) =>
  Object.entries(forms)
    // A mark takes a strict key only where it is the whole condition: the planner makes it so.
    .filter(([, spec]) => kind !== "mark" || spec.residual === undefined || spec.leftKeys !== undefined)
    .map(([form, spec]) => ({ kind, form, spec })),
);

describe("join", () => {
  it.each(cases)("$kind $form answers as the batch does, after every change and restart", async ({ kind, spec }) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
        let harness = await open(kind, spec);
        const bag: Bag = {};
        const inputs: [Row[], Row[]] = [[], []];
        const early: [Row[], Row[]] = [[], []];
        let checkpoint = 0;
        for (const action of steps) {
          if (action === "restore") {
            addLines(bag, await harness.feed(`barrier ${++checkpoint}`));
            harness = await harness.restore();
            continue;
          }
          const side = action.side as 0 | 1;
          const isChangelog = (side === 0 ? spec.leftChangelog : spec.rightChangelog) ?? true;
          const batch: [Row, number][] = [];
          for (const { row, what } of action.changes) {
            const at = inputs[side].findIndex((r) => text(r) === text(row));
            const weight = what === "insert" || !isChangelog ? 1 : -1;
            if (weight > 0) inputs[side].push(row);
            else if (at >= 0) inputs[side].splice(at, 1);
            else if (what === "early") early[side].push(row);
            else continue;
            batch.push([row, weight]);
          }
          const weights = isChangelog ? batch.map(([, weight]) => weight) : null;
          addLines(
            bag,
            await harness.rows(
              batch.map(([row]) => row),
              weights,
              side,
            ),
          );
        }
        for (const side of [0, 1] as const) {
          addLines(
            bag,
            await harness.rows(
              early[side],
              early[side].map(() => 1),
              side,
            ),
          );
        }
        expect(bag).toEqual(expected(kind, inputs[0], inputs[1], spec));
      }),
      { numRuns: 12 },
    );
  });

  it("adds rows without weights when both inputs only add", async () => {
    const harness = await open("inner", forms["of append-only inputs"]);
    await harness.feed("0: + x 1 \n 0: + y 2");
    expect(await harness.feed("1: + x 7 \n 1: + x 8")).toEqual(linesOf("+ x 1 x 7 | + x 1 x 8"));
    expect(await harness.feed("0: + x 3")).toEqual(linesOf("+ x 3 x 7 | + x 3 x 8"));
  });

  it("takes back a padded row before the row that replaces it", async () => {
    const harness = await open("left", forms["of append-only inputs"]);
    expect(await harness.feed("0: + x 1")).toEqual(linesOf("+ x 1 NULL NULL"));
    expect(await harness.feed("1: + x 7")).toEqual(linesOf("- x 1 NULL NULL | + x 1 x 7"));
  });

  it("stores the rows of both inputs, and goes on from them at another parallelism", async () => {
    const harness = await open("full");
    await harness.feed("0: + x 1 \n 0: + y 2 \n 1: + x 7 \n 1: + z 9 \n barrier 1");
    await harness.feed("1: - x 7 \n 0: +2 z 3 \n barrier 2");
    const lines: string[] = [];
    for (const subtaskIndex of [0, 1, 2]) {
      const restored = await harness.restore({ subtaskIndex, parallelism: 3 });
      lines.push(...(await restored.feed("1: + x 8 \n 0: - y 2")));
    }
    expect(lines.some((line) => line.includes("x 1 x 8"))).toBe(true);
    expect(lines.some((line) => line === "- y 2 NULL NULL")).toBe(true);
  });

  it("keeps one row of a key where only a partner is asked for", async () => {
    const harness = await open("semi", forms["of append-only inputs"]);
    await harness.feed("1: + x 1 \n 1: + x 2 \n 1: + y 3 \n barrier 1");
    await harness.feed("1: + x 4 \n barrier 2");
    expect(harness.state.get("right")?.size).toBe(2);
    expect(await (await harness.restore()).feed("0: + x 9")).toEqual(linesOf("+ x 9"));
  });

  it("fails a scalar subquery that gives two rows when they would be seen, and not before", async () => {
    const harness = await open("single");
    await harness.feed("0: + x 1 \n 1: + x 7 \n barrier 1");
    await harness.feed("1: + x 8 \n 1: - x 7 \n barrier 2");
    await harness.feed("1: + x 9");
    await expect(harness.feed("barrier 3")).rejects.toThrow("more than one row returned by a subquery used as an expression");
  });
});

describe("a time to live", () => {
  const timed = () => open("inner", { leftChangelog: false, rightChangelog: false, ttl_ms: [10_000, null] });

  it("lets rows of a side go, and their pairs stay", async () => {
    const harness = await timed();
    expect(await harness.feed("tick 10 | + a 1 | tick 5000 | + a 2 | 1: + a 10")).toEqual(linesOf("+ a 1 a 10 | + a 2 a 10"));
    expect(await harness.feed("tick 5000 | 1: + a 11 | tick 5000 | 1: + a 12 | + a 3")).toEqual(
      linesOf("+ a 2 a 11 | + a 3 a 10 | + a 3 a 11 | + a 3 a 12"),
    );
  });

  it("begins anew after a restore", async () => {
    const harness = await timed();
    await harness.feed("tick 1 | + a 1 | tick 9000 | barrier 1");
    const restored = await harness.restore();
    expect(await restored.feed("tick 1 | tick 9000 | 1: + a 10 | tick 1000 | 1: + a 11")).toEqual(linesOf("+ a 1 a 10"));
  });
});
