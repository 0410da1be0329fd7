import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { batchOf } from "../../runtime/contract/rows.ts";
import { formatText } from "../../runtime/contract/text.ts";
import type { SqlType } from "../../runtime/contract/types.ts";
import type { Value } from "../../runtime/contract/value.ts";
import { rowWriter } from "./data-rows.ts";
import { MessageWriter } from "./message-writer.ts";
import { readBinaryParameter } from "./parse-binary.ts";
import { parseValue } from "./parse-value.ts";
import { oidOf } from "./types.ts";

const int64 = fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n });
const years = fc.bigInt({ min: -62_135_596_800_000_000n, max: 253_402_300_799_999_999n });
const interval = fc.record({
  months: fc.integer({ min: -9_999, max: 9_999 }),
  days: fc.integer(),
  micros: fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }),
});
const columns: readonly (readonly [SqlType, fc.Arbitrary<Exclude<Value, null>>])[] = [
  [{ id: "boolean" }, fc.boolean()],
  [{ id: "smallint" }, fc.integer({ min: -32_768, max: 32_767 })],
  [{ id: "integer" }, fc.integer()],
  [{ id: "bigint" }, fc.oneof(int64, fc.bigInt({ min: -(2n ** 54n), max: 2n ** 54n }))],
  [{ id: "hugeint" }, fc.bigInt({ min: -(10n ** 37n), max: 10n ** 37n })],
  [{ id: "real" }, fc.float({ noNaN: true })],
  [{ id: "double" }, fc.double({ noNaN: true })],
  [{ id: "date" }, fc.integer({ min: -800_000, max: 2_000_000 })],
  [{ id: "time" }, fc.bigInt({ min: 0n, max: 86_399_999_999n })],
  [{ id: "timestamp" }, years],
  [{ id: "timestamptz" }, years],
  [{ id: "interval" }, interval],
  [{ id: "varchar" }, fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\0"))],
  [{ id: "blob" }, fc.uint8Array()],
  [{ id: "uuid" }, fc.uuid()],
  [{ id: "list", element: { id: "varchar" } }, fc.array(fc.option(fc.string().filter((text) => !text.includes("\0"))), { minLength: 1 })],
  [{ id: "list", element: { id: "double" } }, fc.array(fc.option(fc.double({ noNaN: true })))],
];

const textOf = (bytes: Uint8Array): string => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);

/** The cells that the writer made of one column, after checking that each message is whole. */
function cellsOf(type: SqlType, values: readonly Value[], binary: boolean): (Uint8Array | null)[] {
  const writer = new MessageWriter(8);
  const schema = { columns: [{ name: "c", type }] };
  const write = rowWriter(
    writer,
    schema,
    [binary ? "binary" : "text"],
    batchOf(
      schema,
      values.map((value) => [value]),
    ),
  );
  return values.map((_, row) => {
    writer.at = 0;
    write(row);
    const bytes = Buffer.from(writer.buffer.subarray(0, writer.at));
    expect([bytes.toString("latin1", 0, 1), bytes.readInt32BE(1), bytes.readInt16BE(5)]).toEqual(["D", bytes.length - 1, 1]);
    const length = bytes.readInt32BE(7);
    expect(bytes.length).toBe(11 + Math.max(length, 0));
    return length < 0 ? null : bytes.subarray(11);
  });
}

describe("data rows", () => {
  it.each(columns)("%j: text cells are formatText's, and read back as the same value", (type, values) => {
    fc.assert(
      fc.property(fc.array(fc.option(values), { maxLength: 10 }), (rows) => {
        const texts = cellsOf(type, rows, false).map((cell) => (cell === null ? null : textOf(cell)));
        expect(texts).toEqual(rows.map((value) => (value === null ? null : formatText(type, value))));
        expect(texts.map((text) => (text === null ? null : parseValue(type, text)))).toEqual(rows);
      }),
      { seed: 11, numRuns: 60 },
    );
  });

  it.each(columns)("%j: binary cells read back as the same value", (type, values) => {
    fc.assert(
      fc.property(fc.array(fc.option(values), { maxLength: 10 }), (rows) => {
        const read = cellsOf(type, rows, true).map((cell) =>
          cell === null ? null : readBinaryParameter(type, oidOf(type), Buffer.from(cell)).value,
        );
        expect(read).toEqual(rows);
      }),
      { seed: 11, numRuns: 60 },
    );
  });

  it("decimals read back exactly, in both forms", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 37n), max: 10n ** 37n }), fc.integer({ min: 0, max: 37 }), (scaled, scale) => {
        const type: SqlType = { id: "decimal", width: 38, scale };
        const [text] = cellsOf(type, [scaled], false);
        const [binary] = cellsOf(type, [scaled], true);
        expect(parseValue(type, textOf(text as Uint8Array))).toBe(scaled);
        expect(readBinaryParameter(type, 1700, Buffer.from(binary as Uint8Array))).toEqual({ type, value: scaled });
      }),
      { seed: 11, numRuns: 300 },
    );
  });
});
