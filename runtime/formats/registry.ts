import type { OptionSpec } from "../contract/connector.ts";
import { csvOptions } from "./csv-options.ts";

export interface FormatDescription {
  readonly name: string;
  readonly doc: string;
  readonly options: readonly OptionSpec[];
}

/** Every format of files: one line each. */
export const formats = {
  parquet: { name: "parquet", doc: "Apache Parquet files, read and written by DuckDB.", options: [] },
  json: { name: "json", doc: "JSON: one object a line, or one array of objects a file.", options: [] },
  csv: { name: "csv", doc: "Values between delimiters, quoted as in RFC 4180.", options: csvOptions },
} as const satisfies Readonly<Record<string, FormatDescription>>;
export type FormatName = keyof typeof formats;

export const formatNames = Object.keys(formats) as readonly FormatName[];

/** The options of all formats, for the connectors that read files. */
export const formatOptions: readonly OptionSpec[] = Object.values(formats).flatMap((format) => format.options);

/** The formats that an option belongs to; empty when it is no option of a format. */
export const formatOptionOwners = (option: string): readonly string[] =>
  Object.values(formats)
    .filter((format: FormatDescription) => format.options.some(({ name }) => name === option))
    .map(({ name }) => name);
