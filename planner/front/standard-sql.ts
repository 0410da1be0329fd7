import { createRequire } from "node:module";
import type { Parser } from "node-sql-parser/build/postgresql.js";
import { quoteName } from "./rewrite/pieces.ts";

/*
 * The one module that knows node-sql-parser (design D2). It gets the heads of standard statements only, the bodies cut: the
 * parser takes exponential time in nested parentheses and reads `a OR b AND c` as `(a OR b) AND c`.
 */

/** What INSERT, UPDATE or DELETE changes, as our own reader cut it out of the statement. */
export interface ModifyHead {
  readonly verb: "insert" | "update" | "delete";
  readonly schema: string | null;
  readonly table: string;
  /** Of INSERT, in order; null for all. */
  readonly columns: readonly string[] | null;
  readonly returning: boolean;
}

const head_chars_max = 20_000;

/** Loaded when the first INSERT comes: it takes 50 ms. */
let loaded: Parser | undefined;
function parser(): Parser {
  if (loaded === undefined) {
    const require = createRequire(import.meta.url);
    const build = require("node-sql-parser/build/postgresql.js") as { Parser: new () => Parser };
    loaded = new build.Parser();
  }
  return loaded;
}

/** The same head as node-sql-parser reads it, or null when it cannot: then our own reading stands. */
export function readStandardHead(head: ModifyHead): ModifyHead | null {
  const text = skeleton(head);
  if (text.length > head_chars_max || text.includes('""')) return null; // the parser keeps doubled quotes doubled
  try {
    const parsed: unknown = parser().astify(text);
    return readTree(head.verb, Array.isArray(parsed) ? parsed[0] : parsed);
  } catch {
    return null;
  }
}

/** The statement with a body that says nothing; no parentheses but those of the columns and as many values. */
function skeleton({ verb, schema, table, columns, returning }: ModifyHead): string {
  const target = schema === null ? quoted(table) : `${quoted(schema)}.${quoted(table)}`;
  const tail = returning ? " RETURNING *" : "";
  if (verb === "delete") return `DELETE FROM ${target} WHERE 0 = 0${tail}`;
  if (verb === "update") return `UPDATE ${target} SET c = 0${tail}`;
  const list = columns === null ? "" : ` (${columns.map(quoted).join(", ")})`;
  return `INSERT INTO ${target}${list} VALUES (${(columns ?? [""]).map(() => "0").join(", ")})${tail}`;
}

const quoted = (name: string): string => (quoteName(name) === name ? `"${name}"` : quoteName(name));

function readTree(verb: ModifyHead["verb"], tree: unknown): ModifyHead | null {
  const { type, table, columns, returning } = (tree ?? {}) as Readonly<Record<string, unknown>>;
  const [target] = Array.isArray(table) ? (table as readonly { db?: unknown; table?: unknown }[]) : [];
  if (type !== verb || typeof target?.table !== "string") return null;
  const names = Array.isArray(columns) ? columns.map(readName) : [];
  if (names.includes(null)) return null;
  return {
    verb,
    schema: typeof target.db === "string" ? target.db : null,
    table: target.table,
    columns: Array.isArray(columns) ? names.map(String) : null,
    returning: returning !== null && returning !== undefined,
  };
}

function readName(column: unknown): string | null {
  if (typeof column === "string") return column;
  const value = (column as { value?: unknown } | null)?.value;
  return typeof value === "string" ? value : null;
}
