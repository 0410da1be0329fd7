/** Kernels against plain JavaScript twins over random input. The aggregates' kernels are held to DuckDB in functions/aggregate. */
import { describe, expect, test } from "vitest";
import { bigint, type SqlType, timestamp, varchar } from "../contract/types.ts";
import type { Value } from "../contract/value.ts";
import { columnOf, rowsOf } from "../contract/rows.ts";
import { geometryOf } from "../operators/window/geometry.ts";
import { routeSlices } from "../operators/window/slice-router.ts";
import { GroupTable, staged } from "../state/group-table.ts";
import { KeyLayout } from "../state/key-layout.ts";
import { kernels } from "./kernels.ts";
import { stageI64 } from "./stage-column.ts";

function randomNumbers(seed: number): (n: number) => number {
  let s = seed | 1;
  return (n) => {
    s ^= s << 13;
    s ^= s >>> 17;
    s ^= s << 5;
    return (s >>> 0) % n;
  };
}

const text = (value: Value | undefined): string => JSON.stringify(value, (_, v: unknown) => (typeof v === "bigint" ? `${v}n` : v));

const insert = { insert: true, mark: false };
const lookOnly = { insert: false, mark: false };

/** Keys of a few kinds: many collisions of content, some NULLs. */
const keyKinds: readonly (readonly [string, readonly SqlType[], (below: (n: number) => number) => Value[]])[] = [
  ["one BIGINT", [bigint], (below) => [below(20) === 0 ? null : BigInt(below(3000)) * 2n ** 40n - 2n ** 63n]],
  ["one VARCHAR", [varchar], (below) => [below(20) === 0 ? null : `key-${below(3000)}`.slice(0, 3 + below(12))]],
  ["two BIGINTs", [bigint, bigint], (below) => [BigInt(below(60)), below(10) === 0 ? null : BigInt(below(60)) << 32n]],
  ["DOUBLE and VARCHAR", [{ id: "double" }, varchar], (below) => [[0, -0, Number.NaN, 1.5, null][below(5)] ?? null, "x".repeat(below(40))]],
  [
    "HUGEINT, DATE, BOOLEAN",
    [{ id: "hugeint" }, { id: "date" }, { id: "boolean" }],
    (below) => [BigInt(below(9)) << 70n, below(9), below(2) === 0],
  ],
  ["no keys", [], () => []],
];

describe("GroupTable against Map", () => {
  test.each(keyKinds)("%s: inserts, finds, erases, inserts again", (_name, types, makeKey) => {
    const below = randomNumbers(types.length * 77 + 5);
    const layout = new KeyLayout(types);
    const table = new GroupTable(layout, 8);
    const twin = new Map<string, Value[]>();
    const canonical = (key: Value[]): string =>
      text(key.map((v) => (typeof v === "number" && Number.isNaN(v) ? "NaN" : typeof v === "number" ? v + 0 : v)));
    for (let round = 0; round < 30; round++) {
      const keys = Array.from({ length: 200 }, () => makeKey(below));
      const columns = types.map((type, c) =>
        columnOf(
          type,
          keys.map((key) => key[c] ?? null),
        ),
      );
      staged(() => {
        const rows = table.find(columns, keys.length, insert);
        for (const key of keys) if (!twin.has(canonical(key))) twin.set(canonical(key), key);
        const { u32 } = kernels().heap();
        const addresses = new Map<string, number>();
        for (const [i, key] of keys.entries()) {
          const address = u32[(rows >>> 2) + i] as number;
          expect(addresses.get(canonical(key)) ?? address).toBe(address);
          addresses.set(canonical(key), address);
        }
        expect(new Set(addresses.values()).size).toBe(addresses.size);
        const gone = [...addresses.keys()].filter(() => below(3) === 0);
        u32.set(
          gone.map((key) => addresses.get(key) as number),
          rows >>> 2,
        );
        table.erase(rows, gone.length);
        for (const key of gone) twin.delete(key);
        const again = table.find(columns, keys.length, lookOnly);
        expect(keys.map((key, i) => [canonical(key), u32[(again >>> 2) + i] !== 0])).toEqual(
          keys.map((key) => [canonical(key), twin.has(canonical(key))]),
        );
      });
      expect(table.size).toBe(twin.size);
    }
    staged(() => {
      const { rows, count } = table.allRows();
      const schema = { columns: types.map((type) => ({ name: "", type })) };
      const found = rowsOf(schema, { rows: count, columns: table.keyColumns(rows, count), weights: null });
      expect(found.map(canonical).toSorted()).toEqual([...twin.keys()].toSorted());
    });
    table.free();
    layout.free();
  });

  test("gives all memory back to its free lists", () => {
    const used = (): number => kernels().run.memoryUsed() >>> 0;
    const before = used();
    const layout = new KeyLayout([varchar]);
    const table = new GroupTable(layout, 16);
    for (let round = 0; round < 50; round++) {
      staged(() => {
        const rows = table.find(
          [
            columnOf(
              varchar,
              Array.from({ length: 1000 }, (_, i) => `a long key of round ${round}, ${i}`),
            ),
          ],
          1000,
          insert,
        );
        table.mark(rows, 1000);
        if (round % 2 === 0) table.erase(rows, 1000);
      });
    }
    expect(table.size).toBe(25_000);
    table.free();
    layout.free();
    expect(used()).toBe(before);
  });
});

