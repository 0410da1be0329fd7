import fc from "fast-check";
import { expect, test } from "vitest";
import type { Batch, Column } from "../contract/batch.ts";
import { batchOf, rowsOf } from "../contract/rows.ts";
import type { Schema, SqlType } from "../contract/types.ts";
import type { Value } from "../contract/value.ts";
import { BatchBuilder } from "./batch-builder.ts";
import { makeFrameCodec } from "./frame-codec.ts";

const i64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

/** Values of a type, in the forms of value.ts. */
function valuesOf(type: SqlType): fc.Arbitrary<Value> {
  switch (type.id) {
    case "boolean":
      return fc.boolean();
    case "integer":
      return fc.integer();
    case "bigint":
      return i64;
    case "hugeint":
      return fc.bigInt({ min: -(2n ** 127n), max: 2n ** 127n - 1n });
    case "double":
      return fc.double();
    case "varchar":
      return fc.string({ unit: "grapheme", maxLength: 60 });
    case "blob":
      return fc.uint8Array({ maxLength: 60 });
    case "interval":
      return fc.record({ months: fc.integer(), days: fc.integer(), micros: i64 });
    case "list":
      return fc.array(nullable(type.element), { maxLength: 4 });
    case "struct":
      return fc.tuple(...type.fields.map((field) => nullable(field.type)));
    case "map":
      return fc.array(fc.tuple(valuesOf(type.key), nullable(type.value)), { maxLength: 3 });
    default:
      throw new Error(`no values for ${type.id}`);
  }
}

const nullable = (type: SqlType): fc.Arbitrary<Value> =>
  fc.oneof({ weight: 4, arbitrary: valuesOf(type) }, { weight: 1, arbitrary: fc.constant(null) });

const leaf = fc.constantFrom<SqlType>(
  { id: "boolean" },
  { id: "integer" },
  { id: "bigint" },
  { id: "hugeint" },
  { id: "double" },
  { id: "varchar" },
  { id: "blob" },
  { id: "interval" },
);
const inner: fc.Arbitrary<SqlType> = fc.oneof(
  leaf,
  leaf.map((element): SqlType => ({ id: "list", element })),
  fc
    .array(leaf, { minLength: 1, maxLength: 3 })
    .map((types): SqlType => ({ id: "struct", fields: types.map((type, k) => ({ name: `f${k}`, type })) })),
);
const anyType: fc.Arbitrary<SqlType> = fc.oneof(
  { weight: 3, arbitrary: leaf },
  { weight: 2, arbitrary: inner.map((element): SqlType => ({ id: "list", element })) },
  {
    weight: 1,
    arbitrary: fc.tuple(inner, leaf).map(
      ([a, b]): SqlType => ({
        id: "struct",
        fields: [
          { name: "a", type: a },
          { name: "b", type: b },
        ],
      }),
    ),
  },
  { weight: 1, arbitrary: inner.map((value): SqlType => ({ id: "map", key: { id: "varchar" }, value })) },
);

interface Case {
  readonly schema: Schema;
  readonly rows: readonly (readonly Value[])[];
  readonly weights: readonly number[] | null;
}

const cases: fc.Arbitrary<Case> = fc.array(fc.tuple(anyType, fc.boolean()), { minLength: 1, maxLength: 5 }).chain((columns) =>
  fc
    .record({
      schema: fc.constant({ columns: columns.map(([type], k) => ({ name: `c${k}`, type })) }),
      rows: fc.array(fc.tuple(...columns.map(([type, nulls]) => (nulls ? nullable(type) : valuesOf(type)))), { maxLength: 20 }),
      weights: fc.boolean(),
    })
    .map(({ schema, rows, weights }) => ({ schema, rows, weights: weights ? rows.map((_, i) => (i % 2 === 0 ? 2 : -1)) : null })),
);

const weightsOf = (batch: Batch): number[] | null => (batch.weights === null ? null : [...batch.weights.subarray(0, batch.rows)]);

test("a batch of any schema comes back from its frame", () => {
  fc.assert(
    fc.property(cases, ({ schema, rows, weights }) => {
      const codec = makeFrameCodec(schema);
      const batch = batchOf(schema, rows, weights);
      const frame = codec.encode(batch, null);
      const back = codec.decode(frame);
      expect(codec.measure(batch)).toBeLessThanOrEqual(frame.byteLength);
      expect(rowsOf(schema, back)).toEqual(rowsOf(schema, batch));
      expect(weightsOf(back)).toEqual(weights);
    }),
    { numRuns: 300 },
  );
});

