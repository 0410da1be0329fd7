import type { TokenReader } from "../reader.ts";
import { notSupported } from "../syntax-error.ts";
import type { StatementBody } from "./form.ts";

interface TransactionModes {
  isolation?: string;
  readOnly?: boolean;
  deferrable?: boolean;
}

/** `ISOLATION LEVEL …`, `READ ONLY | WRITE`, `[NOT] DEFERRABLE`, with or without commas between them. */
export function readTransactionModes(reader: TokenReader): TransactionModes {
  const modes: TransactionModes = {};
  for (let comma = false; ; comma = reader.eatMark(",")) {
    if (reader.eat("isolation", "level")) modes.isolation = readIsolation(reader);
    else if (reader.eat("read", "only")) modes.readOnly = true;
    else if (reader.eat("read", "write")) modes.readOnly = false;
    else if (reader.eat("deferrable")) modes.deferrable = true;
    else if (reader.eat("not", "deferrable")) modes.deferrable = false;
    else if (comma) throw reader.error();
    else return modes;
  }
}

function readIsolation(reader: TokenReader): string {
  for (const level of ["serializable", "repeatable read", "read committed", "read uncommitted"])
    if (reader.eat(...level.split(" "))) return level;
  throw reader.error(["SERIALIZABLE", "REPEATABLE", "READ"]);
}

const eatWork = (reader: TokenReader): boolean => reader.eat("work") || reader.eat("transaction");

export function begin(reader: TokenReader): StatementBody {
  eatWork(reader);
  readTransactionModes(reader);
  return { kind: "begin" };
}

export function startTransaction(reader: TokenReader): StatementBody {
  readTransactionModes(reader);
  return { kind: "begin" };
}

export const commit = (reader: TokenReader): StatementBody => readEnd(reader, "commit");

export function rollback(reader: TokenReader): StatementBody {
  const end = readEnd(reader, "rollback");
  if (reader.at("to")) throw notSupported("ROLLBACK TO SAVEPOINT", reader.offset);
  return end;
}

function readEnd(reader: TokenReader, kind: "commit" | "rollback"): StatementBody {
  if (reader.at("prepared")) throw notSupported(`${kind.toUpperCase()} PREPARED`, reader.offset);
  eatWork(reader);
  if (reader.at("and", "chain")) throw notSupported("AND CHAIN", reader.offset);
  reader.eat("and", "no", "chain");
  return { kind };
}
