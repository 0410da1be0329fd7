import { readPlainQuery } from "../emit.ts";
import type { TokenReader } from "../reader.ts";
import type { Name, SqlText, Statement } from "../statement.ts";
import { closes, isWord, opens, type Token } from "../token.ts";
import type { StatementBody } from "./form.ts";
import { readInsertColumns, startsQuery } from "./query.ts";

type Verb = (Statement & { kind: "modify" })["verb"];

/** INSERT, UPDATE and DELETE; the reader stands at the verb or, in `WITH … INSERT`, at WITH. */
export const modify =
  (verb: Verb) =>
  (reader: TokenReader): StatementBody => {
    const start = reader.mark();
    skipTo(reader, verb);
    const { target, columns } = readTarget(reader, verb);
    const returning = readToReturning(reader);
    const query: SqlText = reader.textSince(start);
    return { kind: "modify", verb, target, columns, query, returning };
  };

/** `WITH … SELECT` is a query, `WITH … INSERT` is a change. */
export function withQuery(reader: TokenReader): StatementBody {
  const verb = verbAfterWith(reader);
  return verb === null ? { kind: "query", query: readPlainQuery(reader) } : modify(verb)(reader);
}

/** The verb that a WITH clause leads to, at the level of the statement itself. */
function verbAfterWith(reader: TokenReader): Verb | null {
  let depth = 0;
  for (let i = 0; ; i++) {
    const token = reader.peek(i);
    if (token === undefined) return null;
    if (opens(token)) depth++;
    else if (closes(token)) depth--;
    else if (depth === 0 && token.kind === "word") {
      if (isVerb(token)) return token.value as Verb;
      if (token.value === "select" || token.value === "values" || token.value === "from") return null;
    }
  }
}

const isVerb = (token: Token): boolean => ["insert", "update", "delete"].some((verb) => isWord(token, verb));

function skipTo(reader: TokenReader, verb: Verb): void {
  if (!reader.at(verb)) reader.textUntil((token) => isWord(token, verb));
  reader.need(verb);
}

function readTarget(reader: TokenReader, verb: Verb): { target: Name; columns: readonly string[] | null } {
  if (verb === "insert") reader.need("into");
  if (verb === "delete") reader.need("from");
  reader.eat("only");
  const target = reader.name();
  if (verb === "insert") {
    if (reader.eat("as")) reader.identifier();
    const columns = readInsertColumns(reader);
    if (!startsQuery(reader) && !reader.at("default", "values") && !reader.at("overriding"))
      throw reader.error(["VALUES", "SELECT", "DEFAULT"]);
    return { target, columns };
  }
  if (verb === "update" && !reader.at("set")) {
    reader.eat("as");
    reader.identifier(["SET"]);
  }
  if (verb === "update") reader.need("set");
  return { target, columns: null };
}

/** Reads to the end; whether a RETURNING clause is there. */
function readToReturning(reader: TokenReader): boolean {
  if (!reader.atEnd && !reader.at("returning")) reader.textUntil((token) => isWord(token, "returning"));
  if (reader.atEnd) return false;
  reader.need("returning");
  reader.textToEnd();
  return true;
}
