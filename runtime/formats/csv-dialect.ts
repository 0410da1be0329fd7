import { SqlError, TaskFailure } from "../contract/errors.ts";
import type { Schema } from "../contract/types.ts";

export interface CsvDialect {
  readonly header: boolean;
  /** Bytes. */
  readonly delimiter: number;
  readonly quote: number;
  readonly nullText: Buffer;
}

/** `option` gives an option's text, or its default. Throws SqlError 22023. */
export function csvDialect(option: (name: string) => string | null): CsvDialect {
  const delimiter = oneByte("delimiter", option("delimiter") ?? ",");
  const quote = oneByte("quote", option("quote") ?? '"');
  if (delimiter === quote) throw invalid('options "delimiter" and "quote" must differ');
  return {
    header: ["true", "on", "yes"].includes((option("header") ?? "true").toLowerCase()),
    delimiter,
    quote,
    nullText: Buffer.from(option("null_text") ?? ""),
  };
}

const invalid = (message: string): SqlError => new SqlError({ sqlState: "22023", message });

function oneByte(name: string, text: string): number {
  const character = text === "\\t" ? "\t" : text;
  if (/^[^\r\n\0\u0080-\uffff]$/.test(character)) return character.charCodeAt(0);
  throw invalid(`option "${name}" must be one ASCII character, not "${text}"`);
}

/**
 * For each value of a record the column of `schema` that it is, -1 for none: by the header's names, or by the order in which
 * the columns were declared. Throws when the header lacks a column.
 */
export function csvColumns(schema: Schema, declared: Schema, header: readonly string[] | null, file: string): readonly number[] {
  const names = header ?? declared.columns.map(({ name }) => name);
  const columns = names.map((name) => schema.columns.findIndex((column) => column.name === name));
  schema.columns.forEach(({ name }, c) => {
    if (columns.includes(c)) return;
    const at = names.findIndex((candidate, f) => columns[f] === -1 && candidate.toLowerCase() === name.toLowerCase());
    if (at < 0) {
      throw new TaskFailure("user", "fail", `file "${file}" has no column "${name}"; its header has ${names.join(", ")}`, {
        sqlState: "42703",
      });
    }
    columns[at] = c;
  });
  return columns;
}
