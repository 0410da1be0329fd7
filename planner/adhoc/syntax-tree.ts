import { SqlError } from "../../runtime/contract/errors.ts";
import type { Binder } from "../binder/binder.ts";
import { type Json, type JsonObject, object, objects, parsePlanJson, text } from "../bound/json.ts";
import { toSqlError } from "../bound/bind-error.ts";
import { rewriteQuery } from "../front/rewrite/rewrite-query.ts";
import type { Rewritten } from "../front/rewrite/rewritten.ts";
import type { SqlText } from "../front/statement.ts";
import { locator } from "../logical/locate.ts";

/** DuckDB's own parse tree of a query: what it would run, not what we think it would. */
export interface SyntaxTree {
  readonly root: JsonObject;
  readonly rewritten: Rewritten;
}

/** Several questions are asked about each query; it is parsed for the first one. */
const parsed = new WeakMap<SqlText, Promise<SyntaxTree>>();

export function syntaxTree(query: SqlText, binder: Binder): Promise<SyntaxTree> {
  const known = parsed.get(query);
  if (known !== undefined) return known;
  const tree = parse(query, binder);
  parsed.set(query, tree);
  return tree;
}

async function parse(query: SqlText, binder: Binder): Promise<SyntaxTree> {
  const rewritten = rewriteQuery(query);
  const [[json = null] = []] = await binder.texts("SELECT json_serialize_sql($1::VARCHAR)", [rewritten.text]);
  const root = parsePlanJson(json ?? "{}");
  if (root["error"] === true) {
    const names = {
      relations: [],
      columns: [],
      text: rewritten.text,
      mapBytes: (at: number) => rewritten.mapBytes(at),
      locate: locator(query),
    };
    throw toSqlError(root, names);
  }
  const statements = objects(root, "statements");
  if (statements.length !== 1) throw new SqlError({ sqlState: "42601", message: "a query is one statement", at: query.at });
  return { root: object(statements[0]), rewritten };
}

export interface Visitor {
  /** A table by name; `isCte` when a WITH in scope defines it. */
  readonly table: (node: JsonObject, isCte: boolean) => void;
  readonly tableFunction: (node: JsonObject, call: JsonObject, ctes: ReadonlySet<string>) => void;
  readonly call: (node: JsonObject) => void;
  /** Table references of other kinds: joins, subqueries, VALUES … */
  readonly other: (node: JsonObject) => void;
}

const isObject = (value: Json | undefined): value is JsonObject => typeof value === "object" && value !== null && !Array.isArray(value);

/** Visits every table reference and function call, with the names of the WITH clauses in scope. */
export function visit(node: Json | undefined, visitor: Visitor, ctes: ReadonlySet<string> = new Set()): void {
  if (Array.isArray(node)) {
    for (const item of node as readonly Json[]) visit(item, visitor, ctes);
    return;
  }
  if (!isObject(node)) return;
  const scope = withCtes(node, ctes);
  visitTable(node, visitor, scope);
  if (node["class"] === "FUNCTION") visitor.call(node);
  const isTableFunction = node["type"] === "TABLE_FUNCTION" && node["class"] === undefined;
  for (const [key, value] of Object.entries(node)) {
    // The call in FROM was visited as a table function; what it is given is still to be seen.
    if (isTableFunction && key === "function" && isObject(value)) for (const inner of Object.values(value)) visit(inner, visitor, scope);
    else visit(value, visitor, scope);
  }
}

function visitTable(node: JsonObject, visitor: Visitor, scope: ReadonlySet<string>): void {
  if (node["class"] !== undefined || typeof node["type"] !== "string") return;
  switch (node["type"]) {
    case "BASE_TABLE":
      visitor.table(node, text(node, "schema_name") === "" && text(node, "catalog_name") === "" && scope.has(text(node, "table_name")));
      break;
    case "TABLE_FUNCTION":
      visitor.tableFunction(node, object(node["function"]), scope);
      break;
    default:
      visitor.other(node);
  }
}

function withCtes(node: JsonObject, outer: ReadonlySet<string>): ReadonlySet<string> {
  const map = node["cte_map"];
  if (!isObject(map)) return outer;
  const names = objects(map, "map").map((entry) => text(entry, "key"));
  return names.length === 0 ? outer : new Set([...outer, ...names]);
}

/** The relation that a window call names: `bid`, `"Bid"`, `public.bid`. */
export function windowRelation(call: JsonObject): string | null {
  const [first] = objects(call, "children");
  const value = first === undefined ? undefined : first["value"];
  const literal = isObject(value) ? value["value"] : undefined;
  return typeof literal === "string" ? literal : null;
}

export const windowFunctions: ReadonlySet<string> = new Set([
  "tumble",
  "hop",
  "cumulate",
  "session",
  "tumble_zoned",
  "hop_zoned",
  "cumulate_zoned",
]);

/** `public.bid` or `"Bid"` as schema and name. */
export function splitName(name: string): { readonly schema: string; readonly name: string } {
  const parts = [...name.matchAll(/"((?:[^"]|"")+)"|([^."]+)/g)].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? "");
  return { schema: parts.length > 1 ? (parts.at(-2) ?? "") : "", name: parts.at(-1) ?? "" };
}
