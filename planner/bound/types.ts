import { SqlError } from "../../runtime/contract/errors.ts";
import { type Field, type SimpleTypeId, type SqlType, simple } from "../../runtime/contract/types.ts";
import { index, type JsonObject, object, objects, text } from "./json.ts";

const simpleIds: Readonly<Record<string, SimpleTypeId>> = {
  BOOLEAN: "boolean",
  TINYINT: "tinyint",
  SMALLINT: "smallint",
  INTEGER: "integer",
  BIGINT: "bigint",
  HUGEINT: "hugeint",
  UTINYINT: "utinyint",
  USMALLINT: "usmallint",
  UINTEGER: "uinteger",
  UBIGINT: "ubigint",
  FLOAT: "real",
  DOUBLE: "double",
  VARCHAR: "varchar",
  CHAR: "varchar",
  BLOB: "blob",
  UUID: "uuid",
  DATE: "date",
  TIME: "time",
  TIMESTAMP: "timestamp",
  "TIMESTAMP WITH TIME ZONE": "timestamptz",
  INTERVAL: "interval",
  // The type of a bare NULL, and of a value that is never read.
  NULL: "integer",
};

/** A type of the plan. Throws SqlError 0A000 for one that a batch has no layout for. */
export function readType(json: JsonObject): SqlType {
  const id = text(json, "id");
  const info = json["type_info"] === undefined ? {} : object(json["type_info"]);
  if (text(info, "alias").toUpperCase() === "JSON") return simple("json");
  const simpleId = simpleIds[id];
  if (simpleId !== undefined) return simple(simpleId);
  switch (id) {
    case "DECIMAL":
      return { id: "decimal", width: index(info, "width"), scale: index(info, "scale") };
    case "LIST":
    case "ARRAY":
      return { id: "list", element: readType(object(info["child_type"])) };
    case "STRUCT":
      return { id: "struct", fields: readFields(info) };
    case "MAP": {
      const [key, value] = readFields(object(object(info["child_type"])["type_info"]));
      if (key !== undefined && value !== undefined) return { id: "map", key: key.type, value: value.type };
    }
  }
  throw new SqlError({
    sqlState: "0A000",
    message: `type ${id.toLowerCase()} is not supported in a streaming job`,
    hint: "Cast the value to another type, for example VARCHAR.",
  });
}

const readFields = (info: JsonObject): Field[] =>
  objects(info, "child_types").map((child, i) => ({
    name: text(child, "first") === "" ? String(i + 1) : text(child, "first"),
    type: readType(object(child["second"])),
  }));

export const readTypes = (types: readonly JsonObject[]): SqlType[] => types.map(readType);
