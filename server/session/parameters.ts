import { SqlError } from "../../runtime/contract/errors.ts";
import type { QueryResult, StoreConnection } from "../../runtime/contract/store.ts";
import { formatText } from "../../runtime/contract/text.ts";
import { isInteger } from "../../runtime/contract/type-classes.ts";
import { bigint, double, formatType, interval, type SqlType, type TypeId, varchar } from "../../runtime/contract/types.ts";
import type { Value } from "../../runtime/contract/value.ts";
import type { Parameter } from "./execution.ts";

/**
 * Runs SQL of the store with bound parameters. Each `$n` of a known type is wrapped in a CAST, for a value alone does not
 * say whether it is a DATE or a number. Positions in errors are those of `sql`.
 */
export async function queryWithParameters(
  connection: StoreConnection,
  sql: string,
  parameters: readonly Parameter[],
): Promise<QueryResult> {
  const cast = castParameters(
    sql,
    parameters.map(({ type }) => type),
  );
  return connection.query(cast.sql, parameters.map(storeValue)).catch(cast.rethrow);
}

/** The same for SQL that uses some of the parameters only: DuckDB numbers them without gaps. */
export function queryWithUsedParameters(connection: StoreConnection, sql: string, parameters: readonly Parameter[]): Promise<QueryResult> {
  const { sql: renumbered, used } = usedParameters(sql);
  const values = used.flatMap((n) => parameters[n - 1] ?? []);
  return queryWithParameters(connection, renumbered, values);
}

/** The same for the description; parameters stand at their own numbers, null for those not used. */
export async function describeWithUsedParameters(
  connection: StoreConnection,
  sql: string,
  declared: readonly (SqlType | null)[] = [],
): ReturnType<StoreConnection["describe"]> {
  const { sql: renumbered, used } = usedParameters(sql);
  const described = await describeWithParameters(
    connection,
    renumbered,
    used.map((n) => declared[n - 1] ?? null),
  );
  const parameters = Array.from({ length: Math.max(0, ...used) }, (_, i) => described.parameters[used.indexOf(i + 1)] ?? null);
  return { schema: described.schema, parameters };
}

/** SQL with its parameters numbered from 1 on, and the numbers that they had. */
function usedParameters(sql: string): { readonly sql: string; readonly used: readonly number[] } {
  const used: number[] = [];
  const renumbered = sql.replaceAll(tokens, (token: string, _tag: unknown, number: string | undefined) => {
    if (number === undefined) return token;
    if (!used.includes(Number(number))) used.push(Number(number));
    return `$${used.indexOf(Number(number)) + 1}`;
  });
  return { sql: renumbered, used };
}

/** Columns and parameter types of SQL of the store. A parameter that neither the client nor DuckDB gives a type is text. */
export async function describeWithParameters(
  connection: StoreConnection,
  sql: string,
  declared: readonly (SqlType | null)[] = [],
): ReturnType<StoreConnection["describe"]> {
  const cast = castParameters(sql, declared);
  try {
    return await connection.describe(cast.sql);
  } catch (error) {
    // DuckDB cannot say what `SELECT $1` returns, nor what `n + $1` takes: the first type that fits is taken.
    for (const type of guesses) {
      const guessed = castParameters(sql, declared, type);
      if (guessed.sql === cast.sql) break;
      const described = await connection.describe(guessed.sql).catch(() => null);
      if (described !== null) return described;
    }
    // Where the fault was another one, that is what the user should read.
    return cast.rethrow(error);
  }
}

const guesses: readonly SqlType[] = [varchar, bigint, double, interval];

/** What is no parameter, whatever it holds, and last the parameter itself. */
const tokens =
  /[eE]'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|\$([A-Za-z_]\w*)?\$[\s\S]*?\$\1\$|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|\$(\d+)/g;

interface CastSql {
  readonly sql: string;
  /** Throws an error of this SQL again, its position counted in the text before the casts. */
  readonly rethrow: (error: unknown) => never;
}

/** `$1` of a known type becomes `CAST($1 AS type)`; `otherwise` is the type of the others, absent = left as they are. */
export function castParameters(sql: string, types: readonly (SqlType | null)[], otherwise?: SqlType): CastSql {
  const casts: { readonly at: number; readonly token: string; readonly text: string }[] = [];
  for (const match of sql.matchAll(tokens)) {
    const type = match[2] === undefined ? undefined : (types[Number(match[2]) - 1] ?? otherwise);
    if (type !== undefined) casts.push({ at: match.index, token: match[0], text: `CAST(${match[0]} AS ${formatType(type)})` });
  }
  let written = "";
  let read = 0;
  for (const { at, token, text } of casts) {
    written += sql.slice(read, at) + text;
    read = at + token.length;
  }
  return { sql: written + sql.slice(read), rethrow: (error) => rethrowMoved(error, casts) };
}

function rethrowMoved(error: unknown, casts: readonly { readonly at: number; readonly token: string; readonly text: string }[]): never {
  if (!(error instanceof SqlError) || error.at === undefined) throw error;
  let added = 0;
  for (const { at, token, text } of casts) {
    if (error.at < at + added) break;
    // Inside the cast the position is its parameter's.
    if (error.at < at + added + text.length) throw error.movedBy(at - error.at);
    added += text.length - token.length;
  }
  throw error.movedBy(-added);
}

/** With the integers, the types whose value says by itself what it is; all others reach the store as text, for a bare number of days is no DATE. */
const selfEvident: ReadonlySet<TypeId> = new Set<TypeId>(["boolean", "double", "varchar", "json", "blob", "interval"]);

/**
 * The value to hand to `StoreConnection.query` for a bound parameter. Dates, times, decimals, reals, lists and -0 go as
 * text, which DuckDB casts to the type that the statement needs.
 */
export function storeValue({ type, value }: Parameter): Value {
  if (value === null || type === null || ((isInteger(type) || selfEvident.has(type.id)) && !Object.is(value, -0))) return value;
  if (type.id === "struct" || type.id === "map") {
    throw new SqlError({ sqlState: "0A000", message: `a parameter of type ${type.id} is not supported` });
  }
  const text = formatText(type, value);
  return type.id === "list" ? listText(type.element.id === "list", text) : duckdbEra(text);
}

/** `0044-03-15 01:02:03 BC` is Postgres' spelling; DuckDB's is `0044-03-15 (BC) 01:02:03`. */
const duckdbEra = (text: string): string => text.replace(/^([\d-]+)(.*) BC$/, "$1 (BC)$2");

/** DuckDB writes lists in brackets; braces are Postgres'. */
function listText(nested: boolean, text: string): string {
  if (nested) throw new SqlError({ sqlState: "0A000", message: "a parameter of a nested array type is not supported" });
  return `[${text.slice(1, -1)}]`;
}

/** Throws an error of SQL of the store again, at the place in the user's text that it is about. */
export const rethrowAt =
  (position: (at: number) => number | undefined) =>
  (error: unknown): never => {
    if (!(error instanceof SqlError) || error.at === undefined) throw error;
    throw error.movedTo(position(error.at));
  };
