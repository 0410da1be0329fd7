import { messageOf, SqlError, type SqlState } from "../contract/errors.ts";
import { suggest } from "../contract/suggest.ts";

interface DuckdbError {
  readonly exception_type?: string;
  readonly exception_message?: string;
  readonly error_subtype?: string;
  readonly position?: string;
  readonly candidates?: string;
  readonly name?: string;
}

const states: readonly (readonly [RegExp, SqlState])[] = [
  [/interrupt/i, "57014"],
  [/no space left|disk full|could not write/i, "53100"],
  [/io error|cannot open file/i, "58030"],
  [/division by zero/i, "22012"],
  [/out of range|overflow/i, "22003"],
  [/constraint error: not null/i, "23502"],
  [/not null constraint/i, "23502"],
  [/duplicate key|unique constraint|primary key constraint/i, "23505"],
  [/check constraint/i, "23514"],
  [/conversion error.*(date|time)/i, "22007"],
  [/conversion error|could not convert/i, "22P02"],
  [/table with name .* does not exist/i, "42P01"],
  [/(scalar|aggregate|macro|table) function with name .* does not exist/i, "42883"],
  [/no function matches/i, "42883"],
  [/referenced column|referenced table|column .* not found|does not have a column/i, "42703"],
  [/ambiguous/i, "42702"],
  [/already exists/i, "42P07"],
  [/must appear in the group by/i, "42803"],
  [/parser error/i, "42601"],
  [/catalog error/i, "42704"],
  [/not implemented/i, "0A000"],
  [/out of memory/i, "53000"],
  [/transactioncontext error|transaction/i, "40001"],
  [/binder error|mismatch/i, "42804"],
  [/invalid input/i, "22023"],
];

/** A driver's error with a SQLSTATE; `at` counts UTF-16 units in the SQL that DuckDB was given. */
export function fromDuckdbError(error: unknown, sql: string): SqlError {
  if (error instanceof SqlError) return error;
  const fields = structured(messageOf(error));
  const text = fields.exception_message ?? messageOf(error);
  const whole = `${fields.exception_type ?? ""} error: ${text}`;
  const state = states.find(([pattern]) => pattern.test(whole))?.[1] ?? "XX000";
  return new SqlError({
    sqlState: state,
    message: firstLine(text),
    at: fields.position === undefined ? undefined : utf16Offset(sql, Number(fields.position)),
    hint: hintOf(fields),
    cause: error,
  });
}

/** DuckDB names candidates however far off they are; one that is no slip of the pen helps nobody. */
function hintOf({ name, candidates }: DuckdbError): string | undefined {
  if (candidates === undefined || name === undefined) return undefined;
  const near = suggest(
    name,
    candidates.split(",").map((candidate) => candidate.trim()),
  );
  return near === undefined ? undefined : `Perhaps you meant "${near}".`;
}

/** The error as JSON (setting errors_as_json, after a prefix like "Parser Error: "), else its plain text. */
function structured(text: string): DuckdbError {
  const json = text.indexOf("{");
  if (json >= 0) {
    try {
      return JSON.parse(text.slice(json)) as DuckdbError;
    } catch {
      // Not JSON after all: a message that happens to hold a brace.
    }
  }
  const kind = /^((?:[A-Z]\w+ )+)Error: /.exec(text);
  return { exception_message: kind === null ? text : text.slice(kind[0].length), exception_type: kind?.[1]?.trim() ?? "" };
}

function firstLine(text: string): string {
  const line = (text.split("\n")[0] ?? text).replace(/[.!]$/, "");
  return /^[A-Z][a-z]/.test(line) ? `${(line[0] as string).toLowerCase()}${line.slice(1)}` : line;
}

/** DuckDB counts UTF-8 bytes. */
function utf16Offset(sql: string, bytes: number): number {
  return new TextDecoder().decode(new TextEncoder().encode(sql).subarray(0, bytes)).length;
}
