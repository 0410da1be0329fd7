/** A name as DuckDB and Postgres quote it. */
export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A text as a string literal of DuckDB. */
export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`;
