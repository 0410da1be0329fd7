import type { InformationTable, PgCatalogTable } from "../../planner/front/catalog-names.ts";
import type { PgTable } from "./tables.ts";

type Select = string;

const relations = `pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace`;

/** Views of pg_catalog over its tables. */
export const pgViews: Readonly<Record<Exclude<PgCatalogTable, PgTable>, Select>> = {
  pg_indexes: `SELECT n.nspname AS schemaname, t.relname AS tablename, c.relname AS indexname, NULL::VARCHAR AS tablespace, i.mr_definition AS indexdef
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace`,
  pg_matviews: `SELECT n.nspname AS schemaname, c.relname AS matviewname, 'millrace' AS matviewowner, NULL::VARCHAR AS tablespace,
    false AS hasindexes, true AS ispopulated, c.mr_definition AS definition FROM ${relations} WHERE c.relkind = 'm'`,
  pg_tables: `SELECT n.nspname AS schemaname, c.relname AS tablename, 'millrace' AS tableowner, NULL::VARCHAR AS tablespace,
    c.relhasindex AS hasindexes, false AS hasrules, false AS hastriggers, false AS rowsecurity FROM ${relations} WHERE c.relkind = 'r'`,
  pg_user: `SELECT rolname AS usename, oid AS usesysid, rolcreatedb AS usecreatedb, rolsuper AS usesuper, NULL::VARCHAR AS passwd FROM pg_roles`,
  pg_views: `SELECT n.nspname AS schemaname, c.relname AS viewname, 'millrace' AS viewowner, c.mr_definition AS definition
    FROM ${relations} WHERE c.relkind = 'v'`,
};

const tableType = `CASE c.relkind WHEN 'r' THEN 'BASE TABLE' WHEN 'v' THEN 'VIEW' WHEN 'f' THEN 'FOREIGN' ELSE 'BASE TABLE' END`;
const keys = `pg_constraint k JOIN pg_class c ON c.oid = k.conrelid`;

/** Views of information_schema; what is not in `public` (millrace, millrace_state) is as the store has it. */
export const informationViews: Readonly<Record<InformationTable, Select>> = {
  schemata: `SELECT 'millrace' AS catalog_name, nspname AS schema_name, 'millrace' AS schema_owner FROM pg_namespace`,
  tables: `SELECT 'millrace' AS table_catalog, n.nspname AS table_schema, c.relname AS table_name, ${tableType} AS table_type,
      CASE WHEN c.relkind = 'r' THEN 'YES' ELSE 'NO' END AS is_insertable_into, 'NO' AS is_typed
    FROM ${relations} WHERE c.relkind IN ('r', 'v', 'm', 'f')
    UNION ALL SELECT 'millrace', table_schema, table_name, table_type, 'NO', 'NO' FROM system.information_schema.tables
    WHERE table_schema IN ('millrace', 'millrace_state')`,
  columns: `SELECT 'millrace' AS table_catalog, n.nspname AS table_schema, c.relname AS table_name, a.attname AS column_name,
      a.attnum AS ordinal_position, d.adbin AS column_default, CASE WHEN a.attnotnull THEN 'NO' ELSE 'YES' END AS is_nullable,
      CASE WHEN t.typcategory = 'A' THEN 'ARRAY' ELSE t.mr_format END AS data_type, NULL::INTEGER AS character_maximum_length,
      CASE a.atttypid WHEN 21 THEN 16 WHEN 23 THEN 32 WHEN 20 THEN 64 WHEN 700 THEN 24 WHEN 701 THEN 53
        WHEN 1700 THEN (a.atttypmod - 4) >> 16 END AS numeric_precision,
      CASE WHEN a.atttypid IN (20, 21, 23) THEN 0 WHEN a.atttypid = 1700 THEN (a.atttypmod - 4) & 65535 END AS numeric_scale,
      CASE WHEN a.atttypid IN (1083, 1114, 1184, 1186) THEN 6 END AS datetime_precision, 'millrace' AS udt_catalog,
      'pg_catalog' AS udt_schema, t.typname AS udt_name, CASE WHEN a.attgenerated = 's' THEN 'ALWAYS' ELSE 'NEVER' END AS is_generated,
      'NO' AS is_identity, CASE WHEN c.relkind = 'r' THEN 'YES' ELSE 'NO' END AS is_updatable
    FROM ${relations} JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    UNION ALL SELECT 'millrace', table_schema, table_name, column_name, ordinal_position, column_default, is_nullable, data_type, NULL,
      numeric_precision, numeric_scale, datetime_precision, 'millrace', 'pg_catalog', data_type, 'NEVER', 'NO', 'NO'
    FROM system.information_schema.columns WHERE table_schema IN ('millrace', 'millrace_state')`,
  views: `SELECT 'millrace' AS table_catalog, 'public' AS table_schema, relname AS table_name, mr_definition AS view_definition,
    'NONE' AS check_option, 'NO' AS is_updatable, 'NO' AS is_insertable_into FROM pg_class WHERE relkind = 'v'`,
  table_constraints: `SELECT 'millrace' AS constraint_catalog, 'public' AS constraint_schema, k.conname AS constraint_name,
    'millrace' AS table_catalog, 'public' AS table_schema, c.relname AS table_name,
    CASE k.contype WHEN 'p' THEN 'PRIMARY KEY' ELSE 'UNIQUE' END AS constraint_type, 'NO' AS is_deferrable, 'NO' AS initially_deferred FROM ${keys}`,
  key_column_usage: `SELECT 'millrace' AS constraint_catalog, 'public' AS constraint_schema, k.conname AS constraint_name,
    'millrace' AS table_catalog, 'public' AS table_schema, c.relname AS table_name, a.attname AS column_name,
    list_position(k.conkey, a.attnum) AS ordinal_position FROM ${keys}
    JOIN pg_attribute a ON a.attrelid = c.oid AND list_contains(k.conkey, a.attnum)`,
  referential_constraints: `SELECT NULL::VARCHAR AS constraint_catalog, NULL::VARCHAR AS constraint_schema, NULL::VARCHAR AS constraint_name,
    NULL::VARCHAR AS unique_constraint_catalog, NULL::VARCHAR AS unique_constraint_schema, NULL::VARCHAR AS unique_constraint_name,
    NULL::VARCHAR AS match_option, NULL::VARCHAR AS update_rule, NULL::VARCHAR AS delete_rule WHERE false`,
  routines: `SELECT 'millrace' AS specific_catalog, 'public' AS specific_schema, proname || '_' || oid AS specific_name,
    'millrace' AS routine_catalog, 'public' AS routine_schema, proname AS routine_name, 'FUNCTION' AS routine_type, mr_result AS data_type,
    prosrc AS routine_definition FROM pg_proc`,
};
