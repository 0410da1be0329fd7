import { SqlError } from "../../runtime/contract/errors.ts";
import type { TokenReader } from "./reader.ts";
import type { Emit, SqlText } from "./statement.ts";
import { isWord, type Token } from "./token.ts";

const atEmit = (_: Token, reader: TokenReader): boolean =>
  reader.at("emit") && (isWord(reader.peek(1), "on") || isWord(reader.peek(1), "every"));

/** A query body up to its EMIT clause or to a token that `stops` accepts, and the clause. */
export function readQueryBody(
  reader: TokenReader,
  stops: (token: Token, reader: TokenReader) => boolean,
): { query: SqlText; emit: Emit | null } {
  const query = reader.textUntil((token) => stops(token, reader) || atEmit(token, reader));
  return { query, emit: reader.at("emit") ? readEmit(reader, stops) : null };
}

/** A query that is answered once: EMIT has no meaning there. */
export function readPlainQuery(reader: TokenReader): SqlText {
  const query = reader.textUntil(atEmit);
  if (reader.at("emit")) {
    const hint = "Put the query into CREATE STREAMING JOB or CREATE MATERIALIZED VIEW.";
    throw new SqlError({ sqlState: "42601", message: "EMIT belongs to a streaming job", hint, at: reader.offset });
  }
  reader.needEnd();
  return query;
}

function readEmit(reader: TokenReader, stops: (token: Token, reader: TokenReader) => boolean): Emit {
  reader.need("emit");
  if (reader.eat("every")) return { kind: "every", interval: reader.textUntil((token) => stops(token, reader)) };
  reader.need("on");
  if (reader.eat("update")) return { kind: "onUpdate" };
  reader.need("window");
  reader.need("close");
  return { kind: "onWindowClose" };
}
