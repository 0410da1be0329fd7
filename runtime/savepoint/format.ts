import type { StoreConnection } from "../contract/store.ts";
import { SqlError } from "../contract/errors.ts";

/**
 * A savepoint is a DuckDB file of its own, laid out like the store: the job's state tables in schema millrace_state, its result
 * tables in public, the records that restore verifies in millrace, all as of one checkpoint. Anyone can open and query it.
 * millrace.savepoint has one row that says what it is of.
 */
export const formatVersion = 2;

/** The one checkpoint in the file. */
export const savepointCheckpoint = 1;

export const manifestDdl = `CREATE TABLE millrace.savepoint (
  format INTEGER NOT NULL, job VARCHAR NOT NULL, checkpoint BIGINT NOT NULL, max_parallelism INTEGER NOT NULL,
  created TIMESTAMPTZ NOT NULL, definition VARCHAR NOT NULL)`;

export interface Manifest {
  readonly job: string;
  readonly checkpoint: number;
  readonly maxParallelism: number;
}

/** Throws SqlError 22000 for a file that is no savepoint, or one of another format. */
export async function readManifest(connection: StoreConnection, path: string): Promise<Manifest> {
  const rows = await connection
    .query("SELECT format, job, checkpoint, max_parallelism FROM millrace.savepoint")
    .then((result) => result.rows())
    .catch(() => []);
  const [row] = rows;
  if (row === undefined) throw new SqlError({ sqlState: "22000", message: `"${path}" is not a savepoint, or not a whole one` });
  const [format, job, checkpoint, maxParallelism] = row;
  if (Number(format) !== formatVersion) {
    throw new SqlError({
      sqlState: "0A000",
      message: `savepoint "${path}" has format ${Number(format)}, this version reads ${formatVersion}`,
    });
  }
  return { job: job as string, checkpoint: Number(checkpoint), maxParallelism: Number(maxParallelism) };
}
