import type { TokenReader } from "../reader.ts";
import type { StatementBody } from "./form.ts";
import { readTransactionModes } from "./transaction.ts";

/** A setting's name in lower case; the spellings of several words are given their variable. */
export function readVariable(reader: TokenReader): string {
  if (reader.eat("time", "zone")) return "timezone";
  if (reader.eat("transaction", "isolation", "level")) return "transaction_isolation";
  if (reader.eat("session", "authorization")) return "session_authorization";
  let variable = reader.label();
  while (reader.eatMark(".")) variable += `.${reader.label()}`;
  return variable.toLowerCase();
}

/** `SET [SESSION | LOCAL] variable { = | TO } value`, and the spellings of Postgres for time zone, names, role and transactions. */
export function set(reader: TokenReader): StatementBody {
  if (reader.eat("session", "characteristics", "as", "transaction")) return setTransaction(reader, "default_transaction", false);
  if (reader.at("transaction") && !isAssignment(reader, 1)) {
    reader.next();
    return setTransaction(reader, "transaction", true);
  }
  const local = reader.eat("local");
  if (!local && reader.at("session") && !isAssignment(reader, 1)) reader.next();
  const { variable, valueFollows } = readAssigned(reader);
  if (!valueFollows && !reader.eatOperator("=")) reader.need("to");
  return { kind: "set", variable, value: readValue(reader), local };
}

function isAssignment(reader: TokenReader, ahead: number): boolean {
  const token = reader.peek(ahead);
  return (token?.kind === "operator" && token.value === "=") || (token?.kind === "word" && token.value === "to");
}

function readAssigned(reader: TokenReader): { variable: string; valueFollows: boolean } {
  if (reader.at("time", "zone")) return { variable: readVariable(reader), valueFollows: true };
  if (reader.at("session", "authorization")) return { variable: readVariable(reader), valueFollows: true };
  if (isAssignment(reader, 1)) return { variable: readVariable(reader), valueFollows: false };
  if (reader.eat("names")) return { variable: "client_encoding", valueFollows: true };
  if (reader.eat("schema")) return { variable: "search_path", valueFollows: true };
  if (reader.eat("role")) return { variable: "role", valueFollows: true };
  return { variable: readVariable(reader), valueFollows: false };
}

function readValue(reader: TokenReader): string | null {
  if (reader.eat("default")) return null;
  const values = [readOneValue(reader)];
  while (reader.eatMark(",")) values.push(readOneValue(reader));
  return values.join(", ");
}

function readOneValue(reader: TokenReader): string {
  if (reader.at("interval") && reader.peek(1)?.kind === "string") {
    reader.next();
    const amount = reader.string();
    return reader.atEnd ? amount : `${amount} ${reader.textToEnd().text.toLowerCase()}`;
  }
  const sign = reader.eatOperator("-") ? "-" : reader.eatOperator("+") ? "" : null;
  const kind = reader.peek()?.kind;
  if (kind === "number") return (sign ?? "") + reader.next().value;
  if (sign !== null || (kind !== "string" && kind !== "word" && kind !== "quoted")) throw reader.error();
  return reader.next().value;
}

function setTransaction(reader: TokenReader, prefix: string, local: boolean): StatementBody {
  const { isolation, readOnly, deferrable } = readTransactionModes(reader);
  if (isolation !== undefined) return { kind: "set", variable: `${prefix}_isolation`, value: isolation, local };
  if (readOnly !== undefined) return { kind: "set", variable: `${prefix}_read_only`, value: readOnly ? "on" : "off", local };
  if (deferrable !== undefined) return { kind: "set", variable: `${prefix}_deferrable`, value: deferrable ? "on" : "off", local };
  throw reader.error(["ISOLATION", "READ", "DEFERRABLE"]);
}

/** `RESET variable`, `RESET ALL`. */
export function reset(reader: TokenReader): StatementBody {
  return { kind: "reset", variable: reader.eat("all") ? null : readVariable(reader) };
}
