/** Schema of the store that holds Postgres' system catalog as it looks for Millrace's objects (server/pgcatalog). */
export const catalogSchema = "millrace_catalog";

/** Tables and views of `pg_catalog` that can be read, under these names; a name in front of which nothing stands means them, too. */
export const pgCatalogTables = [
  "pg_am",
  "pg_attrdef",
  "pg_attribute",
  "pg_auth_members",
  "pg_class",
  "pg_collation",
  "pg_constraint",
  "pg_database",
  "pg_depend",
  "pg_description",
  "pg_enum",
  "pg_event_trigger",
  "pg_extension",
  "pg_foreign_data_wrapper",
  "pg_foreign_server",
  "pg_foreign_table",
  "pg_index",
  "pg_indexes",
  "pg_inherits",
  "pg_language",
  "pg_matviews",
  "pg_namespace",
  "pg_partitioned_table",
  "pg_policy",
  "pg_proc",
  "pg_publication",
  "pg_publication_namespace",
  "pg_publication_rel",
  "pg_range",
  "pg_rewrite",
  "pg_roles",
  "pg_sequence",
  "pg_settings",
  "pg_shdescription",
  "pg_statistic_ext",
  "pg_tables",
  "pg_tablespace",
  "pg_trigger",
  "pg_type",
  "pg_user",
  "pg_views",
] as const;

export type PgCatalogTable = (typeof pgCatalogTables)[number];

/** Views of `information_schema`; in the store their names have this in front. */
export const informationTables = [
  "columns",
  "key_column_usage",
  "referential_constraints",
  "routines",
  "schemata",
  "table_constraints",
  "tables",
  "views",
] as const;

export type InformationTable = (typeof informationTables)[number];

export const informationPrefix = "information_schema_";
