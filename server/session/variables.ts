import { serverVersion } from "../../runtime/contract/version.ts";
import { SqlError } from "../../runtime/contract/errors.ts";
import { dateStyle, duration_ms, oneOf, onOff, rangeOf, text, timeout, timeZone, utf8, type VariableCheck } from "./variable-checks.ts";

/** A run-time parameter that Postgres clients know: SET, SHOW, start-up options and ParameterStatus reports. */
export interface VariableSpec {
  /** As SHOW and ParameterStatus spell it; lookup is without case. */
  readonly name: string;
  readonly initial: string;
  /** Clients are told of every change. */
  readonly reported?: true;
  /** null: fixed by the server. */
  readonly check: VariableCheck | null;
}

const specs: readonly VariableSpec[] = [
  { name: "application_name", initial: "", reported: true, check: text },
  { name: "check_function_bodies", initial: "on", check: onOff },
  { name: "client_encoding", initial: "UTF8", reported: true, check: utf8 },
  {
    name: "client_min_messages",
    initial: "notice",
    check: oneOf("debug5", "debug4", "debug3", "debug2", "debug1", "log", "notice", "warning", "error"),
  },
  { name: "bytea_output", initial: "hex", check: oneOf("hex") },
  { name: "DateStyle", initial: "ISO, MDY", reported: true, check: dateStyle },
  { name: "default_transaction_isolation", initial: "read committed", check: text },
  { name: "default_transaction_read_only", initial: "off", reported: true, check: onOff },
  { name: "extra_float_digits", initial: "1", check: rangeOf(-15, 3) },
  { name: "idle_in_transaction_session_timeout", initial: "0", check: timeout },
  { name: "idle_session_timeout", initial: "0", check: timeout },
  { name: "in_hot_standby", initial: "off", reported: true, check: null },
  { name: "integer_datetimes", initial: "on", reported: true, check: null },
  { name: "IntervalStyle", initial: "postgres", reported: true, check: oneOf("postgres") },
  { name: "is_superuser", initial: "on", reported: true, check: null },
  { name: "lock_timeout", initial: "0", check: timeout },
  { name: "max_identifier_length", initial: "63", check: null },
  { name: "jit", initial: "off", check: onOff },
  { name: "row_security", initial: "on", check: onOff },
  { name: "search_path", initial: '"$user", public', check: text },
  { name: "server_encoding", initial: "UTF8", reported: true, check: null },
  { name: "server_version", initial: serverVersion, reported: true, check: null },
  { name: "server_version_num", initial: "150000", check: null },
  { name: "session_authorization", initial: "", reported: true, check: null },
  { name: "standard_conforming_strings", initial: "on", reported: true, check: oneOf("on") },
  { name: "statement_timeout", initial: "0", check: timeout },
  { name: "synchronous_commit", initial: "on", check: text },
  { name: "TimeZone", initial: "UTC", reported: true, check: timeZone },
  { name: "transaction_isolation", initial: "read committed", check: text },
  { name: "transaction_read_only", initial: "off", check: onOff },
  { name: "work_mem", initial: "4MB", check: text },
  { name: "xmloption", initial: "content", check: text },
];

const byKey: ReadonlyMap<string, VariableSpec> = new Map(specs.map((spec) => [spec.name.toLowerCase(), spec]));

/** Spellings of SQL that stand for one name: `SET TIME ZONE`, `SHOW TRANSACTION ISOLATION LEVEL`. */
const aliases: ReadonlyMap<string, string> = new Map([
  ["time zone", "timezone"],
  ["transaction isolation level", "transaction_isolation"],
  ["names", "client_encoding"],
]);

/** The key of `Session.variables` for a name as typed. */
export function canonicalVariable(name: string): string {
  const key = name.toLowerCase();
  return aliases.get(key) ?? key;
}

/** The name as ParameterStatus spells it. */
export const reportedName = (key: string): string => byKey.get(key)?.name ?? key;

/** What a variable is worth that a session has not set. */
export const defaultVariables: ReadonlyMap<string, string> = new Map(specs.map((spec) => [spec.name.toLowerCase(), spec.initial]));

/**
 * The normal form of a value for SET. Names with a dot are free for clients' own use, as in Postgres.
 * Throws 42704 for an unknown name, 22023 for a value, 55000 for a variable that is fixed.
 */
export function validateVariable(key: string, value: string, at?: number): string {
  const spec = byKey.get(key);
  if (spec === undefined) {
    if (key.includes(".")) return value;
    throw new SqlError({ sqlState: "42704", message: `unrecognized configuration parameter "${key}"`, at });
  }
  if (spec.check === null) throw new SqlError({ sqlState: "55000", message: `parameter "${spec.name}" cannot be changed`, at });
  const checked = spec.check(value);
  if (typeof checked === "string") return checked;
  throw new SqlError({ sqlState: "22023", message: `invalid value for parameter "${spec.name}": "${value}"`, hint: checked.hint, at });
}

export const valueOfVariable = (variables: ReadonlyMap<string, string>, key: string): string =>
  variables.get(key) ?? defaultVariables.get(key) ?? "";

/** Keys that a client is told of, in the order of the first report. */
export const reportedVariables: readonly string[] = specs.filter((spec) => spec.reported === true).map((spec) => spec.name.toLowerCase());

/** `statement_timeout` in ms; 0 = none. */
export const statementTimeout_ms = (variables: ReadonlyMap<string, string>): number =>
  duration_ms(valueOfVariable(variables, "statement_timeout")) ?? 0;
