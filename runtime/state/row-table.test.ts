import fc from "fast-check";
import { assert, describe, expect, it } from "vitest";
import { applyDeltas, formatDeltas, type HarnessState, restoredRows, wholeDeltas } from "../../sql-tests/runner/harness-state.ts";
import type { Batch } from "../contract/batch.ts";
import type { StateDelta } from "../contract/operator.ts";
import { batchOf, rowsOf } from "../contract/rows.ts";
import { bigint, double, integer, type Schema, varchar } from "../contract/types.ts";
import type { Value } from "../contract/value.ts";
import { RowTable } from "./row-table.ts";
import { type RowTableOptions, rowTableSpec } from "./row-table-spec.ts";

type Row = readonly Value[];

const schema: Schema = {
  columns: [
    { name: "k", type: varchar },
    { name: "n", type: bigint },
    { name: "x", type: double },
    { name: "tags", type: { id: "list", element: varchar } },
    { name: "place", type: { id: "struct", fields: [{ name: "zip", type: integer }] } },
  ],
};
const changelog: RowTableOptions = { name: "rows", schema, keys: [0, 1], changelog: true };
const appendOnly: RowTableOptions = { ...changelog, changelog: false };
const everyKeyGroup = { first: 0, last: 127 };

const text = (row: Row): string =>
  JSON.stringify(row, (_, v: unknown) => (typeof v === "bigint" ? `${v}n` : Object.is(v, Number.NaN) ? "NaN" : v));
const keyText = (row: Row): string => text(row.slice(0, 2));

/** The rows of a table with their counts, read through `liveRows`. */
function contents(table: RowTable): Record<string, number> {
  const values = rowsOf(schema, table.rows());
  const found: Record<string, number> = {};
  for (const row of table.liveRows()) {
    const key = text(values[row] as Row);
    found[key] = (found[key] ?? 0) + table.countOf(row);
  }
  return found;
}

/** The rows that each key's group lists. */
function byKey(table: RowTable, keys: readonly Row[], nullsMatch: boolean): Record<string, readonly string[]> {
  const batch = batchOf({ columns: schema.columns.slice(0, 2) }, keys);
  const groups = new Int32Array(keys.length);
  table.findGroups(batch, [0, 1], [nullsMatch, nullsMatch], groups);
  const values = rowsOf(schema, table.rows());
  const found: Record<string, string[]> = {};
  keys.forEach((key, i) => {
    const listed: string[] = [];
    for (let row = table.firstOf(groups[i] as number); row >= 0; row = table.nextOf(row)) {
      listed.push(...Array.from({ length: Math.abs(table.countOf(row)) }, () => text(values[row] as Row)));
    }
    found[text(key)] = listed.sort();
  });
  return found;
}

/** A checkpoint's way to the store and back: the state with this delta, and a table restored from it. */
function restored(options: RowTableOptions, state: HarnessState, table: RowTable, checkpoint: number): readonly [HarnessState, RowTable] {
  const spec = rowTableSpec(options, options.keys);
  const next = applyDeltas(state, [spec], wholeDeltas([spec], [table.takeDelta(checkpoint)]));
  const fresh = new RowTable(options, checkpoint % 3);
  const rows = restoredRows(next, spec, everyKeyGroup, 128);
  if (rows !== null) fresh.restore(rows);
  return [next, fresh];
}

const rows: fc.Arbitrary<Row> = fc.tuple(
  fc.constantFrom("a", "b", "a longer key, as strings go", "", null),
  fc.constantFrom(1n, 2n, null),
  fc.constantFrom(0, Number.NaN, null),
  fc.constantFrom(["x", "yy"], [], null),
  fc.constantFrom([1], [null], null),
);
const step = fc.oneof(
  { weight: 6, arbitrary: fc.array(fc.tuple(rows, fc.constantFrom(1, 1, 1, -1, -1, 2)), { maxLength: 12 }) },
  { weight: 1, arbitrary: fc.constant("checkpoint" as const) },
  { weight: 1, arbitrary: fc.constant("restart" as const) },
);

