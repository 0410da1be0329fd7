import type { StoreConnection } from "./store.ts";
import type { Schema } from "./types.ts";

/**
 * What a job that reads a table of the store asks of the store's owner. Positions count the rows of the table's change log; the
 * rows of the reader's snapshot stand in front of them.
 */
export interface TablePull {
  readonly table: string;
  /** All columns of the table. */
  readonly declared: Schema;
  /** Those wanted, as numbers in `declared`. */
  readonly columns: readonly number[];
  /** null: from the first row of the reader's snapshot. */
  readonly after: number | null;
  /** Answer now, with what there is: the asker does not know yet where the snapshot ends. */
  readonly atOnce: boolean;
}

/** Rows behind a position, in order. Each frame has weights. An answer without frames says nothing: ask again. */
export type TableRows =
  | {
      readonly kind: "rows";
      readonly frames: readonly TableFrame[];
      /** Position behind the last row of the reader's snapshot. */
      readonly snapshotEnd: number;
    }
  | { readonly kind: "failed"; readonly message: string };

export interface TableFrame {
  readonly frame: ArrayBuffer;
  /** Position behind its last row. */
  readonly last: number;
}

/** Answers once there are rows behind the position, or at once if asked to. */
export type PullTable = (pull: TablePull) => Promise<TableRows>;

/** The logs of what changes in tables that jobs read, as the statements that change tables see them. */
export interface ChangeLogs {
  /** Jobs that read the table. */
  readersOf(table: string): readonly string[];
  /** Runs the bodies for one table one after the other: the commits of its changes, and the registration of its readers. */
  exclusively<T>(tables: readonly string[], body: () => Promise<T>): Promise<T>;
  /**
   * Appends the rows of a query (weight, then the table's columns) to the table's log, inside the connection's open transaction.
   * The caller has the table exclusively, and calls the returned function once the transaction has committed.
   */
  append(connection: Pick<StoreConnection, "query">, table: string, changes: string): Promise<() => void>;
  /** Position of the last committed change. */
  head(table: string): number;
  /** Tables that the job reads. */
  inputsOf(job: string): readonly string[];
  /** How far the job has taken the table's rows, and how far its last checkpoint is; null before it has asked for any. */
  progressOf(job: string, table: string): { readonly taken: number | null; readonly committed: number | null };
}
