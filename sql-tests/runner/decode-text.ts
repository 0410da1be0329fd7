import { rowsOf } from "../../runtime/contract/rows.ts";
import type { Schema } from "../../runtime/contract/types.ts";
import type { Value } from "../../runtime/contract/value.ts";
import { csvColumns, csvDialect } from "../../runtime/formats/csv-dialect.ts";
import { CsvDecoder } from "../../runtime/formats/csv-decoder.ts";
import { csvHeader } from "../../runtime/formats/csv-header.ts";
import { JsonDecoder } from "../../runtime/formats/json-decoder.ts";
import { type BadRecord, type RowDecoder, startOfText } from "../../runtime/formats/row-decoder.ts";

export interface Decoded {
  readonly rows: Value[][];
  readonly bad: BadRecord[];
}

/** Decodes a text that arrives in chunks of so many bytes; each decode sees a fresh copy of what is there and unused. */
function decodeInChunks(schema: Schema, decoder: RowDecoder, bytes: Buffer, from: number, chunk_bytes: number): Value[][] {
  const rows: Value[][] = [];
  let used = from;
  let there = from;
  while (true) {
    const last = there === bytes.length;
    const window = Buffer.from(bytes.subarray(used, there));
    const behind = decoder.decode(window, 0, window.length, last);
    rows.push(...rowsOf(schema, decoder.batch()));
    used += behind;
    if (behind > 0) continue;
    if (last) return rows;
    there = Math.min(there + chunk_bytes, bytes.length);
  }
}

export function decodeJson(schema: Schema, text: string | Buffer, chunk_bytes = 1_000_000): Decoded {
  const bad: BadRecord[] = [];
  const decoder = new JsonDecoder(schema, startOfText, (record) => bad.push(record));
  return { rows: decodeInChunks(schema, decoder, Buffer.from(text), 0, chunk_bytes), bad };
}

export function decodeCsv(
  schema: Schema,
  text: string | Buffer,
  options: Readonly<Record<string, string>> = {},
  chunk_bytes = 1_000_000,
): Decoded {
  const bytes = Buffer.from(text);
  const dialect = csvDialect((name) => options[name] ?? null);
  const header = dialect.header ? csvHeader(dialect, (enough) => enough(bytes, true), false) : null;
  const columns = csvColumns(schema, schema, header?.names ?? null, "t.csv");
  const bad: BadRecord[] = [];
  const position = { ...startOfText, line: 1 + (header?.lines ?? 0) };
  const decoder = new CsvDecoder(schema, columns, dialect, position, (record) => bad.push(record));
  return { rows: decodeInChunks(schema, decoder, bytes, header?.length_bytes ?? 0, chunk_bytes), bad };
}
