import { readPlainQuery } from "../emit.ts";
import { readWithOptions } from "../options.ts";
import type { TokenReader } from "../reader.ts";
import type { SqlText } from "../statement.ts";
import { notSupported } from "../syntax-error.ts";
import { noColumns, readTableDefinition } from "../table-definition.ts";
import { type Head, readIfNotExists, type StatementBody } from "./form.ts";

/** `CREATE TABLE [IF NOT EXISTS] t (columns) [WITH (…)]` or `CREATE TABLE t [WITH (…)] AS query`. */
export function createTable(reader: TokenReader, head: Head): StatementBody {
  if (head.orReplace) throw notSupported("CREATE OR REPLACE TABLE", reader.offset, "Use DROP TABLE and CREATE TABLE.");
  const ifNotExists = readIfNotExists(reader);
  const name = reader.name();
  const table = reader.atMark("(") ? readTableDefinition(reader) : noColumns;
  const options = readWithOptions(reader);
  let query: SqlText | null = null;
  if (table === noColumns) {
    reader.need("as");
    query = readPlainQuery(reader);
  } else if (reader.at("as")) throw notSupported("a column list with CREATE TABLE AS", reader.offset, "Name the columns in the query.");
  return { kind: "createTable", name, ifNotExists, table, options, query };
}
