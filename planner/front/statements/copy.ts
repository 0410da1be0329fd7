import { SqlError } from "../../../runtime/contract/errors.ts";
import type { TokenReader } from "../reader.ts";
import type { CopyFormat, CopySource, CopyTarget, Name, SqlText } from "../statement.ts";
import { notSupported } from "../syntax-error.ts";
import { quoteName } from "../../../runtime/contract/quote.ts";
import { readInsertColumns, startsQuery } from "./query.ts";
import type { StatementBody } from "./form.ts";

type Draft = { -readonly [K in keyof CopyFormat]?: CopyFormat[K] };

/**
 * `COPY t [(columns)] FROM { STDIN | 'file' }`, `COPY { t [(columns)] | (query) } TO { STDOUT | 'file' }`, each with
 * `[[WITH] (option value, …)]` or the options as they were written before Postgres 9.
 */
export function copy(reader: TokenReader): StatementBody {
  if (reader.atMark("(")) return copyTo(reader, readQuery(reader));
  const target = reader.name();
  const columns = readInsertColumns(reader);
  if (reader.at("to")) return copyTo(reader, selectOf(target, columns));
  if (!reader.at("from")) throw reader.error(["FROM", "TO"]);
  reader.need("from");
  const from = readSource(reader);
  return { kind: "copy", target, columns, from, format: readFormat(reader) };
}

function copyTo(reader: TokenReader, query: SqlText): StatementBody {
  reader.need("to");
  const to = readTarget(reader);
  return { kind: "copyTo", query, to, format: readFormat(reader) };
}

function readQuery(reader: TokenReader): SqlText {
  const start = reader.mark();
  reader.needMark("(");
  if (!startsQuery(reader)) throw reader.error(["SELECT", "VALUES", "WITH"]);
  reader.rewind(start);
  return reader.textInParentheses();
}

/** Positions in it are the table's. */
function selectOf({ schema, name, at }: Name, columns: readonly string[] | null): SqlText {
  const list = columns === null ? "*" : columns.map(quoteName).join(", ");
  const table = [...(schema === null ? [] : [schema]), name].map(quoteName).join(".");
  const before = `SELECT ${list} FROM `;
  return { text: `${before}${table}`, at: at - before.length };
}

function readFormat(reader: TokenReader): CopyFormat {
  reader.eat("with");
  const draft: Draft = {};
  if (reader.atMark("(")) reader.list(() => readOption(reader, draft));
  else while (!reader.atEnd && !reader.at("where")) readOldOption(reader, draft);
  if (reader.at("where")) throw notSupported("WHERE in COPY", reader.offset);
  return formatOf(draft);
}

function readTarget(reader: TokenReader): CopyTarget {
  const at = reader.offset;
  if (reader.eat("stdout")) return { kind: "stdout" };
  if (reader.at("program")) throw notSupported("COPY TO PROGRAM", at);
  return { kind: "file", path: reader.string(), at };
}

function readSource(reader: TokenReader): CopySource {
  const at = reader.offset;
  if (reader.eat("stdin")) return { kind: "stdin" };
  if (reader.at("program")) throw notSupported("COPY FROM PROGRAM", at);
  return { kind: "file", path: reader.string(), at };
}

function readOption(reader: TokenReader, draft: Draft): void {
  const at = reader.offset;
  const option = reader.label().toLowerCase();
  switch (option) {
    case "format":
      draft.format = formatNamed(reader.label(), at);
      return;
    case "delimiter":
    case "null":
    case "quote":
    case "escape":
      readText(reader, draft, option);
      return;
    case "header":
      draft.header = readHeader(reader);
      return;
    case "encoding":
      requireUtf8(reader.string(), at);
      return;
    case "freeze":
      readHeader(reader);
      return;
    default:
      throw notSupported(`COPY option ${option.toUpperCase()}`, at);
  }
}

function readOldOption(reader: TokenReader, draft: Draft): void {
  const at = reader.offset;
  if (reader.eat("csv")) draft.format = "csv";
  else if (reader.eat("header")) draft.header = "skip";
  else {
    const option = (["delimiter", "null", "quote", "escape"] as const).find((name) => reader.at(name));
    if (option === undefined) {
      if (reader.at("binary")) throw notSupported("COPY in binary format", at);
      throw reader.error(["CSV", "HEADER", "DELIMITER", "NULL", "QUOTE", "ESCAPE"]);
    }
    reader.next();
    reader.eat("as");
    readText(reader, draft, option);
  }
}

function readText(reader: TokenReader, draft: Draft, option: "delimiter" | "null" | "quote" | "escape"): void {
  const at = reader.offset;
  const text = reader.string();
  if (option === "null") draft.nullText = text;
  else if (text.length === 1 && text !== "\n" && text !== "\r") draft[option] = text;
  else throw new SqlError({ sqlState: "22023", message: `COPY ${option} must be a single character`, at });
}

function readHeader(reader: TokenReader): CopyFormat["header"] {
  if (reader.atMark(",") || reader.atMark(")")) return "skip";
  if (reader.eat("match")) return "match";
  const at = reader.offset;
  const { value } = reader.next();
  if (["true", "on", "1", "yes"].includes(value.toLowerCase())) return "skip";
  if (["false", "off", "0", "no"].includes(value.toLowerCase())) return "none";
  throw new SqlError({ sqlState: "22023", message: 'header requires a Boolean value or "match"', at });
}

function formatNamed(name: string, at: number): CopyFormat["format"] {
  if (name === "text" || name === "csv") return name;
  if (name === "binary") throw notSupported("COPY in binary format", at);
  throw new SqlError({ sqlState: "22023", message: `COPY format "${name}" not recognized`, at });
}

function requireUtf8(name: string, at: number): void {
  if (/^utf-?8$/i.test(name)) return;
  throw new SqlError({ sqlState: "0A000", message: `encoding "${name}" is not supported`, hint: "Data is UTF-8.", at });
}

function formatOf(draft: Draft): CopyFormat {
  const format = draft.format ?? "text";
  const csv = format === "csv";
  const quote = draft.quote ?? '"';
  return {
    format,
    delimiter: draft.delimiter ?? (csv ? "," : "\t"),
    nullText: draft.nullText ?? (csv ? "" : "\\N"),
    header: draft.header ?? "none",
    quote,
    escape: draft.escape ?? quote,
  };
}
