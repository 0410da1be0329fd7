import { readOptions, readWithOptions } from "../options.ts";
import type { TokenReader } from "../reader.ts";
import type { JobAction, Name, SavepointTarget } from "../statement.ts";
import { readRename } from "./alter.ts";
import { readBody } from "./create-streaming-job.ts";
import type { StatementBody } from "./form.ts";

/** `ALTER … j { PAUSE | RESUME | SET (…) | RENAME TO x | [WITH (…)] AS query [DRY RUN] }`. */
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
  if (reader.at("with") || reader.at("as")) return readQueryChange(reader);
  throw reader.error(["PAUSE", "RESUME", "SET", "RENAME", "AS"]);
}

function readQueryChange(reader: TokenReader): JobAction {
  const options = readWithOptions(reader);
  reader.need("as");
  const mark = reader.mark();
  readBody(reader, () => atDryRun(reader));
  const body = reader.textSince(mark);
  return { do: "as", body, options, dryRun: reader.eat("dry", "run") };
}

/** At the end alone: elsewhere the words are names. */
const atDryRun = (reader: TokenReader): boolean => reader.at("dry", "run") && reader.peek(2) === undefined;

export const cancelJob = (reader: TokenReader): StatementBody => ({ kind: "cancelJob", name: reader.name() });

export const checkpointJob = (reader: TokenReader): StatementBody => ({ kind: "checkpointJob", name: reader.name() });

/** `STOP STREAMING JOB j [WITH DRAIN] [WITH SAVEPOINT sp [TO 'path']]`. */
export function stopJob(reader: TokenReader): StatementBody {
  const name = reader.name();
  const drain = reader.eat("with", "drain");
  if (reader.eat("with", "savepoint")) return { kind: "stopJob", name, drain, savepoint: readSavepoint(reader, reader.name()) };
  if (!drain && reader.at("with")) {
    reader.next();
    throw reader.error(["DRAIN", "SAVEPOINT"]);
  }
  return { kind: "stopJob", name, drain, savepoint: null };
}

/** `CREATE SAVEPOINT sp FOR STREAMING JOB j [TO 'path']`. */
export function createSavepoint(reader: TokenReader): StatementBody {
  const name = reader.name();
  reader.need("for", "streaming", "job");
  const job = reader.name();
  return { kind: "createSavepoint", job, savepoint: readSavepoint(reader, name) };
}

/** `DROP SAVEPOINT sp`. */
export const dropSavepoint = (reader: TokenReader): StatementBody => ({ kind: "dropSavepoint", name: reader.name() });

function readSavepoint(reader: TokenReader, name: Name): SavepointTarget {
  if (!reader.eat("to")) return { name, path: null };
  const at = reader.offset;
  return { name, path: { value: reader.string(), at } };
}
