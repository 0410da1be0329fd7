import { readPlainQuery, readQueryBody } from "../emit.ts";
import { readWithOptions } from "../options.ts";
import type { TokenReader } from "../reader.ts";
import { notSupported } from "../syntax-error.ts";
import { type Head, readColumnNames, readIfNotExists, type StatementBody } from "./form.ts";

/** `CREATE [OR REPLACE] VIEW [IF NOT EXISTS] v [(columns)] AS query`. */
export function createView(reader: TokenReader, head: Head): StatementBody {
  const ifNotExists = readIfNotExists(reader);
  const name = reader.name();
  const columns = readColumnNames(reader);
  reader.need("as");
  return { kind: "createView", name, ifNotExists, orReplace: head.orReplace, columns, query: readPlainQuery(reader) };
}

/** `CREATE [OR REPLACE] MATERIALIZED VIEW [IF NOT EXISTS] m [(columns)] [WITH (…)] AS query [EMIT …] [WITH DATA]`. */
export function createMaterializedView(reader: TokenReader, head: Head): StatementBody {
  const ifNotExists = readIfNotExists(reader);
  const name = reader.name();
  const columns = readColumnNames(reader);
  const options = readWithOptions(reader);
  reader.need("as");
  const { query, emit } = readQueryBody(reader, () => reader.at("with", "data") || reader.at("with", "no", "data"));
  if (reader.at("with", "no", "data")) throw notSupported("WITH NO DATA", reader.offset);
  reader.eat("with", "data");
  return { kind: "createMaterializedView", name, ifNotExists, orReplace: head.orReplace, columns, options, query, emit };
}
