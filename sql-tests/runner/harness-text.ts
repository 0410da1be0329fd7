import type { Batch } from "../../runtime/contract/batch.ts";
import { rowsOf } from "../../runtime/contract/rows.ts";
import { formatText } from "../../runtime/contract/text.ts";
import { daysFromCivil, timestampInfinity } from "../../runtime/contract/text-time.ts";
import { physicalOf, type Schema, type SqlType } from "../../runtime/contract/types.ts";
import type { Value } from "../../runtime/contract/value.ts";

/** The compact text of rows in operator tests: one word a value, `NULL` for NULL, quotes where a word would not do. */

const quotedWord = /'((?:[^']|'')*)'|(\S+)/g;

/** The words of one line; a word in single quotes may hold spaces and is never NULL. */
export function wordsOf(line: string): readonly { readonly text: string; readonly quoted: boolean }[] {
  return [...line.matchAll(quotedWord)].map((m) =>
    m[1] === undefined ? { text: m[2] as string, quoted: false } : { text: m[1].replaceAll("''", "'"), quoted: true },
  );
}

export function parseRow(schema: Schema, words: ReturnType<typeof wordsOf>): Value[] {
  if (words.length !== schema.columns.length) {
    const names = schema.columns.map((c) => c.name).join(", ");
    throw new Error(`a row has ${words.length} words for the columns (${names}): ${words.map((w) => w.text).join(" ")}`);
  }
  return schema.columns.map((column, c) => {
    const word = words[c] as { text: string; quoted: boolean };
    return word.text === "NULL" && !word.quoted ? null : parseValue(column.type, word.text);
  });
}

export function parseValue(type: SqlType, text: string): Value {
  switch (type.id) {
    case "boolean":
      return text === "true";
    case "timestamp":
    case "timestamptz":
      return parseTime(text);
    case "date":
      return Number(parseTime(`${text}T00:00:00`) / 86_400_000_000n);
    case "time":
      return parseTime(text);
    case "decimal":
      return parseDecimal(text, type.scale);
    default:
      break;
  }
  switch (physicalOf(type)) {
    case "i32":
    case "f64":
      return Number(text);
    case "i64":
    case "i128":
      return BigInt(text);
    case "bytes":
      return type.id === "blob" ? new TextEncoder().encode(text) : text;
    default:
      throw new Error(`a test row cannot spell a ${type.id}: pass it with \`rows\``);
  }
}

/** `HH:MM:SS[.f]` on 1970-01-01 or `YYYY-MM-DDTHH:MM:SS[.f]`, `infinity`, or µs as `123us`. */
export function parseTime(text: string): bigint {
  if (text === "infinity" || text === "max") return timestampInfinity;
  if (text === "-infinity") return -timestampInfinity;
  const micros = /^(-?\d+)us$/.exec(text);
  if (micros !== null) return BigInt(micros[1] as string);
  const m = /^(?:(\d{4})-(\d\d)-(\d\d)T)?(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?$/.exec(text);
  if (m === null) throw new Error(`not a time: ${text}`);
  const days = m[1] === undefined ? 0 : daysFromCivil(Number(m[1]), Number(m[2]), Number(m[3]));
  const seconds = days * 86_400 + Number(m[4]) * 3_600 + Number(m[5]) * 60 + Number(m[6]);
  return BigInt(seconds) * 1_000_000n + BigInt((m[7] ?? "").padEnd(6, "0"));
}

function parseDecimal(text: string, scale: number): bigint {
  const [whole, fraction = ""] = text.split(".");
  return BigInt(`${whole}${fraction.padEnd(scale, "0")}`);
}

export function formatValue(type: SqlType, value: Value): string {
  if (value === null) return "NULL";
  if (type.id === "boolean") return String(value);
  if (type.id === "timestamp" || type.id === "timestamptz") return formatTime(value as bigint);
  const text = formatText(type, value);
  return text === "NULL" || text === "" || /[\s'|]/.test(text) ? `'${text.replaceAll("'", "''")}'` : text;
}

export const formatTime = (micros: bigint): string => formatText({ id: "timestamp" }, micros).replace("1970-01-01 ", "").replace(" ", "T");

/** One line a row: `+ a 5`, `- a 5`, `+2 a 5`. */
export function formatBatch(schema: Schema, batch: Batch, prefix = ""): string[] {
  return rowsOf(schema, batch).map((row, i) => {
    const weight = batch.weights === null ? 1 : (batch.weights[i] as number);
    const count = Math.abs(weight) === 1 ? "" : String(Math.abs(weight));
    const values = row.map((value, c) => formatValue((schema.columns[c] as Schema["columns"][number]).type, value));
    return [`${prefix}${weight < 0 ? "-" : "+"}${count}`, ...values].join(" ");
  });
}

/** A script or an expectation as its lines: steps stand on lines of their own or between `|`; `#` starts a comment. */
export const linesOf = (text: string): string[] =>
  text
    .split(/\n|\|(?=(?:[^']*'[^']*')*[^']*$)/)
    .map((line) => line.replace(/(?:^|\s)#.*$/, "").trim())
    .filter((line) => line !== "");
