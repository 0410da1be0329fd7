/** A name as DuckDB and Postgres quote it. */
export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;
