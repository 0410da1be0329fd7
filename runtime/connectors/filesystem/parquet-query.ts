import { TaskFailure } from "../../contract/errors.ts";
import { type Field, formatType, type Schema } from "../../contract/types.ts";
import { suggest } from "../../contract/suggest.ts";
import { quoteName, quoteText } from "../../contract/quote.ts";

export interface FileColumn {
  readonly name: string;
  /** As DuckDB writes it. */
  readonly type: string;
}

/** A file name as a SQL literal in which DuckDB finds no pattern. */
export const fileLiteral = (path: string): string => quoteText(path.replaceAll(/[*?[]/g, "[$&]"));

/** A query for some rows of one file; its last two columns are there only when `checked`. */
export interface ParquetQuery {
  readonly select: string;
  /** A value may not fit its declared type: `bad` is the number of the first such column, `raw` its text. */
  readonly checked: boolean;
}

/** Selects the wanted columns; those whose type in the file differs are cast. Throws for a column that the file does not have. */
export function parquetQuery(schema: Schema, fileColumns: readonly FileColumn[], path: string): ParquetQuery {
  const casts: string[] = [];
  const raws: string[] = [];
  const selected = schema.columns.map((field, c) => {
    const found = columnOf(field, fileColumns, path);
    const type = formatType(field.type);
    if (found.type === type) return `${quoteName(found.name)} AS c${c}`;
    const isBad = `${quoteName(found.name)} IS NOT NULL AND TRY_CAST(${quoteName(found.name)} AS ${type}) IS NULL`;
    casts.push(`WHEN ${isBad} THEN ${c}`);
    raws.push(`WHEN ${isBad} THEN CAST(${quoteName(found.name)} AS VARCHAR)`);
    return `TRY_CAST(${quoteName(found.name)} AS ${type}) AS c${c}`;
  });
  if (casts.length > 0) selected.push(`CASE ${casts.join(" ")} END AS bad`, `CASE ${raws.join(" ")} END AS raw`);
  const list = selected.length === 0 ? "NULL" : selected.join(", ");
  return { select: `SELECT ${list} FROM read_parquet(${fileLiteral(path)}, file_row_number = true)`, checked: casts.length > 0 };
}

function columnOf(field: Field, columns: readonly FileColumn[], path: string): FileColumn {
  const lower = field.name.toLowerCase();
  const found = columns.find(({ name }) => name === field.name) ?? columns.find(({ name }) => name.toLowerCase() === lower);
  if (found !== undefined) return found;
  const names = columns.map(({ name }) => name);
  const near = suggest(field.name, names);
  const hint = near === undefined ? `it has ${names.join(", ")}` : `perhaps "${near}" is meant`;
  throw new TaskFailure("user", "fail", `file "${path}" has no column "${field.name}"; ${hint}`, { sqlState: "42703" });
}
