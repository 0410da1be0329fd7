import { SqlError } from "../../../runtime/contract/errors.ts";
import type { Rule } from "./draft.ts";
import { formatInterval, readIntervalLiteral } from "./interval-literal.ts";
import { quoteString } from "./pieces.ts";

/** E'', U&'', N'' and literals of several lines as plain ones: DuckDB lacks two of them and reads others by its own rules. */
const strings: Rule = (draft, i) => {
  const token = draft.token(i);
  if (token?.kind === "string" && token.raw[0] !== "$" && draft.text(i) === token.raw && token.raw !== quoteString(token.value))
    draft.set(i, quoteString(token.value));
};

const names: Rule = (draft, i) => {
  const token = draft.token(i);
  if (token?.kind === "quoted" && token.raw[0] !== '"') draft.set(i, `"${token.value.replaceAll('"', '""')}"`);
};

/** DuckDB reads 0x1F as the number 0 named x1F. */
const numbers: Rule = (draft, i) => {
  const token = draft.token(i);
  if (token?.kind === "number" && /^0[xob]/i.test(token.raw)) draft.set(i, BigInt(token.raw.replaceAll("_", "")).toString());
};

/** X'1F' is a blob, as the standard and Flink have it; B'101' is a bit string. DuckDB reads both as names. */
const bits: Rule = (draft, i) => {
  const token = draft.token(i);
  if (token?.kind !== "bits") return;
  const digits = token.value.slice(1);
  if (token.value[0] === "b") return draft.set(i, `('${digits}'::BIT)`);
  if (digits.length % 2 === 1)
    throw new SqlError({ sqlState: "42601", message: "hexadecimal literal must have an even number of digits", at: token.start });
  draft.set(i, `('${digits.replaceAll(/../g, "\\x$&")}'::BLOB)`);
};

/** `INTERVAL '1 02:03' DAY TO MINUTE`, `INTERVAL '90'` (seconds), ISO 8601: forms that DuckDB reads otherwise or not at all. */
const intervals: Rule = (draft, i) => {
  if (draft.word(i) !== "interval" || draft.text(i) === "") return;
  const tokens = draft.pieces.slice(i, i + 10).map((piece) => piece.token);
  const end = tokens.indexOf(null);
  const literal = readIntervalLiteral(tokens.slice(0, end < 0 ? undefined : end).flatMap((token) => token ?? []));
  if (literal === null || literal.isPlain) return;
  draft.set(i, formatInterval(literal));
  draft.drop(i + 1, i + literal.length - 1);
};

const withoutSeconds = /^\s*\d{4}-\d{1,2}-\d{1,2}[ T]\d{1,2}:\d{2}(?=\s*(?:[+-]\d|Z))/i;

/** `timestamptz '2024-01-01 00:00+02'`: DuckDB wants the seconds before a zone. */
const zonedTimestamps: Rule = (draft, i) => {
  const token = draft.token(i);
  const isZoned =
    /^(?:timestamptz|timestamp_ltz|zone)$/.test(draft.word(i - 1)) ||
    (draft.operator(i + 1) === "::" && draft.word(i + 2) === "timestamptz");
  const found = token?.kind === "string" && isZoned ? withoutSeconds.exec(token.value) : null;
  if (token !== undefined && found !== null) draft.set(i, quoteString(`${found[0]}:00${token.value.slice(found[0].length)}`));
};

/** `'\\x00ff'::bytea`: Postgres' hexadecimal form, of which DuckDB reads the first byte alone. */
const bytes: Rule = (draft, i) => {
  const token = draft.token(i);
  const isBytes = (draft.operator(i + 1) === "::" && draft.word(i + 2) === "bytea") || draft.word(i - 1) === "bytea";
  const found = token?.kind === "string" && isBytes ? /^\\x((?:[0-9a-f]{2})+)$/i.exec(token.value) : null;
  if (found !== null) draft.set(i, quoteString((found[1] as string).replaceAll(/../g, "\\x$&")));
};

export const literalRules: readonly Rule[] = [names, numbers, bits, intervals, zonedTimestamps, bytes, strings];
