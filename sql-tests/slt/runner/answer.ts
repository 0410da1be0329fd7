import { createHash } from "node:crypto";
import type { QueryRecord } from "./records.ts";

/** Rows of texts as the engine sent them; null is NULL. */
export type TextRows = readonly (readonly (string | null)[])[];

/** The lines that a record's answer makes: a row each, its values with a space in between. */
export function answerLines(record: QueryRecord, rows: TextRows): readonly string[] {
  const texts = rows.map((row) => row.map((value, c) => valueText(value, record.types[c] ?? "T")));
  const lines = record.sort === "valuesort" ? texts.flat().toSorted(byBytes) : sorted(record, texts);
  const values = texts.length * record.types.length;
  if (record.hashThreshold === 0 || values <= record.hashThreshold) return lines;
  const flat = record.sort === "valuesort" ? lines : sortedRows(record, texts).flat();
  const hash = createHash("md5")
    .update(flat.map((value) => `${value}\n`).join(""))
    .digest("hex");
  return [`${values} values hashing to ${hash}`];
}

const sorted = (record: QueryRecord, texts: readonly (readonly string[])[]): readonly string[] =>
  sortedRows(record, texts).map((row) => row.join(" "));

const sortedRows = ({ sort }: QueryRecord, texts: readonly (readonly string[])[]): readonly (readonly string[])[] =>
  sort === "rowsort" ? texts.toSorted((a, b) => byBytes(a.join(" "), b.join(" "))) : texts;

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** As the format prints: I whole, R with three decimals, T as it is; control characters are `@`. */
function valueText(value: string | null, type: string): string {
  if (value === null) return "NULL";
  if (type === "T") return value === "" ? "(empty)" : value.replaceAll(/[^\x20-\x7e\u00a0-\uffff]/g, "@");
  const number = Number(value);
  if (!Number.isFinite(number)) return value.toLowerCase();
  if (type === "I") return /^-?\d+$/.test(value) ? value : String(Math.trunc(number));
  const text = number.toFixed(3);
  return text === "-0.000" ? "0.000" : text;
}

/** Expectations may also stand one value a line, as SQLite writes them. */
export function isExpected(record: QueryRecord, actual: readonly string[]): boolean {
  const same = (expected: readonly string[]): boolean =>
    expected.length === actual.length && expected.every((line, i) => line === actual[i]);
  if (same(record.expected)) return true;
  const width = record.types.length;
  if (width === 1 || record.expected.length !== actual.length * width) return false;
  return same(actual.map((_, row) => record.expected.slice(row * width, (row + 1) * width).join(" ")));
}
