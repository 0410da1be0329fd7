import type { CopyFormat } from "../../planner/front/statement.ts";
import { SqlError } from "../../runtime/contract/errors.ts";

/** One row of COPY data: null for NULL. `line` counts from 1. */
export type OnRow = (fields: readonly (string | null)[], line: number) => void;

/** Cuts text that comes in pieces into rows. */
export interface CopyLines {
  push(text: string): void;
  end(): void;
}

export const copyLines = (format: CopyFormat, onRow: OnRow): CopyLines =>
  format.format === "csv" ? new CsvLines(format, onRow) : new TextLines(format, onRow);

/** Of one row; beyond it a quote was left open or the data is something else. */
const row_chars_max = 16_777_216;

/** Postgres' text format: a line a row, escapes with backslashes. */
class TextLines implements CopyLines {
  readonly #format: CopyFormat;
  readonly #onRow: OnRow;
  #rest = "";
  #line = 0;
  #ended = false;

  constructor(format: CopyFormat, onRow: OnRow) {
    this.#format = format;
    this.#onRow = onRow;
  }

  push(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    if (this.#rest.length > row_chars_max) throw tooLong(this.#line + 1);
    for (const line of lines) this.#row(line);
  }

  end(): void {
    if (this.#rest !== "") this.#row(this.#rest);
  }

  #row(raw: string): void {
    const line = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
    this.#line++;
    if (line === "\\.") this.#ended = true;
    if (this.#ended) return;
    const { delimiter, nullText } = this.#format;
    const fields = line.includes("\\") ? splitEscaped(line, delimiter) : line.split(delimiter);
    this.#onRow(
      fields.map((field) => (field === nullText ? null : unescaped(field))),
      this.#line,
    );
  }
}

/** A delimiter behind a backslash is data. */
function splitEscaped(line: string, delimiter: string): readonly string[] {
  const fields: string[] = [];
  let from = 0;
  for (let i = 0; i < line.length; i++) {
    if (line[i] === "\\") i++;
    else if (line[i] === delimiter) {
      fields.push(line.slice(from, i));
      from = i + 1;
    }
  }
  return [...fields, line.slice(from)];
}

const letters: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };

/** Octal and hexadecimal escapes are bytes in Postgres: below 128 they are characters as well. */
function unescaped(field: string): string {
  if (!field.includes("\\")) return field;
  return field.replace(/\\(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|([\s\S]))/g, (_, octal?: string, hex?: string, other?: string) => {
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    return letters[other ?? ""] ?? other ?? "";
  });
}

/** CSV as of RFC 4180. An unquoted field that is the NULL text is NULL. */
class CsvLines implements CopyLines {
  readonly #format: CopyFormat;
  readonly #onRow: OnRow;
  #rest = "";
  #line = 1;
  #ended = false;

  constructor(format: CopyFormat, onRow: OnRow) {
    this.#format = format;
    this.#onRow = onRow;
  }

  push(text: string): void {
    this.#rest += text;
    let from = 0;
    for (;;) {
      const end = this.#endOfRow(from);
      if (end < 0) break;
      this.#row(this.#rest.slice(from, end));
      from = end + 1;
    }
    this.#rest = this.#rest.slice(from);
    if (this.#rest.length > row_chars_max) throw tooLong(this.#line);
  }

  end(): void {
    if (this.#rest !== "") this.#row(this.#rest);
  }

  /** The line feed outside quotes; -1 while it has not come. */
  #endOfRow(from: number): number {
    const { quote, escape } = this.#format;
    let quoted = false;
    for (let i = from; i < this.#rest.length; i++) {
      const c = this.#rest[i];
      if (quoted && c === escape && escape !== quote) i++;
      else if (c === quote) quoted = !quoted;
      else if (c === "\n" && !quoted) return i;
    }
    return -1;
  }

  #row(raw: string): void {
    const row = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
    const line = this.#line;
    this.#line += raw.split("\n").length;
    if (row === "\\.") this.#ended = true;
    if (!this.#ended) this.#onRow(this.#fields(row, line), line);
  }

  #fields(row: string, line: number): readonly (string | null)[] {
    const { delimiter, quote, escape, nullText } = this.#format;
    const fields: (string | null)[] = [];
    let field = "";
    let wasQuoted = false;
    let quoted = false;
    const close = (): void => {
      fields.push(!wasQuoted && field === nullText ? null : field);
      field = "";
      wasQuoted = false;
    };
    for (let i = 0; i < row.length; i++) {
      const c = row[i] as string;
      const next = row[i + 1];
      if (quoted && c === escape && (next === quote || next === escape)) {
        field += next;
        i++;
      } else if (c === quote) {
        quoted = !quoted;
        wasQuoted = true;
      } else if (c === delimiter && !quoted) close();
      else field += c;
    }
    if (quoted) throw new SqlError({ sqlState: "22P04", message: "unterminated CSV quoted field", detail: `It begins in line ${line}.` });
    close();
    return fields;
  }
}

const tooLong = (line: number): SqlError =>
  new SqlError({
    sqlState: "54000",
    message: `line ${line} of COPY data is too long`,
    detail: `The limit is ${row_chars_max} characters.`,
  });
