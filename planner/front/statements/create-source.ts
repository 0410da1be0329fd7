import { readOptions } from "../options.ts";
import type { TokenReader } from "../reader.ts";
import { noColumns, readTableDefinition } from "../table-definition.ts";
import { type Head, readIfNotExists, type StatementBody } from "./form.ts";

/** `CREATE [OR REPLACE] SOURCE [IF NOT EXISTS] s [(columns)] WITH (connector = …)`; without columns the connector knows them. */
export function createSource(reader: TokenReader, head: Head): StatementBody {
  const ifNotExists = readIfNotExists(reader);
  const name = reader.name();
  const table = reader.atMark("(") ? readTableDefinition(reader) : noColumns;
  reader.need("with");
  return { kind: "createSource", name, ifNotExists, orReplace: head.orReplace, table, options: readOptions(reader) };
}
