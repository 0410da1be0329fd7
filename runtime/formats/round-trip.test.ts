import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { batchOf } from "../contract/rows.ts";
import type { Schema, SqlType } from "../contract/types.ts";
import type { Value } from "../contract/value.ts";
import { csvDialect } from "./csv-dialect.ts";
import { csvEncoder } from "./csv-encoder.ts";
import { jsonEncoder } from "./json-encoder.ts";
import { decodeCsv, decodeJson } from "../../sql-tests/runner/decode-text.ts";

const int = (bits: number): fc.Arbitrary<bigint> => fc.bigInt({ min: -(2n ** BigInt(bits - 1)), max: 2n ** BigInt(bits - 1) - 1n });
const text = fc.string({ unit: "grapheme", maxLength: 12 });
const timestamp_us = fc.bigInt({ min: -60_000_000_000_000_000n, max: 250_000_000_000_000_000n });

/** Values of each type, as value.ts has them. Blobs are left out: their forms in DuckDB's text are not unique. */
const values: readonly (readonly [SqlType, fc.Arbitrary<Value>])[] = [
  [{ id: "boolean" }, fc.boolean()],
  [{ id: "smallint" }, fc.integer({ min: -32_768, max: 32_767 })],
  [{ id: "integer" }, fc.integer()],
  [{ id: "bigint" }, int(64)],
  [{ id: "hugeint" }, int(128)],
  [{ id: "double" }, fc.double({ noNaN: true, noDefaultInfinity: true })],
  [{ id: "real" }, fc.float({ noNaN: true, noDefaultInfinity: true })],
  [{ id: "decimal", width: 18, scale: 3 }, int(59)],
  [{ id: "decimal", width: 38, scale: 10 }, int(120)],
  [{ id: "varchar" }, text],
  [{ id: "uuid" }, fc.uuid()],
  [{ id: "date" }, fc.integer({ min: -700_000, max: 2_900_000 })],
  [{ id: "time" }, fc.bigInt({ min: 0n, max: 86_399_999_999n })],
  [{ id: "timestamp" }, timestamp_us],
  [{ id: "timestamptz" }, timestamp_us],
  [
    { id: "interval" },
    fc.record({ months: fc.integer({ min: -999, max: 999 }), days: fc.integer({ min: -999, max: 999 }), micros: int(50) }),
  ],
  [{ id: "list", element: { id: "varchar" } }, fc.array(fc.option(text), { maxLength: 3 })],
  [
    {
      id: "struct",
      fields: [
        { name: "x", type: { id: "bigint" } },
        { name: "y", type: { id: "varchar" } },
      ],
    },
    fc.tuple(fc.option(int(64)), fc.option(text)).map((pair): Value => pair),
  ],
];

const schema: Schema = { columns: values.map(([type], c) => ({ name: c === 0 ? 'a "quoted", name' : `c${c}`, type })) };
const rows = fc.array(fc.tuple(...values.map(([, value]) => fc.option(value, { freq: 8 }))), { minLength: 1, maxLength: 5 });

describe("what is written is read back", () => {
  it("as JSON lines", () => {
    const encoder = jsonEncoder(schema, false);
    fc.assert(
      fc.property(rows, (given) => {
        expect(decodeJson(schema, encoder.encode(batchOf(schema, given)))).toEqual({ rows: given, bad: [] });
      }),
    );
  });

  it.each([{}, { delimiter: ";", quote: "'", null_text: "NULL" }, { header: "false" }])(
    "as CSV with %j",
    (options: Record<string, string>) => {
      const encoder = csvEncoder(
        schema,
        csvDialect((name) => options[name] ?? null),
        false,
      );
      fc.assert(
        fc.property(rows, (given) => {
          const written = encoder.header + encoder.encode(batchOf(schema, given));
          expect(decodeCsv(schema, written, options)).toEqual({ rows: given, bad: [] });
        }),
      );
    },
  );

  it("with an op column for a changelog, a row of weight n n times", () => {
    const one: Schema = { columns: [{ name: "a", type: { id: "integer" } }] };
    const batch = batchOf(one, [[1], [2]], [2, -1]);
    expect(jsonEncoder(one, true).encode(batch)).toBe('{"op":"+I","a":1}\n{"op":"+I","a":1}\n{"op":"-D","a":2}\n');
    const csv = csvEncoder(
      one,
      csvDialect(() => null),
      true,
    );
    expect(csv.header + csv.encode(batch)).toBe("op,a\n+I,1\n+I,1\n-D,2\n");
  });
});
