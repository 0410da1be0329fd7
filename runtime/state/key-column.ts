import type { Column, IntervalColumn, Validity } from "../contract/batch.ts";
import { columnOf, valueAt } from "../contract/rows.ts";
import { physicalOf, type SqlType, varchar } from "../contract/types.ts";
import type { ColumnBuffer } from "../kernels/column-buffer.ts";
import { kernels, type Pointer } from "../kernels/kernels.ts";
import { stageF64, stageI64, stageIntegers, stageStrings } from "../kernels/stage-column.ts";
import { normalInterval, valueFromText, valueToText } from "./value-text.ts";

/** How the values of one key column become words that are equal exactly where SQL's grouping holds the values for equal. */
export interface KeyColumn {
  readonly words: 1 | 2;
  /** The (single) word is a string word: it may refer to the dictionary. */
  readonly string: boolean;
  /** Staged words of the first `rows` rows; words of NULL rows are arbitrary, but never refer to the dictionary. */
  encode(column: Column, rows: number, dictionary: Pointer): readonly Pointer[];
  /** The values behind staged words. */
  decode(words: readonly Pointer[], rows: number, validity: Validity, buffer: ColumnBuffer): Column;
}

const integers = (phys: "u8" | "i32" | "i64"): KeyColumn => ({
  words: 1,
  string: false,
  encode: (column, rows) => [stageIntegers(column, rows)],
  decode: ([words], rows, validity, buffer) => buffer[phys](words as Pointer, rows, validity),
});

const floats: KeyColumn = {
  words: 1,
  string: false,
  encode(column, rows) {
    const { run, staging } = kernels();
    const words = staging.bytes(rows * 8);
    run.floatKeys(stageF64((column as Extract<Column, { phys: "f64" }>).values, rows), rows, words);
    return [words];
  },
  decode: ([words], rows, validity, buffer) => buffer.f64(words as Pointer, rows, validity),
};

const wide: KeyColumn = {
  words: 2,
  string: false,
  encode(column, rows) {
    const { lo, hi } = column as Extract<Column, { phys: "i128" }>;
    return [stageI64(lo, rows), stageI64(hi, rows)];
  },
  decode: ([lo, hi], rows, validity, buffer) => buffer.i128(lo as Pointer, hi as Pointer, rows, validity),
};

function encodeStrings(column: Column, rows: number, dictionary: Pointer): readonly Pointer[] {
  const { run, staging } = kernels();
  const bytes = column as Extract<Column, { phys: "bytes" }>;
  const { starts, ends, base, validity } = stageStrings(bytes, rows);
  const words = staging.bytes(rows * 8);
  run.stringWords(dictionary, starts, ends, base, validity, rows, words);
  return [words];
}

const strings: KeyColumn = {
  words: 1,
  string: true,
  encode: encodeStrings,
  decode: ([words], rows, validity, buffer) => buffer.strings(words as Pointer, rows, validity),
};

const intervals: KeyColumn = {
  words: 2,
  string: false,
  encode(column, rows) {
    const { months, days, micros } = column as IntervalColumn;
    const calendar = new BigInt64Array(rows);
    const clock = new BigInt64Array(rows);
    const halves = new Int32Array(calendar.buffer);
    for (let i = 0; i < rows; i++) {
      const normal = normalInterval(months[i] as number, days[i] as number, micros[i] as bigint);
      halves[2 * i] = normal.days;
      halves[2 * i + 1] = normal.months;
      clock[i] = normal.micros;
    }
    return [stageI64(calendar, rows), stageI64(clock, rows)];
  },
  decode([calendar, clock], rows, validity) {
    const { heap } = kernels();
    const { i32, i64 } = heap();
    const at = (calendar as Pointer) >>> 2;
    const months = new Int32Array(rows);
    const days = new Int32Array(rows);
    for (let i = 0; i < rows; i++) {
      days[i] = i32[at + 2 * i] as number;
      months[i] = i32[at + 2 * i + 1] as number;
    }
    const micros = i64.slice((clock as Pointer) >>> 3, ((clock as Pointer) >>> 3) + rows);
    return { phys: "interval", months, days, micros, validity };
  },
};

/** Lists, structs and maps, by their text. */
const nested = (type: SqlType): KeyColumn => ({
  words: 1,
  string: true,
  encode(column, rows, dictionary) {
    const texts = Array.from({ length: rows }, (_, i) => {
      const value = valueAt(type, column, i);
      return value === null ? null : valueToText(value);
    });
    return encodeStrings(columnOf(varchar, texts), rows, dictionary);
  },
  decode([words], rows, validity, buffer) {
    const texts = buffer.strings(words as Pointer, rows, validity);
    const values = Array.from({ length: rows }, (_, i) => {
      const text = valueAt(varchar, texts, i);
      return text === null ? null : valueFromText(type, text as string);
    });
    return columnOf(type, values);
  },
});

export function keyColumnOf(type: SqlType): KeyColumn {
  const phys = physicalOf(type);
  switch (phys) {
    case "u8":
    case "i32":
    case "i64":
      return integers(phys);
    case "f64":
      return floats;
    case "i128":
      return wide;
    case "bytes":
      return strings;
    case "interval":
      return intervals;
    case "list":
    case "struct":
      return nested(type);
  }
}
