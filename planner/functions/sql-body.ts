import { SqlError } from "../../runtime/contract/errors.ts";
import { type Field, formatType } from "../../runtime/contract/types.ts";
import { requireAllowedCalls } from "../adhoc/allow-list.ts";
import { syntaxTree, visit } from "../adhoc/syntax-tree.ts";
import type { Binder } from "../binder/binder.ts";
import { quoteName } from "../../runtime/contract/quote.ts";
import { text } from "../bound/json.ts";
import type { CatalogView } from "../catalog.ts";
import { lex } from "../front/lexer.ts";
import { rewriteQuery } from "../front/rewrite/rewrite-query.ts";
import type { SqlText, StatementOf } from "../front/statement.ts";
import type { Token } from "../front/token.ts";

type CreateFunction = StatementOf<"createFunction">;

/** The body of a function as an expression over the macro's parameters, each cast to its type; and the functions it calls. */
export async function bindSqlBody(
  statement: CreateFunction,
  names: readonly string[],
  catalog: CatalogView,
  binder: Binder,
): Promise<{ readonly sql: string; readonly calls: readonly string[] }> {
  const body = expressionOf(statement.body);
  const tokens = lex(body.text, body.at);
  const typed = substitute(statement, body, tokens, (i) => `CAST(${quoteName(names[i] as string)} AS ${typeOf(statement, i)})`);
  const nulls = substitute(statement, body, tokens, (i) => `CAST(NULL AS ${typeOf(statement, i)})`);
  const calls = await callsOf(asQuery(typed, body), statement, catalog, binder);
  await requireBinds(`SELECT CAST((${nulls}) AS ${formatType(statement.returns)})`, body, catalog, binder);
  const sql = rewriteQuery(asQuery(typed, body)).text.replace(/^\s*SELECT\s*/, "");
  return { sql: `(${sql})`, calls };
}

const typeOf = (statement: CreateFunction, i: number): string => formatType((statement.parameters[i] as Field).type);
const select = "SELECT ";
const asQuery = (expression: string, { at }: SqlText): SqlText => ({ text: `${select}${expression}`, at: at - select.length });

/** `SELECT expression` or the expression alone. */
function expressionOf(body: SqlText): SqlText {
  const tokens = lex(body.text, body.at);
  const last = tokens.at(-1);
  const end = last?.value === ";" ? last.start : body.at + body.text.length;
  const [first] = tokens;
  if (first === undefined) throw new SqlError({ sqlState: "42601", message: "the function has no body", at: body.at });
  const isSelect = first.kind === "word" && first.value === "select";
  const from = (isSelect ? tokens[1]?.start : first.start) ?? end;
  refuseClauses(tokens, body);
  return { text: body.text.slice(from - body.at, end - body.at), at: from };
}

const clauses = /^(?:from|where|group|having|order|limit|union|intersect|except|into|window)$/;

function refuseClauses(tokens: readonly Token[], body: SqlText): void {
  let depth = 0;
  for (const [i, token] of tokens.entries()) {
    if (token.kind === "mark" && "([".includes(token.value)) depth++;
    if (token.kind === "mark" && ")]".includes(token.value)) depth--;
    const isClause =
      token.kind === "word" && (clauses.test(token.value) || (i === 0 && /^(?:with|values|insert|update|delete)$/.test(token.value)));
    // A comma ends the expression, and `;` the statement.
    const isMore = token.kind === "mark" && (token.value === "," || (token.value === ";" && i < tokens.length - 1));
    if (depth === 0 && (isClause || isMore)) throw notOne(token.start);
  }
  if (depth !== 0) throw new SqlError({ sqlState: "42601", message: "the function's parentheses do not match", at: body.at });
}

const notOne = (at: number): SqlError =>
  new SqlError({ sqlState: "0A000", message: "a function in SQL is one expression over its arguments", hint: "AS $$ SELECT a + b $$", at });

/** Names of parameters, and `$1`, replaced; a name with a dot or a parenthesis beside it is another's. */
function substitute(
  statement: CreateFunction,
  body: SqlText,
  tokens: readonly Token[],
  replacement: (parameter: number) => string,
): string {
  let sql = "";
  let from = body.at;
  for (const [i, token] of tokens.entries()) {
    const parameter = parameterAt(statement, tokens, i);
    if (parameter < 0) continue;
    sql += body.text.slice(from - body.at, token.start - body.at) + replacement(parameter);
    from = token.end;
  }
  return sql + body.text.slice(from - body.at);
}

function parameterAt(statement: CreateFunction, tokens: readonly Token[], i: number): number {
  const token = tokens[i] as Token;
  if (token.kind === "parameter") {
    const position = Number(token.raw.slice(1));
    if (position >= 1 && position <= statement.parameters.length) return position - 1;
    throw new SqlError({ sqlState: "42P02", message: `there is no parameter ${token.raw}`, at: token.start });
  }
  if (token.kind !== "word" && token.kind !== "quoted") return -1;
  const isPart = (mark: Token | undefined, marks: string): boolean => mark?.kind === "mark" && marks.includes(mark.value);
  if (isPart(tokens[i - 1], ".") || isPart(tokens[i + 1], ".(")) return -1;
  return statement.parameters.findIndex((p) => p.name === token.value);
}

/** The functions of users that the body calls. It reads no tables, and does not come back to itself. */
async function callsOf(query: SqlText, statement: CreateFunction, catalog: CatalogView, binder: Binder): Promise<readonly string[]> {
  await requireAllowedCalls(query, binder, catalog);
  const { root } = await syntaxTree(query, binder);
  const own = new Map(catalog.functions().map((f) => [f.name, f]));
  const calls = new Set<string>();
  visit(root, {
    table: () => {
      throw notOne(query.at + select.length);
    },
    tableFunction: () => {
      throw notOne(query.at + select.length);
    },
    call: (node) => {
      const name = text(node, "function_name").toLowerCase();
      if (own.has(name) || name === statement.name.name) calls.add(name);
    },
    other: () => undefined,
  });
  const reached = new Set(calls);
  for (const name of reached) for (const next of own.get(name)?.dependencies ?? []) reached.add(next);
  if (reached.has(statement.name.name)) {
    throw new SqlError({
      sqlState: "0A000",
      message: `function ${statement.name.name} calls itself`,
      hint: "A function in SQL is expanded where it is called.",
      at: statement.name.at,
    });
  }
  return [...calls];
}

/** What DuckDB cannot bind is refused now rather than at the first call. That a job could not run it is no fault: a SELECT may. */
async function requireBinds(sql: string, body: SqlText, catalog: CatalogView, binder: Binder): Promise<void> {
  try {
    await binder.bind({ text: sql, at: body.at }, catalog);
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    if (error.sqlState !== "0A000") throw error.movedTo(body.at);
  }
}