test("rows gathered in any order into a builder are those rows, and their frame too", () => {
  fc.assert(
    fc.property(cases, fc.array(fc.nat()), ({ schema, rows, weights }, picks) => {
      const selection = Int32Array.from(rows.length === 0 ? [] : picks.map((pick) => pick % rows.length));
      const batch = batchOf(schema, rows, weights);
      const builder = new BatchBuilder(schema);
      builder.append(batch, { selection: null, from: Math.min(1, rows.length), to: rows.length });
      builder.append(batch, { selection, from: 0, to: selection.length });
      const codec = makeFrameCodec(schema);
      const expected = [...rows.keys()].slice(1).concat([...selection]);
      const source = rowsOf(schema, batch);
      const back = codec.decode(codec.encode(builder.build(), null));
      expect(rowsOf(schema, back)).toEqual(expected.map((row) => source[row]));
      expect(weightsOf(back) ?? expected.map(() => 1)).toEqual(expected.map((row) => weights?.[row] ?? 1));
    }),
    { numRuns: 300 },
  );
});

const text: Schema = { columns: [{ name: "t", type: { id: "varchar" } }] };
const encode = (value: string): Uint8Array => new TextEncoder().encode(value);

test("strings are compacted: bytes that no value shows do not travel", () => {
  const bytes = new Uint8Array(100_000);
  bytes.set(encode("hello"), 70_000);
  const column: Column = {
    phys: "bytes",
    start: Int32Array.of(70_000, 70_001, 0),
    end: Int32Array.of(70_005, 70_003, 0),
    bytes,
    validity: null,
  };
  const codec = makeFrameCodec(text);
  const frame = codec.encode({ rows: 3, columns: [column], weights: null }, null);
  expect(frame.byteLength).toBe(1_024);
  expect(rowsOf(text, codec.decode(frame))).toEqual([["hello"], ["el"], [""]]);
});

test("what lies below a NULL does not travel", () => {
  const bytes = new Uint8Array(5_000);
  const column: Column = { phys: "bytes", start: Int32Array.of(0), end: Int32Array.of(5_000), bytes, validity: Uint8Array.of(0) };
  const codec = makeFrameCodec(text);
  expect(codec.measure({ rows: 1, columns: [column], weights: null })).toBeLessThan(100);
});

test("columns longer than the batch are cut to its rows", () => {
  const schema: Schema = { columns: [{ name: "a", type: { id: "bigint" } }] };
  const column: Column = { phys: "i64", values: BigInt64Array.of(1n, 2n, 3n), validity: Uint8Array.of(1, 0, 1) };
  const codec = makeFrameCodec(schema);
  const back = codec.decode(codec.encode({ rows: 2, columns: [column], weights: Int32Array.of(1, -1, 5) }, null));
  expect(rowsOf(schema, back)).toEqual([[1n], [null]]);
  expect(weightsOf(back)).toEqual([1, -1]);
});

test("a pooled buffer is used again when it is large enough, and leaves nothing behind", () => {
  const codec = makeFrameCodec(text);
  const large = codec.encode(batchOf(text, [["x".repeat(3_000)], [null]]), null);
  const again = codec.encode(batchOf(text, [["short"]]), large);
  expect(again).toBe(large);
  expect(rowsOf(text, codec.decode(again))).toEqual([["short"]]);
  expect(codec.encode(batchOf(text, [["y".repeat(9_000)]]), large)).not.toBe(large);
});

test("a frame of another schema, another version or cut short is refused", () => {
  const codec = makeFrameCodec(text);
  const frame = codec.encode(batchOf(text, [["x".repeat(2_000)]]), null);
  const other = makeFrameCodec({ columns: [{ name: "t", type: { id: "bigint" } }] });
  expect(() => other.decode(frame)).toThrow("its columns are not those of the schema");
  expect(() => codec.decode(frame.slice(0, 1_000))).toThrow("it was cut off");
  expect(() => codec.decode(new ArrayBuffer(8))).toThrow("shorter than its header");
  new Int32Array(frame)[0] = 0;
  expect(() => codec.decode(frame)).toThrow("not a frame of this version");
});
