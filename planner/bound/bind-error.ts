import { SqlError, type SqlState } from "../../runtime/contract/errors.ts";
import { utf16Offset } from "../front/rewrite/rewritten.ts";
import { suggest } from "../../runtime/contract/suggest.ts";
import { type JsonObject, text } from "./json.ts";

/** What an error needs of the query: names for suggestions, and the way back to the user's text. */
export interface QueryNames {
  readonly relations: readonly string[];
  readonly columns: readonly string[];
  /** Offset in the user's text, from a UTF-8 byte offset in what DuckDB was given. */
  readonly mapBytes: (offset: number) => number;
  /** What DuckDB was given. */
  readonly text: string;
  /** Where a name stands in the user's text. */
  readonly locate: (...words: readonly string[]) => number | undefined;
}

interface Rule {
  readonly pattern: RegExp;
  readonly sqlState: SqlState;
  /** Postgres' words; by default DuckDB's first line. */
  readonly message?: (found: RegExpExecArray) => string;
  /** What kind of name group 1 is, for a suggestion. */
  readonly names?: "relations" | "columns";
  readonly hint?: string;
}

/** First match wins. Group 1, where there is one, is the name that the error is about. */
const rules: readonly Rule[] = [
  {
    pattern: /^Referenced column "(.+?)" (?:not found in FROM clause|was not found)/,
    sqlState: "42703",
    message: ([, name]) => `column "${name}" does not exist`,
    names: "columns",
  },
  {
    pattern: /^(?:Table|Values list) "(.+?)" does not have a column named "(.+?)"/,
    sqlState: "42703",
    message: ([, table, name]) => `column ${table}.${name} does not exist`,
    names: "columns",
  },
  {
    pattern: /^Referenced table "(.+?)" not found/,
    sqlState: "42P01",
    message: ([, name]) => `missing FROM-clause entry for table "${name}"`,
    names: "relations",
  },
  {
    pattern: /^Table with name "?(.+?)"? does not exist/,
    sqlState: "42P01",
    message: ([, name]) => `relation "${name}" does not exist`,
    names: "relations",
  },
  {
    pattern: /^(?:Scalar|Aggregate|Table|Macro|Scalar Macro|Table Macro|\w+) Function with name "?(.+?)"? does not exist/i,
    sqlState: "42883",
    message: ([, name]) => `function ${name} does not exist`,
  },
  {
    pattern: /^No function matches the given name and argument types 'mr_(tumble|hop|cumulate|session)\((.+?), /,
    sqlState: "42883",
    message: ([, window, type]) =>
      `${window?.toUpperCase()} needs a time column of type TIMESTAMP or TIMESTAMP WITH TIME ZONE, not ${type}`,
    hint: "Its sizes are intervals: INTERVAL '1 minute'.",
  },
  {
    pattern: /^No function matches the given name and argument types '(.+?)'/,
    sqlState: "42883",
    message: ([, call]) => `function ${call?.toLowerCase()} does not exist`,
    hint: "No function matches the given name and argument types. You might need to add explicit type casts.",
  },
  { pattern: /^Schema with name "?(.+?)"? does not exist/, sqlState: "3F000", message: ([, name]) => `schema "${name}" does not exist` },
  { pattern: /^Type with name "?(.+?)"? does not exist/, sqlState: "42704", message: ([, name]) => `type "${name}" does not exist` },
  {
    pattern: /^column "?(.+?)"? must appear in the GROUP BY clause/i,
    sqlState: "42803",
    message: ([, name]) => `column "${name}" must appear in the GROUP BY clause or be used in an aggregate function`,
  },
  { pattern: /aggregates?.*(?:WHERE|nested|cannot)/i, sqlState: "42803" },
  {
    pattern: /ambiguous reference to column name "(.+?)"/i,
    sqlState: "42702",
    message: ([, name]) => `column reference "${name}" is ambiguous`,
  },
  { pattern: /^Ambiguous/i, sqlState: "42702" },
  { pattern: /^Duplicate alias "(.+?)"/i, sqlState: "42712", message: ([, name]) => `table name "${name}" specified more than once` },
  {
    pattern: /^Could not convert string '(.*?)' to (\w+)/,
    sqlState: "22P02",
    message: ([, value, type]) => `invalid input syntax for type ${type?.toLowerCase()}: "${value}"`,
  },
  { pattern: /^Could not choose a best candidate function/, sqlState: "42725" },
  { pattern: /^Cannot (?:compare|mix|combine|cast)|type mismatch|must be .*type/i, sqlState: "42804" },
  { pattern: /out of range|overflow/i, sqlState: "22003" },
  { pattern: /division by zero/i, sqlState: "22012" },
  { pattern: /not (?:yet )?(?:supported|implemented)|cannot plan/i, sqlState: "0A000" },
  { pattern: /syntax error at or near "(.+?)"/, sqlState: "42601", message: ([, near]) => `syntax error at or near "${near}"` },
  { pattern: /syntax error at end of input/, sqlState: "42601", message: () => "syntax error at end of input" },
];

const statesByType: Readonly<Record<string, SqlState>> = {
  parser: "42601",
  syntax: "42601",
  binder: "42804",
  catalog: "42704",
  conversion: "22P02",
  "invalid input": "22023",
  "out of range": "22003",
  "out of memory": "53000",
  "not implemented": "0A000",
};

/** DuckDB's binding error `{error_type, error_message, position?, candidates?, name?}` in Postgres' terms, at the user's text. */
export function toSqlError(json: JsonObject, names: QueryNames): SqlError {
  const whole = text(json, "error_message");
  const line = whole.split("\n")[0] ?? whole;
  for (const rule of rules) {
    const found = rule.pattern.exec(line);
    if (found === null) continue;
    return new SqlError({
      sqlState: rule.sqlState,
      message: rule.message?.(found) ?? lowered(line),
      hint: rule.hint ?? (rule.names === undefined ? undefined : nearest(found, rule.names, json, names)),
      at: positionOf(json, found[1], names),
    });
  }
  const type = text(json, "error_type").toLowerCase();
  return new SqlError({ sqlState: statesByType[type] ?? "XX000", message: lowered(line), at: positionOf(json, undefined, names) });
}

/** Near in spelling first; else what DuckDB thinks of. */
function nearest(found: RegExpExecArray, kind: "relations" | "columns", json: JsonObject, names: QueryNames): string | undefined {
  const name = found.at(-1) ?? "";
  const candidates = text(json, "candidates")
    .split(",")
    .map((c) => c.split(".").at(-1) ?? c)
    .filter((c) => c !== "");
  const near = suggest(name, [...candidates, ...names[kind]]);
  return near === undefined ? undefined : `Perhaps you meant "${near}".`;
}

/** Where DuckDB points, if the name stands there (a position may count in the text of a macro or view); else where the name stands. */
function positionOf(json: JsonObject, name: string | undefined, names: QueryNames): number | undefined {
  const position = text(json, "position");
  const offset = position === "" ? null : Number(position);
  const word = name?.split("(")[0]?.split(".").at(-1)?.toLowerCase();
  const found = word === undefined ? undefined : names.locate(word);
  if (offset === null) return found;
  const starts = names.text
    .slice(utf16Offset(names.text, offset))
    .replace(/^["'`]/, "")
    .toLowerCase();
  return word === undefined || word === "" || starts.startsWith(word) || found === undefined ? names.mapBytes(offset) : found;
}

function lowered(line: string): string {
  const short = line.replace(/[.!]+$/, "");
  return /^[A-Z][a-z]/.test(short) ? `${short.charAt(0).toLowerCase()}${short.slice(1)}` : short;
}
