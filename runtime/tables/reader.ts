/** A job that reads a table, as `millrace.table_readers` has it. */
export interface StoredReader {
  readonly table: string;
  readonly job: string;
  /** Position behind the snapshot: its rows are those in front of it. */
  readonly start: number;
  readonly snapshotRows: number;
}

/** The same with what this process has seen of it. */
export interface Reader extends StoredReader {
  readonly taken: number | null;
  /** Position of the last completed checkpoint: at first what the reader goes on from. */
  readonly committed: number | null;
  /** What lies in front of this position no retained checkpoint needs; null where that is not known. */
  readonly floor: number | null;
  readonly hasSnapshot: boolean;
}

export const readerOf = (stored: StoredReader): Reader => ({ ...stored, taken: null, committed: null, floor: null, hasSnapshot: true });

/** Position in front of the reader's first row. */
export const firstOf = ({ start, snapshotRows }: StoredReader): number => start - snapshotRows;

/** Rows of the log up to here may go: every reader has checkpointed beyond them. The last row stays, for it tells the head. */
export function prunable(readers: readonly Reader[], head: number): number | null {
  const floors = readers.map(({ floor }) => floor);
  if (floors.length === 0 || floors.includes(null)) return null;
  return Math.min(head - 1, ...(floors as readonly number[]));
}
