import { readPlainQuery } from "../emit.ts";
import type { TokenReader } from "../reader.ts";
import { readStandardHead } from "../standard-sql.ts";
import type { Name, Statement } from "../statement.ts";
import { closes, isWord, opens } from "../token.ts";
import type { StatementBody } from "./form.ts";
import { readInsertColumns, startsQuery } from "./query.ts";

type Verb = (Statement & { kind: "modify" })["verb"];

/** INSERT, UPDATE and DELETE; the reader stands at the verb. */
export const modify =
  (verb: Verb) =>
  (reader: TokenReader): StatementBody =>
    readModify(reader, verb, 0);

/** `WITH … SELECT` is a query, `WITH … INSERT` is a change. */
export function withQuery(reader: TokenReader): StatementBody {
  const found = verbAfterWith(reader);
  return found === null ? { kind: "query", query: readPlainQuery(reader) } : readModify(reader, found.verb, found.ahead);
}

/** `ahead`: how many tokens of a WITH clause come before the verb. */
function readModify(reader: TokenReader, verb: Verb, ahead: number): StatementBody {
  const start = reader.mark();
  for (let i = 0; i < ahead; i++) reader.next();
  reader.need(verb);
  const { target, columns } = readTarget(reader, verb);
  const returning = readToReturning(reader);
  const own = { verb, schema: target.schema, table: target.name, columns, returning };
  const head = readStandardHead(own) ?? own;
  return {
    kind: "modify",
    verb,
    target: { schema: head.schema, name: head.table, at: target.at },
    columns: head.columns,
    query: reader.textSince(start),
    returning: head.returning,
  };
}

/** The verb that a WITH clause leads to: it stands outside parentheses and follows one. */
function verbAfterWith(reader: TokenReader): { verb: Verb; ahead: number } | null {
  let depth = 0;
  for (let ahead = 0; ; ahead++) {
    const token = reader.peek(ahead);
    if (token === undefined) return null;
    if (opens(token)) depth++;
    else if (closes(token)) depth--;
    else if (depth === 0 && token.kind === "word" && reader.atMark(")", ahead - 1)) {
      const verb = verbs.find((name) => isWord(token, name));
      if (verb !== undefined) return { verb, ahead };
    }
  }
}

const verbs: readonly Verb[] = ["insert", "update", "delete"];

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
