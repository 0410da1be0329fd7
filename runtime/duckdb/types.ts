import {
  BIGINT,
  BLOB,
  BOOLEAN,
  DATE,
  DECIMAL,
  DOUBLE,
  type DuckDBDecimalType,
  type DuckDBListType,
  type DuckDBMapType,
  DuckDBStructType,
  type DuckDBType,
  DuckDBTypeId,
  DuckDBVarCharType,
  FLOAT,
  HUGEINT,
  INTEGER,
  INTERVAL,
  LIST,
  MAP,
  SMALLINT,
  TIME,
  TIMESTAMP,
  TIMESTAMPTZ,
  TINYINT,
  UBIGINT,
  UINTEGER,
  USMALLINT,
  UTINYINT,
  UUID,
  VARCHAR,
} from "@duckdb/node-api";
import { simple, type SimpleTypeId, type SqlType } from "../contract/types.ts";

const simpleIds: ReadonlyMap<DuckDBTypeId, SimpleTypeId> = new Map([
  [DuckDBTypeId.BOOLEAN, "boolean"],
  [DuckDBTypeId.TINYINT, "tinyint"],
  [DuckDBTypeId.SMALLINT, "smallint"],
  [DuckDBTypeId.INTEGER, "integer"],
  [DuckDBTypeId.BIGINT, "bigint"],
  [DuckDBTypeId.HUGEINT, "hugeint"],
  [DuckDBTypeId.UTINYINT, "utinyint"],
  [DuckDBTypeId.USMALLINT, "usmallint"],
  [DuckDBTypeId.UINTEGER, "uinteger"],
  [DuckDBTypeId.UBIGINT, "ubigint"],
  [DuckDBTypeId.FLOAT, "real"],
  [DuckDBTypeId.DOUBLE, "double"],
  [DuckDBTypeId.VARCHAR, "varchar"],
  [DuckDBTypeId.BLOB, "blob"],
  [DuckDBTypeId.UUID, "uuid"],
  [DuckDBTypeId.DATE, "date"],
  [DuckDBTypeId.TIME, "time"],
  [DuckDBTypeId.TIMESTAMP, "timestamp"],
  [DuckDBTypeId.TIMESTAMP_TZ, "timestamptz"],
  [DuckDBTypeId.INTERVAL, "interval"],
]);

/** The SQL type of a DuckDB column; types that a batch has no layout for (ENUM, UNION, TIMESTAMP_S …) are read as their text. */
export function fromDuckdbType(type: DuckDBType): SqlType {
  switch (type.typeId) {
    case DuckDBTypeId.DECIMAL: {
      const { width, scale } = type as DuckDBDecimalType;
      return { id: "decimal", width, scale };
    }
    case DuckDBTypeId.LIST:
      return { id: "list", element: fromDuckdbType((type as DuckDBListType).valueType) };
    case DuckDBTypeId.STRUCT: {
      const struct = type as DuckDBStructType;
      return {
        id: "struct",
        fields: struct.entryNames.map((name, i) => ({ name, type: fromDuckdbType(struct.entryTypes[i] ?? DECIMAL()) })),
      };
    }
    case DuckDBTypeId.MAP: {
      const map = type as DuckDBMapType;
      return { id: "map", key: fromDuckdbType(map.keyType), value: fromDuckdbType(map.valueType) };
    }
    default:
      if (type.alias === "JSON") return simple("json");
      return simple(simpleIds.get(type.typeId) ?? "varchar");
  }
}

const simpleTypes: Readonly<Record<SimpleTypeId, DuckDBType>> = {
  boolean: BOOLEAN,
  tinyint: TINYINT,
  smallint: SMALLINT,
  integer: INTEGER,
  bigint: BIGINT,
  hugeint: HUGEINT,
  utinyint: UTINYINT,
  usmallint: USMALLINT,
  uinteger: UINTEGER,
  ubigint: UBIGINT,
  real: FLOAT,
  double: DOUBLE,
  varchar: VARCHAR,
  json: new DuckDBVarCharType("JSON"),
  blob: BLOB,
  uuid: UUID,
  date: DATE,
  time: TIME,
  timestamp: TIMESTAMP,
  timestamptz: TIMESTAMPTZ,
  interval: INTERVAL,
};

/** The type of a registered function's argument or result. */
export function toDuckdbType(type: SqlType): DuckDBType {
  switch (type.id) {
    case "decimal":
      return DECIMAL(type.width, type.scale);
    case "list":
      return LIST(toDuckdbType(type.element));
    case "struct":
      return new DuckDBStructType(
        type.fields.map((field) => field.name),
        type.fields.map((field) => toDuckdbType(field.type)),
      );
    case "map":
      return MAP(toDuckdbType(type.key), toDuckdbType(type.value));
    default:
      return simpleTypes[type.id];
  }
}