describe("routeSlices against arithmetic", () => {
  const kinds = [
    { kind: "tumble", size_us: 10n, offset_us: 0n },
    { kind: "tumble", size_us: 7n, offset_us: -3n },
    { kind: "hop", size_us: 12n, slide_us: 4n, offset_us: 5n },
    { kind: "cumulate", maxSize_us: 12n, step_us: 3n, offset_us: 100n },
  ] as const;

  test.each(kinds.flatMap((window) => [10, 1000].map((spread) => [window.kind, spread, window] as const)))(
    "%s, times over ±%d",
    (_kind, spread, window) => {
      const below = randomNumbers(spread + 3);
      const geometry = geometryOf(window);
      const ordered = spread === 10;
      const times = Array.from({ length: 500 }, (_, i) => (ordered ? BigInt(Math.floor(i / 20) - 10) : BigInt(below(2 * spread) - spread)));
      const expected = new Map<bigint, number[]>();
      for (const [i, time] of times.entries()) {
        const end = geometry.windowEndAfter(time);
        expected.set(end, [...(expected.get(end) ?? []), i]);
      }
      staged(() => {
        const found = new Map<bigint, number[]>();
        const { u32 } = kernels().heap();
        for (const part of routeSlices(stageI64(BigInt64Array.from(times), times.length), times.length, geometry)) {
          const rows = Array.from({ length: part.count }, (_, i) =>
            part.selection === 0 ? part.first + i : (u32[(part.selection >>> 2) + i] as number),
          );
          found.set(part.sliceEnd, [...(found.get(part.sliceEnd) ?? []), ...rows]);
        }
        expect(found).toEqual(expected);
      });
    },
  );

  test("attached windows are slices by their end", () => {
    const geometry = geometryOf({ kind: "attached", startColumn: 0 });
    staged(() => {
      const parts = routeSlices(stageI64(BigInt64Array.of(5n, 5n, 2n ** 62n, 5n), 4), 4, geometry);
      expect(parts.map((part) => [part.sliceEnd, part.count])).toEqual([
        [5n, 2],
        [2n ** 62n, 1],
        [5n, 1],
      ]);
    });
  });
});

describe("the staging area", () => {
  test("lends what does not fit from the heap, and takes it back", () => {
    const { staging, run, heap } = kernels();
    const before = run.memoryUsed() >>> 0;
    const mark = staging.mark();
    const big = staging.bytes(40 << 20);
    heap().u8.fill(1, big, big + (40 << 20));
    const small = staging.bytes(16);
    expect(small).not.toBe(big);
    staging.release(mark);
    expect(run.memoryUsed() >>> 0).toBe(before);
  });

  test("strings that are views into a large buffer are copied one by one", () => {
    const bytes = new Uint8Array(1 << 20);
    bytes.set(new TextEncoder().encode("a long string at the start"));
    bytes.set(new TextEncoder().encode("and another at the end"), (1 << 20) - 40);
    const start = Int32Array.of(0, (1 << 20) - 40);
    const end = Int32Array.of(26, (1 << 20) - 18);
    const layout = new KeyLayout([varchar]);
    const table = new GroupTable(layout, 0);
    staged(() => {
      const rows = table.find([{ phys: "bytes", start, end, bytes, validity: null }], 2, insert);
      const columns = table.keyColumns(rows, 2);
      expect(rowsOf({ columns: [{ name: "", type: varchar }] }, { rows: 2, columns, weights: null })).toEqual([
        ["a long string at the start"],
        ["and another at the end"],
      ]);
    });
    table.free();
    layout.free();
  });
});

test("times of TIMESTAMP keys keep their 64 bits", () => {
  const layout = new KeyLayout([timestamp]);
  const table = new GroupTable(layout, 0);
  const values = [-(2n ** 63n), 2n ** 63n - 1n, 0n, -1n];
  staged(() => {
    const rows = table.find([columnOf(timestamp, values)], 4, insert);
    expect(
      rowsOf({ columns: [{ name: "", type: timestamp }] }, { rows: 4, columns: table.keyColumns(rows, 4), weights: null }).flat(),
    ).toEqual(values);
  });
});
