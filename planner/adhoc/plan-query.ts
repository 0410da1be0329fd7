import { SqlError } from "../../runtime/contract/errors.ts";
import type { JavascriptFunction } from "../../runtime/contract/javascript.ts";
import type { Binder } from "../binder/binder.ts";
import { quoteName } from "../../runtime/contract/quote.ts";
import type { CatalogView, ViewObject } from "../catalog.ts";
import { rewriteQuery } from "../front/rewrite/rewrite-query.ts";
import type { SqlText } from "../front/statement.ts";
import { locator } from "../logical/locate.ts";
import { check } from "./allow-list.ts";
import { syntaxTree } from "./syntax-tree.ts";

export interface AdhocQuery {
  readonly sql: string;
  readonly relations: readonly string[];
  /** Functions written in JavaScript that it calls: it is answered once their results are known. */
  readonly functions: readonly JavascriptFunction[];
  /** Offset in the user's text, from an offset in `sql` (UTF-16 units); undefined within the definition of a view. */
  readonly position: (at: number) => number | undefined;
}

/** An ad-hoc query as DuckDB SQL over the store, checked; views become CTEs in front. */
export async function planQuery(query: SqlText, catalog: CatalogView, binder: Binder): Promise<AdhocQuery> {
  const tree = await syntaxTree(query, binder);
  const checked = await check(tree, catalog, locator(query), binder);
  const relations = new Set(checked.relations);
  const functions = new Set(checked.functions);
  const definitions: string[] = [];
  const defined = new Set<string>();
  for (const view of checked.views) await define(view, { catalog, binder, relations, functions, definitions, defined });
  const { text } = tree.rewritten;
  const { sql, own_length } = withDefinitions(text, definitions);
  const before = sql.length - own_length;
  const position = (at: number): number | undefined => (at < before ? undefined : tree.rewritten.map(at - sql.length + text.length));
  return { sql, relations: [...relations], functions: [...functions], position };
}

interface Views {
  readonly catalog: CatalogView;
  readonly binder: Binder;
  readonly relations: Set<string>;
  readonly functions: Set<JavascriptFunction>;
  readonly definitions: string[];
  readonly defined: Set<string>;
}

/** A view's definition behind those of the views that it reads. */
async function define(view: ViewObject, views: Views): Promise<void> {
  if (views.defined.has(view.name)) return;
  views.defined.add(view.name);
  const text = { text: view.query, at: 0 };
  const inner = await check(await syntaxTree(text, views.binder), views.catalog, locator(text), views.binder);
  for (const relation of inner.relations) views.relations.add(relation);
  for (const called of inner.functions) views.functions.add(called);
  for (const below of inner.views) await define(below, views);
  const columns = view.columns.map((c) => quoteName(c.name)).join(", ");
  views.definitions.push(`${quoteName(view.name)}(${columns}) AS (${rewriteQuery(text).text})`);
}

/** `own_length` is how much at the end stands there as it did before. */
function withDefinitions(sql: string, definitions: readonly string[]): { readonly sql: string; readonly own_length: number } {
  if (definitions.length === 0) return { sql, own_length: sql.length };
  const list = definitions.join(", ");
  const own = /^\s*with\s+(recursive\s+)?/i.exec(sql);
  if (own === null) return { sql: `WITH ${list} ${sql}`, own_length: sql.length };
  const rest = sql.slice(own[0].length);
  return { sql: `WITH ${own[1] ?? ""}${list}, ${rest}`, own_length: rest.length };
}

const select = "SELECT ";

/** A scalar expression as DuckDB SQL. */
export async function planExpression(expression: SqlText, catalog: CatalogView, binder: Binder): Promise<string> {
  const query = { text: `${select}${expression.text}`, at: expression.at - select.length };
  const { sql, relations, functions } = await planQuery(query, catalog, binder);
  if (relations.length > 0) throw new SqlError({ sqlState: "0A000", message: "cannot use a subquery here", at: expression.at });
  refuseJavascript(functions, expression.at);
  return sql.replace(/^\s*select\s*/i, "");
}

/** What the store computes by itself, such as a default, cannot wait for a thread of a function. */
export function refuseJavascript(functions: readonly JavascriptFunction[], at: number): void {
  const [called] = functions;
  if (called === undefined) return;
  throw new SqlError({
    sqlState: "0A000",
    message: `function ${called.name} is written in JavaScript: it cannot be called here`,
    hint: "Call it in a query, in INSERT or UPDATE, in a view or a materialized view.",
    at,
  });
}
