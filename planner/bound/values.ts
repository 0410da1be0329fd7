import { assert, SqlError } from "../../runtime/contract/errors.ts";
import type { SqlType } from "../../runtime/contract/types.ts";
import type { Interval, Value } from "../../runtime/contract/value.ts";
import { integer, type Json, type JsonObject, number, object, objects, text } from "./json.ts";
import { readType } from "./types.ts";

/** A constant of the plan, `{type, is_null, value}`, as a Value of its SQL type. */
export function readConstant(json: JsonObject): { readonly value: Value; readonly type: SqlType } {
  const type = readType(object(json["type"]));
  const isNull = json["is_null"] === true || text(object(json["type"]), "id") === "NULL";
  return { type, value: isNull ? null : readValue(json["value"], type) };
}

function readValue(json: Json | undefined, type: SqlType): Value {
  switch (type.id) {
    case "boolean":
      return json === true;
    case "tinyint":
    case "smallint":
    case "integer":
    case "utinyint":
    case "usmallint":
    case "date":
    case "real":
    case "double":
      return number(json);
    case "uinteger":
    case "bigint":
    case "ubigint":
    case "time":
    case "timestamp":
    case "timestamptz":
      return integer(json);
    case "hugeint":
      return readHuge(json);
    case "decimal":
      return type.width > 18 ? readHuge(json) : integer(json);
    case "varchar":
    case "json":
      return json === undefined ? "" : readText(json);
    case "uuid":
      return readUuid(json);
    case "blob":
      return readBlob(json === undefined ? "" : readText(json));
    case "interval":
      return readInterval(json);
    default:
      return readNested(json, type);
  }
}

function readNested(json: Json | undefined, type: Extract<SqlType, { id: "list" | "struct" | "map" }>): Value {
  const children = json === undefined ? [] : objects(object(json), "children");
  return children.map((child, i) => readChild(child, childType(type, i)));
}

/** Children of nested constants repeat their type, or leave it out where the parent says it. */
function readChild(child: JsonObject, type: SqlType): Value {
  if (child["type"] !== undefined) return readConstant(child).value;
  return child["is_null"] === true ? null : readValue(child["value"], type);
}

function childType(type: Extract<SqlType, { id: "list" | "struct" | "map" }>, i: number): SqlType {
  if (type.id === "list") return type.element;
  if (type.id === "struct") {
    const field = type.fields[i];
    assert(field !== undefined, "a struct constant has a value per field");
    return field.type;
  }
  return {
    id: "struct",
    fields: [
      { name: "key", type: type.key },
      { name: "value", type: type.value },
    ],
  };
}

function readText(json: Json): string {
  assert(typeof json === "string", "the plan has text here");
  return json;
}

/** `{upper, lower}` = upper * 2^64 + lower. */
function readHuge(json: Json | undefined): bigint {
  const halves = json === undefined ? {} : object(json);
  return (integer(halves["upper"]) << 64n) + integer(halves["lower"]);
}

function readUuid(json: Json | undefined): string {
  const hex = (readHuge(json) + (1n << 127n)).toString(16).padStart(32, "0");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** Bytes that are not printable arrive as `\xAA`. */
function readBlob(escaped: string): Uint8Array {
  const bytes = escaped.replaceAll(/\\x([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Uint8Array.from(bytes, (c) => c.charCodeAt(0));
}

function readInterval(json: Json | undefined): Interval {
  const parts = json === undefined ? {} : object(json);
  return { months: number(parts["months"]), days: number(parts["days"]), micros: integer(parts["micros"]) };
}

/** A constant that must be present: the text behind it names it in an error. */
export function requireInterval(value: Value, what: string): Interval {
  if (typeof value === "object" && value !== null && "micros" in value) return value as Interval;
  throw new SqlError({ sqlState: "22023", message: `${what} must be a constant interval`, hint: "For example INTERVAL '1 minute'." });
}
