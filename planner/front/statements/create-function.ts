import { SqlError } from "../../../runtime/contract/errors.ts";
import type { Field } from "../../../runtime/contract/types.ts";
import { readColumnType } from "../column-type.ts";
import type { TokenReader } from "../reader.ts";
import type { FunctionLanguage, SqlText } from "../statement.ts";
import { notSupported } from "../syntax-error.ts";
import type { Head, StatementBody } from "./form.ts";

const languages: Readonly<Record<string, FunctionLanguage>> = { sql: "sql", javascript: "javascript", js: "javascript" };

interface Clauses {
  language: FunctionLanguage | null;
  body: SqlText | null;
  strict: boolean;
}

/** `CREATE [OR REPLACE] FUNCTION f(a type, …) RETURNS type LANGUAGE { sql | javascript } [STRICT | IMMUTABLE …] AS $$ … $$`. */
export function createFunction(reader: TokenReader, head: Head): StatementBody {
  const name = reader.name();
  const parameters = readParameters(reader);
  reader.need("returns");
  if (reader.at("table") || reader.at("setof")) throw notSupported("a function that returns rows", reader.offset);
  const returns = readColumnType(reader);
  const clauses: Clauses = { language: null, body: null, strict: false };
  while (!reader.atEnd) readClause(reader, clauses);
  const { language, body, strict } = clauses;
  if (body === null) throw reader.error(["AS", "RETURN", "LANGUAGE"]);
  return { kind: "createFunction", name, orReplace: head.orReplace, parameters, returns, language: language ?? "sql", body, strict };
}

function readClause(reader: TokenReader, clauses: Clauses): void {
  if (reader.eat("language")) return readLanguage(reader, clauses);
  if (reader.at("as")) {
    reader.next();
    clauses.body = readBody(reader);
  } else if (reader.eat("return")) {
    clauses.body = reader.textToEnd();
  } else if (reader.eat("strict") || reader.eat("returns", "null", "on", "null", "input")) clauses.strict = true;
  else if (reader.eat("called", "on", "null", "input")) clauses.strict = false;
  else if (!readPromise(reader)) throw reader.error(["AS", "LANGUAGE", "STRICT", "IMMUTABLE", "STABLE", "VOLATILE", "CALLED", "RETURNS"]);
}

/** What Postgres' planner is told of a function. Those of Millrace depend on their arguments alone, whatever is promised. */
function readPromise(reader: TokenReader): boolean {
  if (reader.eat("not", "leakproof") || ["immutable", "stable", "volatile", "leakproof"].some((word) => reader.eat(word))) return true;
  if (!reader.eat("parallel") && !reader.eat("cost") && !reader.eat("security")) return false;
  reader.next();
  return true;
}

function readLanguage(reader: TokenReader, clauses: Clauses): void {
  const at = reader.offset;
  const word = reader.next().value;
  const language = languages[word.toLowerCase()];
  if (language === undefined) {
    throw new SqlError({
      sqlState: "42704",
      message: `language "${word}" does not exist`,
      hint: "Use LANGUAGE sql or LANGUAGE javascript.",
      at,
    });
  }
  clauses.language = language;
}

/** The text within the quotes, and where it begins. */
function readBody(reader: TokenReader): SqlText {
  const token = reader.peek();
  const text = reader.string();
  const start = token?.start ?? 0;
  const within = token?.raw.indexOf(text) ?? -1;
  return { text, at: start + Math.max(within, 0) };
}

function readParameters(reader: TokenReader): readonly Field[] {
  reader.needMark("(");
  const parameters: Field[] = [];
  if (reader.eatMark(")")) return parameters;
  do {
    if (reader.at("out") || reader.at("inout") || reader.at("variadic")) throw notSupported("a parameter of this mode", reader.offset);
    parameters.push(readParameter(reader, parameters.length + 1));
  } while (reader.eatMark(","));
  reader.needMark(")");
  return parameters;
}

/** A parameter without a name is `$1`, `$2`, … */
function readParameter(reader: TokenReader, position: number): Field {
  reader.eat("in");
  const mark = reader.mark();
  const at = reader.offset;
  const name = reader.label();
  if (!reader.atMark(",") && !reader.atMark(")")) {
    const type = readColumnType(reader);
    if (reader.at("default") || reader.atOperator("=")) throw notSupported("a parameter's default", reader.offset);
    if (name.startsWith("$")) throw new SqlError({ sqlState: "42601", message: `"${name}" is no parameter's name`, at });
    return { name, type };
  }
  reader.rewind(mark);
  return { name: `$${position}`, type: readColumnType(reader) };
}
