import type { CheckpointInfo, CheckpointType } from "../contract/checkpoints.ts";
import type { Store } from "../contract/store.ts";
import { beginAttempt } from "./begin-attempt.ts";
import { commitCheckpoint, type Committed } from "./commit.ts";
import { compactionCandidates, compactStateLog } from "./compaction.ts";
import { inputPositions, PositionHistory } from "./input-positions.ts";
import { assertAttempt, type JobClaim, type JobRecord, writeCheckpoint } from "./job-records.ts";
import type { JobLayout } from "./layout.ts";
import type { TakenSnapshot } from "./pending-checkpoint.ts";
import type { LogSize, Restoration } from "./restore.ts";
import type { TableLogs } from "../tables/change-logs.ts";

/** One checkpoint, all tasks of which have acknowledged, with what failed ones before it left to be stored. */
export interface CompleteSnapshot {
  readonly checkpoint: number;
  readonly type: CheckpointType;
  readonly triggered_ms: number;
  readonly snapshots: readonly TakenSnapshot[];
}

/** What one attempt of a job does in the store: it commits checkpoints, and now and then compacts the logs they leave. */
export class AttemptStorage {
  readonly #store: Store;
  readonly #tables: TableLogs;
  readonly #layout: JobLayout;
  readonly #claim: JobClaim;
  readonly #retained_max: number;
  readonly #now_ms: () => number;
  #retained: readonly number[];
  #resultRows: ReadonlyMap<string, number>;
  readonly #sizes: Map<string, LogSize>;
  readonly #positions = new PositionHistory();
  #compacting = false;
  readonly #abandoned = new AbortController();

  private constructor(options: AttemptOptions, restoration: Restoration, resultRows: ReadonlyMap<string, number>) {
    this.#store = options.store;
    this.#tables = options.tables;
    this.#layout = options.layout;
    this.#claim = options.record;
    this.#retained_max = options.retained_max;
    this.#now_ms = options.now_ms;
    this.#retained = restoration.retained;
    this.#resultRows = resultRows;
    this.#sizes = new Map(restoration.sizes);
  }

  /** For an attempt that has been claimed (claimAttempt), from what was restored since. */
  static async begin(options: AttemptOptions, restoration: Restoration): Promise<AttemptStorage> {
    const resultRows = await beginAttempt(options.store, options.tables, options.layout, restoration, options.record);
    return new AttemptStorage(options, restoration, resultRows);
  }

  async commit({ checkpoint, type, triggered_ms, snapshots }: CompleteSnapshot): Promise<Committed> {
    const retained = [...this.#retained, checkpoint].slice(-this.#retained_max);
    const committed = await commitCheckpoint(this.#store, this.#tables, this.#layout, {
      checkpoint,
      type,
      claim: this.#claim,
      triggered_ms,
      snapshots,
      oldestRetained: retained[0] ?? checkpoint,
      now_ms: this.#now_ms,
      resultRows: this.#resultRows,
    });
    this.#retained = retained;
    const positions = inputPositions(this.#layout, snapshots);
    this.#positions.add(checkpoint, positions);
    this.#tables.committed(this.#layout.job, positions);
    this.#resultRows = committed.totalRows;
    for (const [table, rows] of committed.appended) {
      const size = this.#sizes.get(table) ?? { logRows: 0, validRows: 0 };
      this.#sizes.set(table, { ...size, logRows: size.logRows + rows });
    }
    return committed;
  }

  /** Keeps a checkpoint that came to nothing in the history. */
  recordFailure(info: CheckpointInfo): Promise<void> {
    return this.#store.transact(async (transaction) => {
      await assertAttempt(transaction, this.#claim);
      const subtasks = info.subtasks.flatMap(({ figures }) => (figures === null ? [] : [figures]));
      await writeCheckpoint(transaction, this.#layout.job, this.#claim.attempt, { ...info, subtasks });
    });
  }

  /** Compacts the logs that have grown beyond their valid rows, one transaction each, and lets go of rows of input tables. */
  async compact(): Promise<void> {
    const { signal } = this.#abandoned;
    if (this.#compacting || signal.aborted) return;
    this.#compacting = true;
    try {
      await this.#tables.release(this.#layout.job, this.#positions.asOf(this.#retained[0] ?? 0));
      for (const table of compactionCandidates(this.#sizes)) await this.#compactTable(table);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      this.#compacting = false;
    }
  }

  /** Gives up a compaction that is under way: the attempt is over, and its successor waits. */
  abandon(): void {
    this.#abandoned.abort(new Error("the attempt is over"));
  }

  async #compactTable(table: string): Promise<void> {
    const base = this.#retained[0];
    const log = this.#layout.states.find((state) => state.table === table);
    if (base === undefined || log === undefined) return;
    const before = this.#sizes.get(table) ?? { logRows: 0, validRows: 0 };
    // Counted as valid until we know better: a compaction that fails is not tried again at once.
    this.#sizes.set(table, { ...before, validRows: before.logRows });
    const { removedRows, validRows } = await compactStateLog({
      store: this.#store,
      layout: this.#layout,
      claim: this.#claim,
      log,
      base,
      signal: this.#abandoned.signal,
    });
    const { logRows } = this.#sizes.get(table) ?? before;
    this.#sizes.set(table, { logRows: logRows - removedRows, validRows });
  }
}

export interface AttemptOptions {
  readonly store: Store;
  readonly tables: TableLogs;
  readonly layout: JobLayout;
  readonly record: JobRecord;
  readonly retained_max: number;
  readonly now_ms: () => number;
}
