import { SqlError, type SqlState } from "../../contract/errors.ts";
import type { SqlType } from "../../contract/types.ts";
import type { Value } from "../../contract/value.ts";

/** SQL text and the text of its value, as `CAST(… AS VARCHAR)` prints it; null for NULL. */
export type NativeExample = readonly [sql: string, result: string | null];

/**
 * A function of Postgres' that DuckDB lacks, written once as a function of values. Every DuckDB instance of ours registers it
 * (runtime/duckdb/native-functions.ts), so that planning folds it and queries call it; jobs call it from their own loop
 * (kernel.ts) when its types have lanes. It depends on its arguments alone.
 */
export interface NativeFunction {
  /** A name that users write, or `mr_…` behind a macro (planner/front/macros). */
  readonly name: string;
  readonly doc: string;
  readonly examples: readonly NativeExample[];
  /** Argument types without type modifiers; DuckDB casts what it is given. */
  readonly parameters: readonly SqlType[];
  /** The type of any number of further arguments. */
  readonly rest?: SqlType;
  readonly returns: SqlType;
  /** It is called with NULLs, too. By default a NULL argument makes the result NULL. */
  readonly takesNull?: true;
  /** The value for these arguments; throws a SqlError for data without one. */
  readonly evaluate: (...args: never) => Value;
}

/** Data that has no result. */
export const dataError = (sqlState: SqlState, message: string, hint?: string): SqlError => new SqlError({ sqlState, message, hint });

/** What `make` made of a key, kept: formats of a job are few. The oldest leaves when there are many. */
export function remembered<T>(make: (key: string) => T): (key: string) => T {
  const known = new Map<string, T>();
  return (key) => {
    let value = known.get(key);
    if (value === undefined) {
      value = make(key);
      if (known.size >= remembered_max) for (const first of known.keys()) if (known.delete(first)) break;
      known.set(key, value);
    }
    return value;
  };
}

const remembered_max = 256;
