import { catalogNamespace, owner } from "./object-ids.ts";

interface TypeRow {
  readonly oid: number;
  readonly array: number;
  readonly name: string;
  /** As `format_type` writes it. */
  readonly format: string;
  readonly size_bytes: number;
  readonly category: string;
}

const type = (oid: number, array: number, name: string, format: string, size_bytes: number, category: string): TypeRow => ({
  oid,
  array,
  name,
  format,
  size_bytes,
  category,
});

/** Types that columns have on the wire (server/pgwire/types.ts), and those that clients ask for by name. */
const types: readonly TypeRow[] = [
  type(16, 1000, "bool", "boolean", 1, "B"),
  type(17, 1001, "bytea", "bytea", -1, "U"),
  type(18, 1002, "char", '"char"', 1, "Z"),
  type(19, 1003, "name", "name", 64, "S"),
  type(20, 1016, "int8", "bigint", 8, "N"),
  type(21, 1005, "int2", "smallint", 2, "N"),
  type(23, 1007, "int4", "integer", 4, "N"),
  type(25, 1009, "text", "text", -1, "S"),
  type(26, 1028, "oid", "oid", 4, "N"),
  type(114, 199, "json", "json", -1, "U"),
  type(700, 1021, "float4", "real", 4, "N"),
  type(701, 1022, "float8", "double precision", 8, "N"),
  type(1042, 1014, "bpchar", "character", -1, "S"),
  type(1043, 1015, "varchar", "character varying", -1, "S"),
  type(1082, 1182, "date", "date", 4, "D"),
  type(1083, 1183, "time", "time without time zone", 8, "D"),
  type(1114, 1115, "timestamp", "timestamp without time zone", 8, "D"),
  type(1184, 1185, "timestamptz", "timestamp with time zone", 8, "D"),
  type(1186, 1187, "interval", "interval", 16, "T"),
  type(1700, 1231, "numeric", "numeric", -1, "N"),
  type(2950, 2951, "uuid", "uuid", 16, "U"),
  type(3802, 3807, "jsonb", "jsonb", -1, "U"),
];

type Row = Readonly<Record<string, string | number | boolean | null>>;

const common = {
  typnamespace: catalogNamespace,
  typowner: owner,
  typtype: "b",
  typispreferred: false,
  typisdefined: true,
  typdelim: ",",
  typrelid: 0,
  typnotnull: false,
  typbasetype: 0,
  typtypmod: -1,
  typndims: 0,
  typcollation: 0,
} as const;

/** pg_type: each type and the type of its arrays. */
export const typeRows: readonly Row[] = types.flatMap(({ oid, array, name, format, size_bytes, category }) => [
  {
    ...common,
    oid,
    typname: name,
    typlen: size_bytes,
    typbyval: size_bytes > 0 && size_bytes <= 8,
    typcategory: category,
    typsubscript: 0,
    typelem: 0,
    typarray: array,
    typinput: `${name}in`,
    typoutput: `${name}out`,
    mr_format: format,
  },
  {
    ...common,
    oid: array,
    typname: `_${name}`,
    typlen: -1,
    typbyval: false,
    typcategory: "A",
    typsubscript: 6179,
    typelem: oid,
    typarray: 0,
    typinput: "array_in",
    typoutput: "array_out",
    mr_format: `${format}[]`,
  },
]);
