import { readOptions } from "../options.ts";
import type { TokenReader } from "../reader.ts";
import type { JobAction } from "../statement.ts";
import { notSupported } from "../syntax-error.ts";
import { readRename } from "./alter.ts";
import type { StatementBody } from "./form.ts";

/** `ALTER … j { PAUSE | RESUME | SET (…) | RENAME TO x }`. */
export const alterJob =
  (object: "streamingJob" | "materializedView") =>
  (reader: TokenReader): StatementBody => {
    const name = reader.name();
    return reader.at("rename") ? readRename(reader, object, name) : { kind: "alterJob", name, object, action: readAction(reader) };
  };

function readAction(reader: TokenReader): JobAction {
  if (reader.eat("pause")) return { do: "pause" };
  if (reader.eat("resume")) return { do: "resume" };
  if (reader.eat("set")) return { do: "set", options: readOptions(reader) };
  throw reader.error(["PAUSE", "RESUME", "SET", "RENAME"]);
}

export const cancelJob = (reader: TokenReader): StatementBody => ({ kind: "cancelJob", name: reader.name() });

export const checkpointJob = (reader: TokenReader): StatementBody => ({ kind: "checkpointJob", name: reader.name() });

/** `STOP STREAMING JOB j [WITH DRAIN]`. */
export function stopJob(reader: TokenReader): StatementBody {
  const name = reader.name();
  const drain = reader.eat("with", "drain");
  if (reader.at("with", "savepoint")) throw notSupported("STOP … WITH SAVEPOINT", reader.offset);
  if (!drain && reader.at("with")) {
    reader.next();
    throw reader.error(["DRAIN", "SAVEPOINT"]);
  }
  return { kind: "stopJob", name, drain };
}
