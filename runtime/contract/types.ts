/**
 * SQL types, as the planner names them and as batches store them.
 * The names are DuckDB's in lower case; the physical layout is design section 4.
 */
export type SimpleTypeId =
  | "boolean"
  | "tinyint"
  | "smallint"
  | "integer"
  | "bigint"
  | "hugeint"
  | "utinyint"
  | "usmallint"
  | "uinteger"
  | "ubigint"
  | "real"
  | "double"
  | "varchar"
  | "json"
  | "blob"
  | "uuid"
  | "date"
  | "time"
  | "timestamp"
  | "timestamptz"
  | "interval";

export type SqlType =
  | { readonly id: SimpleTypeId }
  | { readonly id: "decimal"; readonly width: number; readonly scale: number }
  | { readonly id: "list"; readonly element: SqlType }
  | { readonly id: "struct"; readonly fields: readonly Field[] }
  | { readonly id: "map"; readonly key: SqlType; readonly value: SqlType };

export type TypeId = SqlType["id"];

export interface Field {
  readonly name: string;
  readonly type: SqlType;
}

/** The columns of a stream, a table or a state table, in order. */
export interface Schema {
  readonly columns: readonly Field[];
}

/** How the values of a type lie in a batch; see `Column` in batch.ts. A map is a list of struct(key, value). */
export type Physical = "u8" | "i32" | "i64" | "i128" | "f64" | "bytes" | "interval" | "list" | "struct";

const simplePhysical: Readonly<Record<SimpleTypeId, Physical>> = {
  boolean: "u8",
  tinyint: "i32",
  smallint: "i32",
  integer: "i32",
  utinyint: "i32",
  usmallint: "i32",
  date: "i32",
  uinteger: "i64",
  bigint: "i64",
  time: "i64",
  timestamp: "i64",
  timestamptz: "i64",
  ubigint: "i128",
  hugeint: "i128",
  real: "f64",
  double: "f64",
  varchar: "bytes",
  json: "bytes",
  blob: "bytes",
  uuid: "bytes",
  interval: "interval",
};

export function physicalOf(type: SqlType): Physical {
  switch (type.id) {
    case "decimal":
      return type.width <= 18 ? "i64" : "i128";
    case "list":
    case "map":
      return "list";
    case "struct":
      return "struct";
    default:
      return simplePhysical[type.id];
  }
}

export const simple = (id: SimpleTypeId): SqlType => ({ id });
export const boolean = simple("boolean");
export const integer = simple("integer");
export const bigint = simple("bigint");
export const hugeint = simple("hugeint");
export const double = simple("double");
export const varchar = simple("varchar");
export const timestamp = simple("timestamp");
export const interval = simple("interval");

/** A map's element in the physical layout. */
export const mapEntry = (type: Extract<SqlType, { id: "map" }>): SqlType => ({
  id: "struct",
  fields: [
    { name: "key", type: type.key },
    { name: "value", type: type.value },
  ],
});

export function sameType(a: SqlType, b: SqlType): boolean {
  return formatType(a) === formatType(b);
}

const shortNames: Readonly<Record<string, string>> = { timestamptz: "TIMESTAMP WITH TIME ZONE", real: "FLOAT" };

const quoted = (name: string): string => (/^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`);

/** The type as DuckDB writes it: `DECIMAL(18,3)`, `INTEGER[]`, `STRUCT(a INTEGER)`, `MAP(VARCHAR, BIGINT)`. */
export function formatType(type: SqlType): string {
  switch (type.id) {
    case "decimal":
      return `DECIMAL(${type.width},${type.scale})`;
    case "list":
      return `${formatType(type.element)}[]`;
    case "map":
      return `MAP(${formatType(type.key)}, ${formatType(type.value)})`;
    case "struct":
      return `STRUCT(${type.fields.map((f) => `${quoted(f.name)} ${formatType(f.type)}`).join(", ")})`;
    default:
      return shortNames[type.id] ?? type.id.toUpperCase();
  }
}