describe("RowTable", () => {
  it("over a changelog holds what a map of counts holds, through checkpoints and restarts", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let table = new RowTable(changelog, 0);
        let state: HarnessState = new Map();
        const model = new Map<string, { readonly row: Row; count: number }>();
        steps.forEach((action, i) => {
          if (typeof action === "string") {
            const [next, fresh] = restored(changelog, state, table, i);
            state = next;
            if (action === "restart") table = fresh;
          } else {
            const before = new Map([...model].map(([key, { count }]) => [key, count]));
            for (const [row, weight] of action) {
              const known = model.get(text(row)) ?? { row, count: 0 };
              known.count += weight;
              model.set(text(row), known);
            }
            const changes = table.add(weighted(action));
            const told: Record<string, number> = {};
            const values = rowsOf(schema, table.rows());
            for (let k = 0; k < changes.count; k++) told[text(values[changes.rows[k] as number] as Row)] = changes.weights[k] as number;
            const changed = [...model].map(([key, { count }]) => [key, count - (before.get(key) ?? 0)] as const);
            assert.deepEqual(told, Object.fromEntries(changed.filter(([, weight]) => weight !== 0)));
          }
          const live = [...model.values()].filter(({ count }) => count !== 0);
          expect(contents(table)).toEqual(Object.fromEntries(live.map(({ row, count }) => [text(row), count])));
          expect(table.size).toBe(live.length);
          expect(table.groups).toBe(new Set(live.map(({ row }) => keyText(row))).size);
          const keys: readonly Row[] = [
            ["a", 1n],
            ["", null],
            [null, 2n],
            ["nobody", 1n],
          ];
          const listed = (key: Row): readonly string[] =>
            live
              .filter(({ row }) => keyText(row) === text(key))
              .flatMap(({ row, count }) => Array.from({ length: Math.abs(count) }, () => text(row)));
          expect(byKey(table, keys, true)).toEqual(Object.fromEntries(keys.map((key) => [text(key), listed(key).toSorted()])));
          const strict = keys.map((key) => [text(key), key.includes(null) ? [] : listed(key).toSorted()]);
          expect(byKey(table, keys, false)).toEqual(Object.fromEntries(strict));
        });
      }),
      { numRuns: 80 },
    );
  });

  it("without a changelog keeps each row as its own, through removals, checkpoints and restarts", () => {
    const action = fc.oneof(
      { weight: 4, arbitrary: fc.array(rows, { maxLength: 8 }) },
      { weight: 3, arbitrary: fc.nat(20) },
      { weight: 1, arbitrary: fc.constantFrom("checkpoint" as const, "restart" as const) },
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 30 }), (actions) => {
        let table = new RowTable(appendOnly, 0);
        let state: HarnessState = new Map();
        const model: string[] = [];
        actions.forEach((what, i) => {
          if (typeof what === "string") {
            const [next, fresh] = restored(appendOnly, state, table, i);
            state = next;
            if (what === "restart") table = fresh;
          } else if (typeof what === "number") {
            const live = table.liveRows();
            const row = live[what % Math.max(1, live.length)];
            if (row !== undefined) {
              model.splice(model.indexOf(text(rowsOf(schema, table.rows())[row] as Row)), 1);
              table.remove(row);
            }
          } else {
            table.add(batchOf(schema, what));
            model.push(...what.map(text));
          }
          const counts: Record<string, number> = {};
          for (const row of model) counts[row] = (counts[row] ?? 0) + 1;
          expect(contents(table)).toEqual(counts);
          expect(table.size).toBe(model.length);
        });
      }),
      { numRuns: 80 },
    );
  });

  it("lists the rows of a key in order of arrival, and finds the groups of another table's rows", () => {
    const left = new RowTable(appendOnly, 0);
    const right = new RowTable({ name: "right", schema, keys: [0, 1], changelog: true }, 0);
    left.add(batchOf(schema, [row("a", 1), row("b", 1), row("a", 2), row(null, 1)]));
    right.add(batchOf(schema, [row("b", 1), row("a", 1), row("b", 1), row(null, 1)]));
    const groups = new Int32Array(4);
    right.findGroupsOf(left, Int32Array.of(0, 1, 2, 3), 4, [false, false], groups);
    expect([...groups].map((group) => (group < 0 ? 0 : right.countOf(right.firstOf(group))))).toEqual([1, 2, 0, 0]);
    right.findGroupsOf(left, Int32Array.of(3), 1, [true, true], groups);
    expect(right.countOf(right.firstOf(groups[0] as number))).toBe(1);
    left.add(batchOf(schema, [row("a", 1)]));
    expect(left.nextOf(left.firstOf(left.groupOf(0)))).toBe(4);
  });

  it("remembers a row that is taken back before it came", () => {
    const table = new RowTable(changelog, 0);
    const took = table.add(batchOf(schema, [row("a", 1)], [-1]));
    expect([took.count, took.weights[0], contents(table)]).toEqual([1, -1, { [text(row("a", 1))]: -1 }]);
    const came = table.add(batchOf(schema, [row("a", 1)], [1]));
    expect([came.count, came.weights[0], contents(table)]).toEqual([1, 1, {}]);
  });

  it("shows rows that ended until the next batch", () => {
    const table = new RowTable(changelog, 0);
    table.add(batchOf(schema, [row("a", 1)]));
    const gone = table.add(batchOf(schema, [row("a", 1)], [-1]));
    expect(text(rowsOf(schema, table.rows())[gone.rows[0] as number] as Row)).toBe(text(row("a", 1)));
    expect(table.firstOf(table.groupOf(gone.rows[0] as number))).toBe(-1);
  });

  it("stores a change once, and a row that came and went between checkpoints not at all", () => {
    const table = new RowTable(changelog, 2);
    table.add(batchOf(schema, [row("a", 1), row("b", 1)]));
    table.add(batchOf(schema, [row("b", 1), row("a", 1)], [-1, 1]));
    const spec = rowTableSpec(changelog, [0, 1]);
    const [first] = wholeDeltas([spec], [table.takeDelta(7)]) as [StateDelta];
    expect(rowsOf(spec, first.puts as Batch).map((r) => [...r.slice(0, 4), r.at(-1)])).toEqual([[7n, 2, 0n, "a", 2]]);
    expect(first.deletes).toBeNull();
    expect(table.takeDelta(8)).toEqual({ table: "rows", puts: null, deletes: null });
    table.add(batchOf(schema, [row("a", 1)], [-2]));
    const last = table.takeDelta(9);
    expect([last.puts, rowsOf({ columns: spec.columns.slice(0, 3) }, last.deletes as Batch)]).toEqual([null, [[7n, 2, 0n]]]);
  });

  it("writes a snapshot's rows as they were at it, whatever becomes of them meanwhile", () => {
    const changes = fc.array(fc.tuple(rows, fc.constantFrom(1, 1, -1, -1)), { maxLength: 10 });
    const written = fc.array(fc.oneof(changes, fc.integer({ min: 1, max: 4 })), { maxLength: 12 });
    fc.assert(
      fc.property(changes, written, changes, (before, meanwhile, then) => {
        const spec = rowTableSpec(changelog, [0, 1]);
        const [table, twin] = [new RowTable(changelog, 0), new RowTable(changelog, 0)];
        for (const each of [table, twin]) {
          each.add(weighted(then));
          wholeDeltas([spec], [each.takeDelta(6)]);
          each.add(weighted(before));
        }
        const [atOnce] = wholeDeltas([spec], [twin.takeDelta(7)]) as [StateDelta];
        const { deletes, rest } = table.takeDelta(7);
        const pieces: Row[] = [];
        rest?.giveTo((puts) => pieces.push(...rowsOf(spec, puts)));
        for (const action of meanwhile) {
          if (typeof action === "number") rest?.write(action);
          else table.add(weighted(action));
        }
        while (rest?.write(2) === true);
        const deltas = (puts: readonly Row[]): StateDelta[] => [
          { table: "rows", puts: puts.length === 0 ? null : batchOf(spec, puts), deletes },
        ];
        const expected = atOnce.puts === null ? [] : rowsOf(spec, atOnce.puts);
        expect(formatDeltas([spec], deltas(pieces))).toEqual(formatDeltas([spec], deltas(expected)));
      }),
      { numRuns: 200 },
    );
  });

  it("takes no more memory than the rows that are there need", () => {
    const table = new RowTable(changelog, 0);
    const wide = Array.from({ length: 500 }, (_, i): Row => ["k".repeat(50), BigInt(i), 1, ["tag".repeat(9)], null]);
    const weights = wide.map(() => 1);
    for (let round = 0; round < 100; round++) {
      table.add(batchOf(schema, wide, weights));
      table.add(
        batchOf(
          schema,
          wide,
          weights.map((w) => -w),
        ),
      );
    }
    table.add(batchOf(schema, wide.slice(0, 1), [1]));
    expect([table.size, table.end <= 1_000]).toEqual([1, true]);
    const [key, , , tags] = table.rows().columns;
    expect(key?.phys === "bytes" && key.bytes.length).toBeLessThan(200_000);
    expect(tags?.phys === "list" && tags.childRows).toBeLessThan(10_000);
  });
});

const row = (k: string | null, n: number): Row => [k, BigInt(n), 1.5, ["t"], [7]];

const weighted = (rows: readonly (readonly [Row, number])[]): Batch =>
  batchOf(
    schema,
    rows.map(([r]) => r),
    rows.map(([, weight]) => weight),
  );
