import { type Column, words } from "./batch.ts";
import { valueAt } from "./rows.ts";
import { decimalText, doubleText, realText } from "./text-number.ts";
import { dateText, intervalText, timestampText, timestampTextOfNumber, timeText } from "./text-time.ts";
import type { SqlType } from "./types.ts";
import type { Interval, Value } from "./value.ts";

/**
 * The Postgres text form of values, for every door: DateStyle ISO, time zone UTC, arrays as `{…}`, structs and maps as JSON.
 * `formatText` is for single values, `columnText` for columns of rows, `formatJson` for values inside JSON.
 */
export function formatText(type: SqlType, value: Exclude<Value, null>): string {
  switch (type.id) {
    case "boolean":
      return value === true ? "t" : "f";
    case "real":
      return realText(value as number);
    case "double":
      return doubleText(value as number);
    case "decimal":
      return decimalText(value as bigint, type.scale);
    case "date":
      return dateText(value as number);
    case "time":
      return timeText(Number(value as bigint));
    case "timestamp":
      return timestampText(value as bigint, "");
    case "timestamptz":
      return timestampText(value as bigint, "+00");
    case "interval":
      return intervalText(value as Interval);
    case "blob":
      return `\\x${bytesOf(value as Uint8Array).toString("hex")}`;
    case "list":
      return arrayText(type.element, value as readonly Value[]);
    case "struct":
    case "map":
      return formatJson(type, value);
    default:
      return String(value as string | number | bigint);
  }
}

/** The text of each row of a column, null for NULL. Numbers and time stamps take no BigInt where a double holds them. */
export function columnText(type: SqlType, column: Column): (row: number) => string | null {
  const text = presentText(type, column);
  const validity = column.validity;
  return validity === null ? text : (row) => (validity[row] === 0 ? null : text(row));
}

function presentText(type: SqlType, column: Column): (row: number) => string {
  const general = (row: number): string => formatText(type, valueAt(type, column, row) as Exclude<Value, null>);
  switch (column.phys) {
    case "i32": {
      const values = column.values;
      return type.id === "date" ? (row) => dateText(values[row] as number) : (row) => String(values[row] as number);
    }
    case "i64":
      return int64Text(type, column.values, general);
    case "f64": {
      const values = column.values;
      return type.id === "real" ? (row) => realText(values[row] as number) : (row) => doubleText(values[row] as number);
    }
    case "bytes": {
      if (type.id === "blob") return general;
      const { start, end } = column;
      const bytes = bytesOf(column.bytes);
      return (row) => bytes.toString("utf8", start[row], end[row]);
    }
    default:
      return general;
  }
}

/** A double holds -2^53 to 2^53 exactly: there the high word lies within 2^21. */
const exactHighWord = 0x20_0000;

function int64Text(type: SqlType, values: BigInt64Array, general: (row: number) => string): (row: number) => string {
  const lanes = words(values);
  const format = numberText(type);
  return (row) => {
    const high = lanes[2 * row + 1] as number;
    return high >= -exactHighWord && high < exactHighWord
      ? format(high * 4_294_967_296 + ((lanes[2 * row] as number) >>> 0))
      : general(row);
  };
}

function numberText(type: SqlType): (value: number) => string {
  switch (type.id) {
    case "timestamp":
      return (value) => timestampTextOfNumber(value, "");
    case "timestamptz":
      return (value) => timestampTextOfNumber(value, "+00");
    case "time":
      return timeText;
    case "decimal":
      return (value) => decimalText(value, type.scale);
    default:
      return String;
  }
}

const needsQuotes = /[{},"\\\s]|^$|^null$/i;

function arrayText(element: SqlType, items: readonly Value[]): string {
  const plain = element.id === "list";
  const texts = items.map((item) => {
    if (item === null) return "NULL";
    const text = formatText(element, item);
    return plain || !needsQuotes.test(text) ? text : `"${text.replace(/["\\]/g, "\\$&")}"`;
  });
  return `{${texts.join(",")}}`;
}

/** A value as JSON text (RFC 8259), in the forms of Postgres' `to_json`: exact digits, NaN and infinities as strings. */
export function formatJson(type: SqlType, value: Value): string {
  if (value === null) return "null";
  switch (type.id) {
    case "boolean":
      return value === true ? "true" : "false";
    case "real":
    case "double":
      return Number.isFinite(value) ? formatText(type, value) : `"${formatText(type, value)}"`;
    case "timestamp":
    case "timestamptz":
      return JSON.stringify(formatText(type, value).replace(" ", "T"));
    case "varchar":
    case "uuid":
    case "blob":
    case "date":
    case "time":
    case "interval":
      return JSON.stringify(formatText(type, value));
    case "list":
      return `[${(value as readonly Value[]).map((item) => formatJson(type.element, item)).join(",")}]`;
    case "struct":
      return objectJson(type.fields.map((field, f) => [field.name, formatJson(field.type, (value as readonly Value[])[f] ?? null)]));
    case "map":
      return objectJson((value as readonly Value[]).map((entry) => mapEntryJson(type, entry as readonly Value[])));
    default:
      return formatText(type, value);
  }
}

const objectJson = (entries: readonly (readonly [string, string])[]): string =>
  `{${entries.map(([name, json]) => `${JSON.stringify(name)}:${json}`).join(",")}}`;

const mapEntryJson = (type: Extract<SqlType, { id: "map" }>, [key, value]: readonly Value[]): readonly [string, string] => [
  key === null || key === undefined ? "null" : formatText(type.key, key),
  formatJson(type.value, value ?? null),
];

const bytesOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
