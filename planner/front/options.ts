import { SqlError } from "../../runtime/contract/errors.ts";
import type { TokenReader } from "./reader.ts";
import type { Options, OptionValue } from "./statement.ts";

/** `(key = 'value', 'dotted.key' = 4, flag)`: keys in lower case, values as text; a key alone means true. Twice the same key is an error. */
export function readOptions(reader: TokenReader): Options {
  const options = new Map<string, OptionValue>();
  reader.needMark("(");
  if (reader.eatMark(")")) return options;
  do {
    const at = reader.offset;
    const key = readKey(reader);
    if (options.has(key)) throw new SqlError({ sqlState: "42601", message: `option "${key}" is given twice`, at });
    options.set(key, readValue(reader, at));
  } while (reader.eatMark(","));
  reader.needMark(")");
  return options;
}

function readKey(reader: TokenReader): string {
  if (reader.peek()?.kind === "string") return reader.string().toLowerCase();
  let key = reader.label();
  while (reader.eatMark(".")) key += `.${reader.label()}`;
  return key.toLowerCase();
}

function readValue(reader: TokenReader, keyAt: number): OptionValue {
  if (!reader.eatOperator("=")) {
    if (reader.atMark(",") || reader.atMark(")")) return { value: "true", at: keyAt };
    throw reader.error();
  }
  const at = reader.offset;
  const sign = reader.eatOperator("-") ? "-" : reader.eatOperator("+") ? "" : null;
  const kind = reader.peek()?.kind;
  if (kind === "number") return { value: (sign ?? "") + reader.next().value.replaceAll("_", ""), at };
  if (sign !== null || (kind !== "string" && kind !== "word" && kind !== "quoted")) throw reader.error();
  if (reader.at("interval") && reader.peek(1)?.kind === "string") return readInterval(reader, at);
  return { value: reader.next().value, at };
}

/** `INTERVAL '5' MINUTE` as the text `5 MINUTE`. */
function readInterval(reader: TokenReader, at: number): OptionValue {
  reader.need("interval");
  const amount = reader.string();
  return { value: reader.peek()?.kind === "word" ? `${amount} ${reader.next().value}` : amount, at };
}

export const readWithOptions = (reader: TokenReader): Options => (reader.eat("with") ? readOptions(reader) : new Map());
