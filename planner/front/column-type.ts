import { SqlError } from "../../runtime/contract/errors.ts";
import { parseType, typeNames } from "../../runtime/contract/parse-type.ts";
import type { SqlType } from "../../runtime/contract/types.ts";
import type { TokenReader } from "./reader.ts";
import { suggest } from "../../runtime/contract/suggest.ts";
import { perhaps } from "./syntax-error.ts";
import { isMark } from "./token.ts";

/** Words that may follow the first word of a type's name. */
const continuations = new Set(["precision", "varying", "with", "without", "local", "time", "zone", "array"]);

/** Reads a type name, as Postgres, DuckDB or Flink writes it. Throws 42704 at its first word when it names no type. */
export function readColumnType(reader: TokenReader): SqlType {
  const mark = reader.mark();
  const first = reader.peek();
  if (first?.kind !== "word") throw reader.error();
  reader.next();
  readTypeTail(reader);
  const { text, at } = reader.textSince(mark);
  const type = parseType(text.replaceAll(/\/\*[\s\S]*?\*\/|--[^\n]*/g, " "));
  if (type !== null) return type;
  if (/^(decimal|numeric|dec)$/.test(first.value)) {
    throw new SqlError({ sqlState: "22023", message: `"${text}" must have a precision from 1 to 38 and a scale not above it`, at });
  }
  const known = typeNames.some((name) => name.toLowerCase() === first.value);
  const hint = perhaps(known ? undefined : suggest(first.value, typeNames)?.toLowerCase());
  throw new SqlError({ sqlState: "42704", message: `type "${known ? text : first.value}" does not exist`, hint, at });
}

function readTypeTail(reader: TokenReader): void {
  for (let token = reader.peek(); token !== undefined; token = reader.peek()) {
    if (token.kind === "word" && continuations.has(token.value)) reader.next();
    else if (token.kind === "operator" && token.value.startsWith("<")) readAngles(reader);
    else if (isMark(token, "(") || isMark(token, "[")) readGroup(reader);
    else return;
  }
}

function readGroup(reader: TokenReader): void {
  const close = reader.next().value === "(" ? ")" : "]";
  if (reader.eatMark(close)) return;
  reader.textUntil(() => false);
  reader.needMark(close);
}

/** `< … >`: `>>` closes two. */
function readAngles(reader: TokenReader): void {
  let depth = 0;
  do {
    const token = reader.next();
    if (token.kind !== "operator") continue;
    for (const c of token.value) depth += c === "<" ? 1 : c === ">" ? -1 : 0;
  } while (depth > 0);
}
