import { SqlError } from "../../../runtime/contract/errors.ts";
import { readQueryBody } from "../emit.ts";
import { readWithOptions } from "../options.ts";
import type { TokenReader } from "../reader.ts";
import type { InsertBody, JobBody } from "../statement.ts";
import { isMark, isWord, type Token } from "../token.ts";
import { type Head, readIfNotExists, type StatementBody } from "./form.ts";
import { readInsertColumns, startsQuery } from "./query.ts";

/** `CREATE [OR REPLACE] STREAMING JOB [IF NOT EXISTS] j [WITH (…)] AS { query [EMIT …] | INSERT INTO k query | BEGIN INSERT …; INSERT …; END }`. */
export function createStreamingJob(reader: TokenReader, head: Head): StatementBody {
  const ifNotExists = readIfNotExists(reader);
  const name = reader.name();
  const options = readWithOptions(reader);
  reader.need("as");
  return { kind: "createStreamingJob", name, ifNotExists, orReplace: head.orReplace, options, body: readBody(reader) };
}

/** Up to a token that `stops` accepts, if not to the end. */
export function readBody(reader: TokenReader, stops: (token: Token) => boolean = () => false): JobBody {
  if (reader.at("insert")) return { kind: "insert", inserts: [readInsert(reader, stops)] };
  if (reader.eat("begin")) return { kind: "insert", inserts: readInserts(reader) };
  if (!startsQuery(reader)) throw reader.error(["SELECT", "INSERT", "BEGIN", "WITH"]);
  return { kind: "select", ...readQueryBody(reader, stops) };
}

function readInserts(reader: TokenReader): readonly InsertBody[] {
  const inserts: InsertBody[] = [];
  do {
    inserts.push(readInsert(reader));
    if (reader.atEnd && isWord(reader.peek(-1), "end")) throw missingSemicolon(reader);
    reader.needMark(";");
  } while (!reader.at("end"));
  reader.need("end");
  return inserts;
}

/** `INSERT … SELECT 1 END`: END was read as the name of the column. */
function missingSemicolon(reader: TokenReader): SqlError {
  const error = reader.errorAt(reader.peek(-1));
  return new SqlError({ sqlState: "42601", message: error.message, hint: 'Put ";" before END.', at: error.at });
}

function readInsert(reader: TokenReader, stops: (token: Token) => boolean = () => false): InsertBody {
  reader.need("insert", "into");
  const sink = reader.name();
  const columns = readInsertColumns(reader);
  if (!startsQuery(reader)) throw reader.error(["SELECT", "VALUES", "WITH"]);
  return { sink, columns, ...readQueryBody(reader, (token) => isMark(token, ";") || stops(token)) };
}
