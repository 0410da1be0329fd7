import { decimalText } from "../contract/text-number.ts";
import { dateInfinity, dateText, timestampInfinity, timestampText, timeText } from "../contract/text-time.ts";
import type { SqlType } from "../contract/types.ts";
import type { Interval, Value } from "../contract/value.ts";

/** The text of a value as DuckDB casts it to VARCHAR; NULL inside a list or struct is `NULL`. `parseText` reads it back, but for nested types. */
export function formatValue(type: SqlType, value: Value): string {
  if (value === null) return "NULL";
  switch (type.id) {
    case "boolean":
      return value === true ? "true" : "false";
    case "real":
      return floatText(value as number, shortestReal(value as number));
    case "double":
      return floatText(value as number, value as number);
    case "decimal":
      return decimalText(value as bigint, type.scale);
    case "date":
      return value === dateInfinity || value === -dateInfinity ? dateText(value) : era(dateText(value as number));
    case "time":
      return timeText(Number(value as bigint));
    case "timestamp":
      return era(timestampText(value as bigint, ""));
    case "timestamptz":
      return value === timestampInfinity || value === -timestampInfinity
        ? timestampText(value, "")
        : era(timestampText(value as bigint, "+00"));
    case "interval":
      return intervalText(value as Interval);
    case "blob":
      return blobText(value as Uint8Array);
    case "list":
      return `[${(value as readonly Value[]).map((item) => nested(type.element, item)).join(", ")}]`;
    case "struct":
      return `{${type.fields.map((f, i) => `'${f.name}': ${nested(f.type, (value as readonly Value[])[i] ?? null)}`).join(", ")}}`;
    case "map":
      return `{${(value as readonly (readonly Value[])[]).map(([k, v]) => `${nested(type.key, k ?? null)}=${nested(type.value, v ?? null)}`).join(", ")}}`;
    default:
      return String(value as string | number | bigint);
  }
}

/** DuckDB writes `(BC)` in brackets. */
const era = (text: string): string => text.replace(/ BC$/, " (BC)");

/** A text that could be taken for something else is quoted. */
function nested(type: SqlType, value: Value): string {
  const text = formatValue(type, value);
  if (value === null || (type.id !== "varchar" && type.id !== "json")) return text;
  return /^$|^\s|\s$|^null$|[[\](){}'",:=\\]/i.test(text) ? `'${text.replaceAll(/['\\]/g, "\\$&")}'` : text;
}

/** Always with a point or an exponent, so that it shows as no integer. */
function floatText(value: number, shortest: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (Object.is(value, -0)) return "-0.0";
  const size = Math.abs(shortest);
  if (size !== 0 && (size >= 1e16 || size < 1e-4)) return shortest.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
  return Number.isInteger(shortest) ? `${shortest}.0` : String(shortest);
}

/** The double with the fewest digits that is the same REAL. */
function shortestReal(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === value) return candidate;
  }
  return value;
}

function blobText(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) {
    const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x5c && byte !== 0x27 && byte !== 0x22;
    text += plain ? String.fromCharCode(byte) : `\\x${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return text;
}

/** `1 year 2 months 3 days 04:05:06.7`. */
function intervalText({ months, days, micros }: Interval): string {
  const years = Math.trunc(months / 12);
  const parts = [counted(years, "year"), counted(months - years * 12, "month"), counted(days, "day")].filter((part) => part !== "");
  if (micros !== 0n || parts.length === 0) parts.push(clockText(micros));
  return parts.join(" ");
}

const counted = (count: number, unit: string): string => (count === 0 ? "" : `${count} ${unit}${Math.abs(count) === 1 ? "" : "s"}`);

function clockText(micros: bigint): string {
  const size = micros < 0n ? -micros : micros;
  const hours = String(size / 3_600_000_000n).padStart(2, "0");
  return `${micros < 0n ? "-" : ""}${hours}${timeText(Number(size % 3_600_000_000n)).slice(2)}`;
}
