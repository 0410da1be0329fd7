import { SqlError } from "../../runtime/contract/errors.ts";
import type { JavascriptFunction } from "../../runtime/contract/javascript.ts";
import type { Binder } from "../binder/binder.ts";
import { type JsonObject, text } from "../bound/json.ts";
import type { CatalogView, FunctionObject, ViewObject } from "../catalog.ts";
import { catalogSchema } from "../front/catalog-names.ts";
import { catalogFunctions } from "../front/macros/catalog.ts";
import type { SqlText } from "../front/statement.ts";
import { suggest } from "../../runtime/contract/suggest.ts";
import { type Locate, locator } from "../logical/locate.ts";
import { splitName, type SyntaxTree, syntaxTree, visit, windowFunctions, windowRelation } from "./syntax-tree.ts";

/** Table functions that an ad-hoc query may call besides the windows. */
const tableFunctions: ReadonlySet<string> = new Set(["unnest", "generate_series", "range", "json_each", "json_tree"]);
const systemSchemas: ReadonlySet<string> = new Set(["millrace", "millrace_state", "information_schema", "pg_catalog", catalogSchema]);
/** Kinds of table references; everything else (SHOW_REF, …) is refused. */
const references: ReadonlySet<string> = new Set(["JOIN", "SUBQUERY", "EXPRESSION_LIST", "EMPTY", "EMPTY_FROM", "PIVOT", "CTE"]);

/** Scalar functions that reach outside of the data: files, settings, sequences, other queries, the process. */
const denied =
  /^(read_|glob$|getenv$|current_setting$|set_config$|getvariable$|query$|query_table$|duckdb_|pragma_|nextval$|currval$|write_log$|which_secret$|sleep|txid_|current_query$|mr_now$|mr_js_|add_parquet_key|enable_|disable_|checkpoint|from_substrait|icu_|parse_duckdb_log)/;

export interface Checked {
  /** `public.delays`, `millrace.checkpoints`: tables of the store that are read. */
  readonly relations: readonly string[];
  readonly views: readonly ViewObject[];
  /** Functions written in JavaScript that it calls, through others too. */
  readonly functions: readonly JavascriptFunction[];
}

/**
 * Holds DuckDB's own parse tree of an ad-hoc query against the lists above (design section 7): what is not named is refused,
 * for DuckDB's settings alone leave holes.
 */
export async function check(tree: SyntaxTree, catalog: CatalogView, locate: Locate, binder: Binder): Promise<Checked> {
  const known = await knownFunctions(binder);
  const relations = new Set<string>();
  const views = new Set<ViewObject>();
  const functions = new Set<JavascriptFunction>();
  const relation = (schema: string, name: string): void => {
    const found = resolve(schema, name, catalog, locate);
    if (typeof found === "string") relations.add(found);
    else views.add(found);
  };
  visit(tree.root, {
    table: (node, isCte) => {
      if (!isCte) relation(text(node, "schema_name"), text(node, "table_name"));
    },
    tableFunction: (_node, call, ctes) => {
      const name = text(call, "function_name").toLowerCase();
      if (!windowFunctions.has(name)) return requireTableFunction(name, locate);
      const over = windowRelation(call);
      requireAllowed(over !== null, name, locate);
      if (over !== null && !ctes.has(over)) relation(splitName(over).schema, splitName(over).name);
    },
    call: (node) => {
      const own = requireFunction(node, known, catalog, locate);
      // What it reads is written before the query is answered.
      if (catalogFunctions.has(text(node, "function_name").toLowerCase())) relations.add(`${catalogSchema}.pg_class`);
      for (const called of own === null ? [] : javascriptOf(own, catalog.functions())) functions.add(called);
    },
    other: (node) => {
      const type = text(node, "type");
      if (type.endsWith("_REF") && !references.has(type)) throw unsupported(type.toLowerCase().replaceAll("_", " "), undefined);
    },
  });
  return { relations: [...relations], views: [...views], functions: [...functions] };
}

/** Temporary tables of the session that hold what a query reads of a savepoint; no name of a user has a space in front. */
export const stateCopyPrefix = " mr state ";

function resolve(schema: string, name: string, catalog: CatalogView, locate: Locate): string | ViewObject {
  if (schema === "temp" && name.startsWith(stateCopyPrefix)) return `temp.${name}`;
  if (systemSchemas.has(schema)) return `${schema}.${name}`;
  const object = schema === "" || schema === "public" ? catalog.get(name) : null;
  const at = locate(name);
  switch (object?.kind) {
    case "view":
      return object;
    case "table":
      return `public.${name}`;
    case "streamingJob":
    case "materializedView":
      if (object.result !== null) return `public.${name}`;
      throw new SqlError({ sqlState: "42809", message: `job "${name}" writes into a sink: it has no result to read`, at });
    case "source":
      throw new SqlError({
        sqlState: "0A000",
        message: `source "${name}" can only be read by a streaming job`,
        hint: `CREATE STREAMING JOB j AS SELECT … FROM ${name}, then SELECT from j.`,
        at,
      });
    case "sink":
      throw new SqlError({ sqlState: "42809", message: `"${name}" is a sink: it cannot be read`, at });
    case undefined:
      return otherTable(schema, name, catalog, at);
  }
}

