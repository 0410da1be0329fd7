import type { SqlType } from "../contract/types.ts";
import type { Value } from "../contract/value.ts";
import { parseInterval } from "./parse-interval.ts";
import { parseDecimal, parseDouble, parseInteger, parseReal } from "./parse-number.ts";
import { parseDate, parseTime, parseTimestamp } from "./parse-time.ts";

/** The value that a text means as a type that is no list, struct or map; null when it is none. */
export function parseScalar(type: SqlType, text: string): Value {
  switch (type.id) {
    case "boolean":
      return parseBoolean(text);
    case "tinyint":
    case "smallint":
    case "integer":
    case "utinyint":
    case "usmallint": {
      const value = parseInteger(type.id, text);
      return value === null ? null : Number(value);
    }
    case "bigint":
    case "hugeint":
    case "uinteger":
    case "ubigint":
      return parseInteger(type.id, text);
    case "decimal":
      return parseDecimal(text, type.width, type.scale);
    case "real":
      return parseReal(text);
    case "double":
      return parseDouble(text);
    case "varchar":
      return text;
    case "json":
      return isJson(text) ? text : null;
    case "uuid":
      return parseUuid(text);
    case "blob":
      return parseBlob(text);
    case "date":
      return parseDate(text);
    case "time":
      return parseTime(text);
    case "timestamp":
    case "timestamptz":
      return parseTimestamp(text);
    case "interval":
      return parseInterval(text);
    case "list":
    case "struct":
    case "map":
      return null;
  }
}

const booleans: Readonly<Record<string, boolean>> = {
  true: true,
  t: true,
  yes: true,
  y: true,
  "1": true,
  false: false,
  f: false,
  no: false,
  n: false,
  "0": false,
};

export function parseBoolean(text: string): boolean | null {
  const word = text.trim().toLowerCase();
  return Object.hasOwn(booleans, word) ? (booleans[word] as boolean) : null;
}

/** The 36-character form, in lower case. */
export function parseUuid(text: string): string | null {
  const hex = text
    .trim()
    .replace(/^\{(.*)\}$/, "$1")
    .replaceAll("-", "")
    .toLowerCase();
  if (!/^[0-9a-f]{32}$/.test(hex)) return null;
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Postgres' form `\x0aff` and DuckDB's, where `\x0A` stands for one byte among plain text. */
export function parseBlob(text: string): Uint8Array | null {
  const postgres = /^\\x((?:[0-9a-f]{2})*)$/i.exec(text);
  if (postgres !== null) return Uint8Array.from(Buffer.from(postgres[1] as string, "hex"));
  if (/\\(?!x[0-9a-f]{2})/i.test(text)) return null;
  const parts = text.split(/\\x([0-9a-f]{2})/i);
  return Uint8Array.from(Buffer.concat(parts.map((part, i) => Buffer.from(part, i % 2 === 1 ? "hex" : "utf8"))));
}

export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
