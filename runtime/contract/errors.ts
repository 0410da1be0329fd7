/** SQLSTATE codes that Millrace reports (Postgres, appendix A). */
export type SqlState =
  | "01000" // warning
  | "08P01" // protocol violation
  | "0A000" // feature not supported
  | "0B000" // invalid transaction initiation
  | "21000" // cardinality violation
  | "22000" // data exception
  | "22001" // string data right truncation
  | "22003" // numeric value out of range
  | "22007" // invalid datetime format
  | "22008" // datetime field overflow
  | "22012" // division by zero
  | "22021" // character not in repertoire
  | "22023" // invalid parameter value
  | "22P02" // invalid text representation
  | "22P03" // invalid binary representation
  | "22P04" // bad copy file format
  | "23502" // not null violation
  | "23505" // unique violation
  | "23514" // check violation
  | "25001" // active SQL transaction
  | "25P01" // no active SQL transaction
  | "25P02" // in failed SQL transaction
  | "26000" // invalid SQL statement name
  | "28000" // invalid authorization specification
  | "28P01" // invalid password
  | "2BP01" // dependent objects still exist
  | "34000" // invalid cursor name
  | "3D000" // invalid catalog name
  | "3F000" // invalid schema name
  | "38000" // external routine exception
  | "40001" // serialization failure
  | "42501" // insufficient privilege
  | "42601" // syntax error
  | "42622" // name too long
  | "42701" // duplicate column
  | "42702" // ambiguous column
  | "42703" // undefined column
  | "42704" // undefined object
  | "42710" // duplicate object
  | "42712" // duplicate alias
  | "42723" // duplicate function
  | "42725" // ambiguous function
  | "42803" // grouping error
  | "42804" // datatype mismatch
  | "42809" // wrong object type
  | "42846" // cannot coerce
  | "42883" // undefined function
  | "42P01" // undefined table
  | "42P02" // undefined parameter
  | "42P03" // duplicate cursor
  | "42P05" // duplicate prepared statement
  | "42P06" // duplicate schema
  | "42P07" // duplicate table
  | "42P10" // invalid column reference
  | "42P18" // indeterminate datatype
  | "53000" // insufficient resources
  | "53100" // disk full
  | "53300" // too many connections
  | "54000" // program limit exceeded
  | "54001" // statement too complex
  | "55000" // object not in prerequisite state
  | "55006" // object in use
  | "57000" // operator intervention
  | "57014" // query canceled
  | "57P01" // admin shutdown
  | "58000" // system error
  | "58030" // I/O error
  | "58P01" // undefined file
  | "XX000"; // internal error

export interface SqlErrorFields {
  readonly sqlState: SqlState;
  /** Lower case, no full stop. */
  readonly message: string;
  readonly detail?: string | undefined;
  readonly hint?: string | undefined;
  /** Offset in UTF-16 units of the text that the user typed, from 0. */
  readonly at?: number | undefined;
  readonly cause?: unknown;
}

/** An error that a user caused and can mend. */
export class SqlError extends Error {
  readonly sqlState: SqlState;
  readonly detail: string | undefined;
  readonly hint: string | undefined;
  readonly at: number | undefined;

  constructor(fields: SqlErrorFields) {
    super(fields.message, { cause: fields.cause });
    this.name = "SqlError";
    this.sqlState = fields.sqlState;
    this.detail = fields.detail;
    this.hint = fields.hint;
    this.at = fields.at;
  }

  /** The same error, its position counted in a text that holds this one at `offset`. */
  movedBy(offset: number): SqlError {
    return this.movedTo(this.at === undefined ? undefined : this.at + offset);
  }

  /** The same error elsewhere; undefined when the user's text has no such place. */
  movedTo(at: number | undefined): SqlError {
    const { sqlState, message, detail, hint, cause } = this;
    return new SqlError({ sqlState, message, detail, hint, at, cause });
  }
}

/** `user`: the job's SQL or data; `external`: a file, a disk, a broker; `internal`: our bug. */
export type FaultDomain = "user" | "external" | "internal";
export type RetryHint = "retry" | "fail";

/** A fault of a running task: whose it is and whether a restart may help. The restart strategy reads these, never the text. */
export class TaskFailure extends Error {
  readonly domain: FaultDomain;
  readonly retry: RetryHint;
  readonly sqlState: SqlState;

  constructor(domain: FaultDomain, retry: RetryHint, message: string, options: { cause?: unknown; sqlState?: SqlState } = {}) {
    super(message, { cause: options.cause });
    this.name = "TaskFailure";
    this.domain = domain;
    this.retry = retry;
    this.sqlState = options.sqlState ?? (domain === "user" ? "22000" : domain === "external" ? "58030" : "XX000");
  }
}

/** An invariant of ours: a failure is a bug, not an input. Say what should hold. */
export function assert(condition: boolean, why: string): asserts condition {
  if (!condition) throw new Error(`invariant: ${why}`);
}

export function assertNever(value: never): never {
  throw new Error(`invariant: unhandled ${JSON.stringify(value)}`);
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
