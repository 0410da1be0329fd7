import { SqlError } from "../../runtime/contract/errors.ts";
import type { TokenReader } from "./reader.ts";
import type { Assignment, SqlText } from "./statement.ts";
import { notSupported } from "./syntax-error.ts";
import { isMark, isWord, type Token } from "./token.ts";

const endsValue = new Set(["from", "where", "returning"]);
const ends = (token: Token): boolean => isMark(token, ",") || (token.kind === "word" && endsValue.has(token.value));

/** `a = 1, (b, c) = (2, DEFAULT)`, behind SET. */
export function readAssignments(reader: TokenReader): readonly Assignment[] {
  const assignments: Assignment[] = [];
  do {
    assignments.push(...(reader.atMark("(") ? readRow(reader) : [readOne(reader)]));
  } while (reader.eatMark(","));
  for (const [i, { column, at }] of assignments.entries()) {
    if (assignments.findIndex((other) => other.column === column) === i) continue;
    throw new SqlError({ sqlState: "42601", message: `multiple assignments to same column "${column}"`, at });
  }
  return assignments;
}

function readOne(reader: TokenReader): Assignment {
  const at = reader.offset;
  const column = reader.identifier();
  if (reader.atMark(".") || reader.atMark("[")) throw notSupported("an assignment to a part of a column", reader.offset);
  if (!reader.eatOperator("=")) throw reader.error();
  return { column, at, value: readValue(reader) };
}

function readRow(reader: TokenReader): readonly Assignment[] {
  const columns = reader.list(() => ({ at: reader.offset, column: reader.identifier() }));
  if (!reader.eatOperator("=")) throw reader.error();
  reader.eat("row");
  const at = reader.offset;
  if (reader.atMark("(") && isWord(reader.peek(1), "select")) throw notSupported("an assignment of a subquery's row", at);
  const values = reader.list(() => readValue(reader));
  if (values.length !== columns.length)
    throw new SqlError({ sqlState: "42601", message: "number of columns does not match number of values", at });
  return columns.map((column, i) => ({ ...column, value: values[i] ?? null }));
}

function readValue(reader: TokenReader): SqlText | null {
  if (reader.eat("default")) return null;
  return reader.textUntil(ends);
}
