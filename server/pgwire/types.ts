import type { SimpleTypeId, SqlType } from "../../runtime/contract/types.ts";

/** Object ids of Postgres' built-in types (pg_type.dat), each with its array type and its size on the wire (-1 = varies). */
interface PgType {
  readonly oid: number;
  readonly arrayOid: number;
  readonly size_bytes: number;
}

const pg = {
  bool: { oid: 16, arrayOid: 1000, size_bytes: 1 },
  bytea: { oid: 17, arrayOid: 1001, size_bytes: -1 },
  int8: { oid: 20, arrayOid: 1016, size_bytes: 8 },
  int2: { oid: 21, arrayOid: 1005, size_bytes: 2 },
  int4: { oid: 23, arrayOid: 1007, size_bytes: 4 },
  text: { oid: 25, arrayOid: 1009, size_bytes: -1 },
  json: { oid: 114, arrayOid: 199, size_bytes: -1 },
  float4: { oid: 700, arrayOid: 1021, size_bytes: 4 },
  float8: { oid: 701, arrayOid: 1022, size_bytes: 8 },
  // Arrays of varchar are text[]: asyncpg recurses without end on varchar[].
  varchar: { oid: 1043, arrayOid: 1009, size_bytes: -1 },
  date: { oid: 1082, arrayOid: 1182, size_bytes: 4 },
  time: { oid: 1083, arrayOid: 1183, size_bytes: 8 },
  timestamp: { oid: 1114, arrayOid: 1115, size_bytes: 8 },
  timestamptz: { oid: 1184, arrayOid: 1185, size_bytes: 8 },
  interval: { oid: 1186, arrayOid: 1187, size_bytes: 16 },
  numeric: { oid: 1700, arrayOid: 1231, size_bytes: -1 },
  uuid: { oid: 2950, arrayOid: 2951, size_bytes: 16 },
} as const satisfies Record<string, PgType>;

/** The narrowest Postgres type that holds every value. */
const simpleTypes = {
  boolean: pg.bool,
  tinyint: pg.int2,
  smallint: pg.int2,
  utinyint: pg.int2,
  integer: pg.int4,
  usmallint: pg.int4,
  bigint: pg.int8,
  uinteger: pg.int8,
  hugeint: pg.numeric,
  ubigint: pg.numeric,
  real: pg.float4,
  double: pg.float8,
  varchar: pg.varchar,
  json: pg.json,
  blob: pg.bytea,
  uuid: pg.uuid,
  date: pg.date,
  time: pg.time,
  timestamp: pg.timestamp,
  timestamptz: pg.timestamptz,
  interval: pg.interval,
} as const satisfies Record<SimpleTypeId, PgType>;

function pgTypeOf(type: SqlType): PgType {
  switch (type.id) {
    case "decimal":
      return pg.numeric;
    case "struct":
    case "map":
      return pg.json;
    case "list": {
      // Postgres has one array type for all dimensions.
      const { arrayOid } = pgTypeOf(innermost(type));
      return { oid: arrayOid, arrayOid, size_bytes: -1 };
    }
    default:
      return simpleTypes[type.id];
  }
}

/** The element type below all levels of lists. */
export function innermost(type: SqlType): SqlType {
  return type.id === "list" ? innermost(type.element) : type;
}

export const oidOf = (type: SqlType): number => pgTypeOf(type).oid;

/** The element type that a binary array names. */
export function elementOidOf(list: SqlType): number {
  const oid = oidOf(innermost(list));
  return oid === pg.varchar.oid ? pg.text.oid : oid;
}

const sizes: ReadonlyMap<number, number> = new Map(Object.values(pg).map(({ oid, size_bytes }) => [oid, size_bytes]));

export const sizeOfOid = (oid: number): number => sizes.get(oid) ?? -1;

/** numeric(p, s) in Postgres' packing; -1 = none. */
export const typmodOf = (type: SqlType): number => (type.id === "decimal" ? ((type.width << 16) | type.scale) + 4 : -1);

export const textOid: number = pg.text.oid;
const jsonbOid = 3802;
/** The scale of a numeric parameter is that of its value; in an array, where one scale must do, it is this. */
const numericParameter: SqlType = { id: "decimal", width: 38, scale: 10 };

const scalarParameters: ReadonlyMap<number, SqlType> = new Map<number, SqlType>([
  [pg.bool.oid, { id: "boolean" }],
  [pg.bytea.oid, { id: "blob" }],
  [18, { id: "varchar" }], // "char"
  [19, { id: "varchar" }], // name
  [pg.int8.oid, { id: "bigint" }],
  [pg.int2.oid, { id: "smallint" }],
  [pg.int4.oid, { id: "integer" }],
  [pg.text.oid, { id: "varchar" }],
  [26, { id: "uinteger" }], // oid
  [pg.json.oid, { id: "json" }],
  [pg.float4.oid, { id: "real" }],
  [pg.float8.oid, { id: "double" }],
  [1042, { id: "varchar" }], // bpchar
  [pg.varchar.oid, { id: "varchar" }],
  [pg.date.oid, { id: "date" }],
  [pg.time.oid, { id: "time" }],
  [pg.timestamp.oid, { id: "timestamp" }],
  [pg.timestamptz.oid, { id: "timestamptz" }],
  [pg.interval.oid, { id: "interval" }],
  [pg.numeric.oid, numericParameter],
  [pg.uuid.oid, { id: "uuid" }],
  [jsonbOid, { id: "json" }],
]);

const arrayParameters: ReadonlyMap<number, SqlType> = new Map<number, SqlType>([
  ...Object.values(pg).map(({ oid, arrayOid }): [number, SqlType] => [
    arrayOid,
    { id: "list", element: scalarParameters.get(oid) as SqlType },
  ]),
  [1015, { id: "list", element: { id: "varchar" } }],
  [1028, { id: "list", element: { id: "uinteger" } }],
]);

/** The type of a parameter that the client declared by object id; null = unknown to us, or left to the server (0, `unknown`). */
export const typeOfOid = (oid: number): SqlType | null => scalarParameters.get(oid) ?? arrayParameters.get(oid) ?? null;

/** jsonb's binary form has a version byte in front of its text. */
export const isJsonb = (oid: number): boolean => oid === jsonbOid;
