import { readColumnType } from "../column-type.ts";
import type { TokenReader } from "../reader.ts";
import { isMark } from "../token.ts";
import type { Head, StatementBody } from "./form.ts";

/** `PREPARE name [(types)] AS statement`. */
export function prepare(reader: TokenReader, head: Head): StatementBody {
  const name = reader.identifier();
  if (reader.atMark("(")) reader.list(() => readColumnType(reader));
  reader.need("as");
  const at = reader.peek();
  const statement = head.nested(reader);
  if (statement.kind !== "query" && statement.kind !== "modify") throw reader.errorAt(at, ["SELECT", "INSERT", "UPDATE", "DELETE"]);
  return { kind: "prepare", name, statement };
}

/** `EXECUTE name [(argument, …)]`. */
export function execute(reader: TokenReader): StatementBody {
  const name = reader.identifier();
  const list = reader.atMark("(") && !reader.atMark(")", 1);
  if (!list && reader.eatMark("(")) reader.needMark(")");
  return { kind: "execute", name, arguments: list ? reader.list(() => reader.textUntil((token) => isMark(token, ","))) : [] };
}

/** `DEALLOCATE [PREPARE] { name | ALL }`. */
export function deallocate(reader: TokenReader): StatementBody {
  if (reader.at("prepare") && reader.peek(1) !== undefined) reader.next();
  return { kind: "deallocate", name: reader.eat("all") ? null : reader.identifier() };
}

/** `DISCARD { ALL | PLANS | SEQUENCES | TEMP }`. */
export function discard(reader: TokenReader): StatementBody {
  if (!["all", "plans", "sequences", "temporary", "temp"].some((word) => reader.eat(word)))
    throw reader.error(["ALL", "PLANS", "SEQUENCES", "TEMP"]);
  return { kind: "discard" };
}
