import { formatJson } from "../contract/text.ts";
import type { Schema, SqlType } from "../contract/types.ts";
import type { Value } from "../contract/value.ts";
import type { CsvDialect } from "./csv-dialect.ts";
import { formatValue } from "./format-text.ts";
import { encodeRows, opColumn, type RowEncoder } from "./row-encoder.ts";

/** CSV as of RFC 4180, but for its line ends: a line feed alone. */
export function csvEncoder(schema: Schema, dialect: CsvDialect, changelog: boolean): RowEncoder {
  const quote = String.fromCharCode(dialect.quote);
  const delimiter = String.fromCharCode(dialect.delimiter);
  const nullText = dialect.nullText.toString();
  const quoted = (text: string): string => `${quote}${text.replaceAll(quote, quote + quote)}${quote}`;
  const needsQuotes = (text: string): boolean =>
    text === nullText || text.includes(quote) || text.includes(delimiter) || text.includes("\n") || text.includes("\r");
  const written = (text: string): string => (needsQuotes(text) ? quoted(text) : text);
  const line = (texts: readonly string[], op: string | null): string => `${(op === null ? texts : [op, ...texts]).join(delimiter)}\n`;
  return {
    header: dialect.header
      ? line(
          schema.columns.map(({ name }) => written(name)),
          changelog ? opColumn : null,
        )
      : "",
    encode: (batch) =>
      encodeRows(schema, batch, changelog, (values, op) =>
        line(
          schema.columns.map(({ type }, c) => {
            const value = values[c] ?? null;
            return value === null ? nullText : written(textOf(type, value));
          }),
          op,
        ),
      ),
  };
}

/** Nested values as JSON, which the reader understands. */
const textOf = (type: SqlType, value: Value): string =>
  type.id === "list" || type.id === "struct" || type.id === "map" ? formatJson(type, value) : formatValue(type, value);
