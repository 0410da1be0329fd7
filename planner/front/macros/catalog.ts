import { catalogSchema } from "../catalog-names.ts";

const from = (table: string, condition: string): string => `from ${catalogSchema}.${table} __t where ${condition}`;
const one = (what: string, table: string, condition: string): string => `(select first(${what}) ${from(table, condition)})`;
const always = (...names: readonly string[]): readonly (readonly [string, string])[] => names.map((name) => [name, "(o) as true"]);
const nothing = (...names: readonly string[]): readonly (readonly [string, string])[] =>
  names.map((name) => [name, "(o) as null::varchar, (o, p) as null::varchar"]);
const anyPrivilege = (...names: readonly string[]): readonly (readonly [string, string])[] =>
  names.map((name) => [name, "(o, p) as true, (u, o, p) as true"]);

const definition = (name: string, table: string): readonly [string, string] => {
  const found = one("__t.mr_definition", table, "__t.oid = o");
  return [name, `(o) as ${found}, (o, p) as ${found}`];
};

/** A name as users write it, `public.t` or `"T"`, without its schema and quotes. */
const bareName = "replace(regexp_replace(x::varchar, '^(public|pg_catalog)\\.', ''), '\"', '')";

const macros: readonly (readonly [string, string])[] = [
  ...always(
    "pg_table_is_visible",
    "pg_type_is_visible",
    "pg_function_is_visible",
    "pg_operator_is_visible",
    "pg_opclass_is_visible",
    "pg_collation_is_visible",
    "pg_statistics_obj_is_visible",
  ),
  ...nothing("obj_description", "col_description", "shobj_description", "pg_get_serial_sequence", "pg_get_partkeydef", "pg_get_triggerdef"),
  ...nothing("pg_get_ruledef", "pg_get_statisticsobjdef_columns", "pg_tablespace_location"),
  ...anyPrivilege(
    "has_table_privilege",
    "has_schema_privilege",
    "has_database_privilege",
    "has_function_privilege",
    "has_any_column_privilege",
  ),
  ["current_database", "() as 'millrace'"],
  ["current_catalog", "() as 'millrace'"],
  ["current_schema", "() as 'public'"],
  ["current_schemas", "(implicit) as case when implicit then ['pg_catalog', 'public'] else ['public'] end"],
  ["current_user", "() as 'millrace'"],
  ["session_user", "() as 'millrace'"],
  ["pg_get_userbyid", "(o) as 'millrace'"],
  ["pg_encoding_to_char", "(o) as 'UTF8'"],
  ["pg_get_expr", "(e, o) as e, (e, o, p) as e"],
  definition("pg_get_constraintdef", "pg_constraint"),
  [
    "pg_get_indexdef",
    `(o) as ${one("__t.mr_definition", "pg_index", "__t.indexrelid = o")}, (o, n, p) as ${one("case when n = 0 then __t.mr_definition else __t.mr_columns[n] end", "pg_index", "__t.indexrelid = o")}`,
  ],
  definition("pg_get_viewdef", "pg_class"),
  definition("pg_get_functiondef", "pg_proc"),
  ["pg_get_function_result", `(o) as ${one("__t.mr_result", "pg_proc", "__t.oid = o")}`],
  ["pg_get_function_arguments", `(o) as ${one("__t.mr_arguments", "pg_proc", "__t.oid = o")}`],
  ["pg_get_function_identity_arguments", `(o) as ${one("__t.mr_arguments", "pg_proc", "__t.oid = o")}`],
  ["pg_get_function_sqlbody", "(o) as null::varchar"],
  [
    "format_type",
    `(o, m) as ${one("case when __t.oid = 1700 and m > 4 then 'numeric(' || ((m::bigint - 4) >> 16) || ',' || ((m::bigint - 4) & 65535) || ')' else __t.mr_format end", "pg_type", "__t.oid = o")}`,
  ],
  ["pg_relation_is_publishable", "(o) as false"],
  ["pg_is_in_recovery", "() as false"],
  ["pg_my_temp_schema", "() as 0"],
  ["pg_is_other_temp_schema", "(o) as false"],
  ["pg_relation_size", "(o) as 0::bigint"],
  ["pg_table_size", "(o) as 0::bigint"],
  ["pg_indexes_size", "(o) as 0::bigint"],
  ["pg_total_relation_size", "(o) as 0::bigint"],
  ["pg_database_size", "(o) as 0::bigint"],
  ["to_regclass", `(x) as ${one("__t.oid", "pg_class", `__t.relname = ${bareName}`)}`],
  ["mr_regclass", `(x) as ${one("__t.oid", "pg_class", `__t.relname = ${bareName} or __t.oid::varchar = x::varchar`)}`],
  ["mr_regclass_name", `(x) as ${one("__t.relname", "pg_class", "__t.oid = x")}`],
  ["to_regtype", `(x) as ${one("__t.oid", "pg_type", `__t.typname = ${bareName} or __t.mr_format = ${bareName}`)}`],
  ["mr_regtype_name", `(x) as ${one("__t.mr_format", "pg_type", "__t.oid = x")}`],
  ["mr_regproc", `(x) as ${one("__t.oid", "pg_proc", `__t.proname = regexp_replace(${bareName}, '\\(.*', '')`)}`],
  ["mr_regnamespace", `(x) as ${one("__t.oid", "pg_namespace", `__t.nspname = ${bareName}`)}`],
  ["mr_regrole", "(x) as 10"],
  ["_pg_expandarray", "(a) as unnest(list_transform(a, lambda x, i: {'x': x, 'n': i}))"],
];

/** Postgres' functions of its catalog, over the tables of server/pgcatalog: for ad-hoc queries only. */
export const catalogMacros: readonly string[] = macros.map(([name, body]) => `create or replace macro main.${name}${body}`);

export const catalogFunctions: ReadonlySet<string> = new Set(macros.map(([name]) => name));
