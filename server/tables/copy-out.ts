import type { CopyFormat } from "../../planner/front/statement.ts";
import type { Batch, Column } from "../../runtime/contract/batch.ts";
import type { QueryResult } from "../../runtime/contract/store.ts";
import { columnText } from "../../runtime/contract/text.ts";
import type { Field } from "../../runtime/contract/types.ts";

/** Data of COPY … TO: the lines of one batch of rows after the other, in Postgres' text format or CSV. */
export class CopyOut {
  readonly #result: QueryResult;
  readonly #format: CopyFormat;
  readonly #encode: (text: string | null) => string;
  #rows = 0;

  constructor(result: QueryResult, format: CopyFormat) {
    this.#result = result;
    this.#format = format;
    this.#encode = format.format === "csv" ? csvEncoder(format, result.schema.columns.length) : textEncoder(format);
  }

  get columns(): number {
    return this.#result.schema.columns.length;
  }

  /** How many rows were written so far, without the header. */
  get rows(): number {
    return this.#rows;
  }

  async *lines(): AsyncGenerator<readonly string[]> {
    const { columns } = this.#result.schema;
    if (this.#format.header !== "none") yield [this.#line(columns.map(({ name }) => name))];
    try {
      for (let batch = await this.#result.next(); batch !== null; batch = await this.#result.next()) yield this.#batch(columns, batch);
    } finally {
      this.#result.close();
    }
  }

  #batch(columns: readonly Field[], batch: Batch): readonly string[] {
    const texts = columns.map(({ type }, c) => columnText(type, batch.columns[c] as Column));
    this.#rows += batch.rows;
    return Array.from({ length: batch.rows }, (_, row) => this.#line(texts.map((text) => text(row))));
  }

  #line(cells: readonly (string | null)[]): string {
    return `${cells.map(this.#encode).join(this.#format.delimiter)}\n`;
  }
}

const escapes: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
};

/** https://www.postgresql.org/docs/current/sql-copy.html: backslashes, control characters and the delimiter are escaped. */
const textEncoder =
  ({ nullText, delimiter }: CopyFormat) =>
  (text: string | null): string => {
    if (text === null) return nullText;
    const escaped = text.replaceAll(/[\\\b\f\n\r\t\v]/g, (c) => escapes[c] ?? c);
    return delimiter === "\t" ? escaped : escaped.replaceAll(delimiter, `\\${delimiter}`);
  };

/** A value that reads as NULL, as the end of the data, or in more than one piece is quoted. */
function csvEncoder({ nullText, delimiter, quote, escape }: CopyFormat, columns: number): (text: string | null) => string {
  return (text) => {
    if (text === null) return nullText;
    const needed =
      text === nullText || (columns === 1 && text === "\\.") || [delimiter, quote, "\n", "\r"].some((mark) => text.includes(mark));
    if (!needed) return text;
    let quoted = "";
    for (const c of text) quoted += c === quote || c === escape ? escape + c : c;
    return quote + quoted + quote;
  };
}