/** Tables of late and bad rows are in no catalog but are tables of `public`; a name that is nothing fails when DuckDB binds it. */
function otherTable(schema: string, name: string, catalog: CatalogView, at: number | undefined): string {
  if ((schema === "" || schema === "public") && catalog.sideTables().some((table) => table.name === name)) return `public.${name}`;
  if (/^pg_\w+$/.test(name) && schema === "") return `pg_catalog.${name}`;
  const near = suggest(
    name,
    catalog.all().map((o) => o.name),
  );
  throw new SqlError({
    sqlState: "42P01",
    message: `relation "${schema === "" ? "" : `${schema}.`}${name}" does not exist`,
    hint: near === undefined ? undefined : `Perhaps you meant "${near}".`,
    at,
  });
}

/**
 * Refuses calls that reach outside of the data in a query that a view, a job or a column is made of: binding folds constants,
 * so that `current_setting('…')` would run before anything else could refuse it. Throws SqlError 42501, or 42883 for a slip in a name.
 */
export async function requireAllowedCalls(query: SqlText, binder: Binder, catalog: CatalogView | null = null): Promise<void> {
  const own = new Set(catalog?.functions().map((f) => f.name));
  const functions = await knownFunctions(binder);
  const tree = await syntaxTree(query, binder);
  const locate = locator(query);
  visit(tree.root, {
    table: () => undefined,
    tableFunction: (_node, call) => {
      const name = text(call, "function_name").toLowerCase();
      if (!windowFunctions.has(name)) requireTableFunction(name, locate);
    },
    call: (node) => {
      const name = text(node, "function_name").toLowerCase();
      requireAllowed(!denied.test(name), name, locate);
      if (!functions.has(name) && !own.has(name) && nearFunction(name, functions) !== undefined)
        throw unknownFunction(name, functions, locate);
    },
    other: () => undefined,
  });
}

/** What is near in spelling to one that may be called is taken for a slip. */
function requireTableFunction(name: string, locate: Locate): void {
  if (tableFunctions.has(name)) return;
  const near = suggest(name, [...tableFunctions, ...windowFunctions]);
  requireAllowed(near !== undefined, name, locate);
  throw unknownFunction(name, near === undefined ? [] : [near], locate);
}

/** The function of a user's that is called; null for one that is built in. */
function requireFunction(node: JsonObject, known: ReadonlySet<string>, catalog: CatalogView, locate: Locate): FunctionObject | null {
  const name = text(node, "function_name").toLowerCase();
  if (name === "mr_version") throw unsupported("FOR SYSTEM_TIME AS OF", locate("system_time"));
  requireAllowed(!denied.test(name), name, locate);
  if (known.has(name) || tableFunctions.has(name) || catalogFunctions.has(name)) return null;
  const own = catalog.functions();
  const found = own.find((f) => f.name === name);
  if (found === undefined) throw unknownFunction(name, [...known, ...own.map((f) => f.name)], locate);
  return found;
}

/** What it is itself, and what the functions that it calls are. */
function javascriptOf(f: FunctionObject, own: readonly FunctionObject[]): readonly JavascriptFunction[] {
  const called = own.filter(({ name }) => f.dependencies.includes(name));
  return [...(f.javascript === null ? [] : [f.javascript]), ...called.flatMap((other) => javascriptOf(other, own))];
}

const nearFunction = (name: string, known: Iterable<string>): string | undefined =>
  suggest(
    name,
    [...known].filter((candidate) => !/^(mr_|__)|\W/.test(candidate) && !denied.test(candidate)),
  );

function unknownFunction(name: string, known: Iterable<string>, locate: Locate): SqlError {
  const near = nearFunction(name, known);
  return new SqlError({
    sqlState: "42883",
    message: `function ${name} does not exist`,
    hint: near === undefined ? undefined : `Perhaps you meant "${near}".`,
    at: locate(name),
  });
}

function requireAllowed(allowed: boolean, name: string, locate: Locate): void {
  if (allowed) return;
  throw new SqlError({ sqlState: "42501", message: `permission denied for function ${name}`, at: locate(name) });
}

const unsupported = (what: string, at: number | undefined): SqlError =>
  new SqlError({ sqlState: "0A000", message: `${what} is not supported in a query`, at });

const cache = new WeakMap<Binder, Promise<ReadonlySet<string>>>();

/** Scalar, aggregate and macro names, operators among them; read once. */
export function knownFunctions(binder: Binder): Promise<ReadonlySet<string>> {
  const cached = cache.get(binder);
  if (cached !== undefined) return cached;
  const known = readFunctions(binder).catch((error: unknown) => {
    cache.delete(binder); // Another try may find them.
    throw error;
  });
  cache.set(binder, known);
  return known;
}

async function readFunctions(binder: Binder): Promise<ReadonlySet<string>> {
  const rows = await binder.texts(
    "SELECT DISTINCT lower(function_name) FROM duckdb_functions() WHERE function_type IN ('scalar', 'aggregate', 'macro') AND schema_name <> 'public'",
  );
  return new Set(rows.map(([name]) => name ?? ""));
}
