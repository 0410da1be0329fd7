import { readAssignments } from "../assignments.ts";
import { readPlainQuery } from "../emit.ts";
import type { TokenReader } from "../reader.ts";
import { readStandardHead } from "../standard-sql.ts";
import type { ConflictClause, ModifyClauses, Name, SqlText, Statement } from "../statement.ts";
import { notSupported } from "../syntax-error.ts";
import { closes, isWord, opens, type Token } from "../token.ts";
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
  const before = ahead === 0 ? null : reader.textSince(start);
  reader.need(verb);
  const { target, columns, ...clauses } = readers[verb](reader);
  const returning = readReturning(reader);
  const own = { verb, schema: target.schema, table: target.name, columns, returning: returning !== null };
  const head = readStandardHead(own) ?? own;
  return {
    kind: "modify",
    verb,
    target: { schema: head.schema, name: head.table, at: target.at },
    columns: head.columns,
    query: reader.textSince(start),
    returning: head.returning,
    clauses: { ...noClauses, ...clauses, with: before, returning },
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

const noClauses: ModifyClauses = {
  with: null,
  alias: null,
  rows: null,
  conflict: null,
  assignments: [],
  from: null,
  where: null,
  returning: null,
};

type Read = Partial<ModifyClauses> & { readonly target: Name; readonly columns: readonly string[] | null };

const readers: Readonly<Record<Verb, (reader: TokenReader) => Read>> = { insert: readInsert, update: readUpdate, delete: readDelete };

function readInsert(reader: TokenReader): Read {
  reader.need("into");
  const target = reader.name();
  const alias = reader.eat("as") ? reader.identifier() : null;
  const columns = readInsertColumns(reader);
  if (reader.at("overriding")) throw notSupported("OVERRIDING", reader.offset);
  if (reader.eat("default", "values")) return { target, columns, alias, conflict: readConflict(reader) };
  if (!startsQuery(reader)) throw reader.error(["VALUES", "SELECT", "DEFAULT"]);
  const rows = reader.textUntil((token, at) => isWord(token, "returning") || at.at("on", "conflict"));
  return { target, columns, alias, rows, conflict: readConflict(reader) };
}

function readConflict(reader: TokenReader): ConflictClause | null {
  const at = reader.offset;
  if (!reader.eat("on", "conflict")) return null;
  const constraint = reader.eat("on", "constraint") ? reader.identifier() : null;
  const columns = reader.atMark("(") ? reader.list(() => reader.identifier()) : null;
  if (reader.at("where")) throw notSupported("WHERE in a conflict target", reader.offset);
  reader.need("do");
  if (reader.eat("nothing")) return { at, constraint, columns, update: null };
  if (!reader.at("update")) throw reader.error(["NOTHING", "UPDATE"]);
  reader.need("update", "set");
  const assignments = readAssignments(reader);
  return { at, constraint, columns, update: { assignments, where: readWhere(reader) } };
}

function readUpdate(reader: TokenReader): Read {
  reader.eat("only");
  const target = reader.name();
  const alias = reader.at("set") ? null : readAlias(reader, ["SET"]);
  reader.need("set");
  const assignments = readAssignments(reader);
  const from = reader.eat("from") ? reader.textUntil(startsWhere) : null;
  return { target, columns: null, alias, assignments, from, where: readWhere(reader) };
}

function readDelete(reader: TokenReader): Read {
  reader.need("from");
  reader.eat("only");
  const target = reader.name();
  const isPlain = reader.atEnd || ["using", "where", "returning"].some((word) => reader.at(word));
  const alias = isPlain ? null : readAlias(reader, ["USING", "WHERE", "RETURNING"]);
  const from = reader.eat("using") ? reader.textUntil(startsWhere) : null;
  return { target, columns: null, alias, from, where: readWhere(reader) };
}

function readAlias(reader: TokenReader, expected: readonly string[]): string {
  reader.eat("as");
  return reader.identifier(expected);
}

const startsWhere = (token: Token): boolean => isWord(token, "where") || isWord(token, "returning");

const readWhere = (reader: TokenReader): SqlText | null =>
  reader.eat("where") ? reader.textUntil((token) => isWord(token, "returning")) : null;

function readReturning(reader: TokenReader): SqlText | null {
  return reader.eat("returning") ? reader.textToEnd() : null;
}
