import { readOptions } from "../options.ts";
import type { TokenReader } from "../reader.ts";
import type { StatementOf } from "../statement.ts";
import { notSupported } from "../syntax-error.ts";
import { readTableDefinition } from "../table-definition.ts";
import { type Head, readIfNotExists, type StatementBody } from "./form.ts";

/** `CREATE SINK [IF NOT EXISTS] k [(columns)] [FROM relation] WITH (connector = …)`. */
export function createSink(reader: TokenReader, head: Head): StatementBody {
  if (head.orReplace) throw notSupported("CREATE OR REPLACE SINK", reader.offset, "Use DROP SINK and CREATE SINK.");
  const ifNotExists = readIfNotExists(reader);
  const name = reader.name();
  const table = reader.atMark("(") ? readTableDefinition(reader) : null;
  const from = readFrom(reader);
  if (reader.at("as")) {
    throw notSupported(
      "a sink with its query",
      reader.offset,
      "Use CREATE SINK … WITH (…), then CREATE STREAMING JOB … AS INSERT INTO the sink.",
    );
  }
  reader.need("with");
  return { kind: "createSink", name, ifNotExists, from, table, options: readOptions(reader) };
}

function readFrom(reader: TokenReader): StatementOf<"createSink">["from"] {
  const at = reader.offset;
  if (!reader.eat("from")) return null;
  return { relation: reader.name(), at, end: reader.offset };
}
