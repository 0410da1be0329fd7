import { readPlainQuery } from "../emit.ts";
import type { TokenReader } from "../reader.ts";
import type { StatementBody } from "./form.ts";

const queryWords = ["select", "with", "values", "table", "from"];

export const startsQuery = (reader: TokenReader): boolean => reader.atMark("(") || queryWords.some((word) => reader.at(word));

/** `(a, b)` after INSERT INTO t, unless the parenthesis opens the query. */
export function readInsertColumns(reader: TokenReader): readonly string[] | null {
  if (!reader.atMark("(")) return null;
  const mark = reader.mark();
  reader.next();
  const isQuery = startsQuery(reader);
  reader.rewind(mark);
  return isQuery ? null : reader.list(() => reader.identifier());
}

/** SELECT, VALUES, WITH … SELECT, TABLE t, FROM t; the leading word is read again as part of the text. */
export function query(reader: TokenReader): StatementBody {
  return { kind: "query", query: readPlainQuery(reader) };
}
