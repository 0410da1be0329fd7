import type { FilePlaces } from "./file-places.ts";
import type { Batch } from "./batch.ts";
import type { PullTable } from "./change-log.ts";
import type { OperatorSpec, SideOutputTag } from "./job-graph.ts";
import type { MetricName } from "./metrics.ts";
import type { Schema } from "./types.ts";
import type { Value } from "./value.ts";
import type { World } from "./world.ts";

/** Event time in µs since the epoch. "No more rows with a time <= this are expected." */
export type Watermark = bigint;
export const watermark_min: Watermark = -(2n ** 63n);
export const watermark_max: Watermark = 2n ** 63n - 1n;

/** Where an operator's rows go: the next operator of the chain, or the task's exchange. Calls are synchronous; batches are borrowed. */
export interface Output {
  batch(batch: Batch): void;
  watermark(watermark: Watermark): void;
  /** The stream is idle (true) or active again (false): an idle channel does not hold back the watermark. */
  idle(idle: boolean): void;
}

/** Inclusive range of key groups that a subtask owns. */
export interface KeyGroupRange {
  readonly first: number;
  readonly last: number;
}

/** One typed table of an operator's state, as a checkpoint stores it (design D4). Rows are identified by their first `keyColumns` columns. */
export interface StateTableSpec {
  readonly name: string;
  readonly version: number;
  readonly columns: Schema["columns"];
  readonly keyColumns: number;
  /**
   * By column: what rows have there that were stored by a query without the column, as it is of no matter to them. undefined, or no list:
   * the column must be there.
   */
  readonly defaults?: readonly (Value | undefined)[];
  /**
   * keyed: rows move with their key group, which is the hash of `distribution` (column numbers, in the order of the exchange's keys);
   * union: every subtask gets all rows (source splits, committables).
   */
  readonly redistribution: { readonly kind: "keyed"; readonly distribution: readonly number[] } | { readonly kind: "union" };
}

/** The state table in which operators that go by event time keep how far they are. */
export const watermarkStateTable = "watermark";

/** The rows of one state table that changed since the last snapshot. `puts` has all columns, `deletes` the key columns only. No key in both. */
export interface StateDelta {
  readonly table: string;
  readonly puts: Batch | null;
  readonly deletes: Batch | null;
  /** More puts, written after the snapshot, as the rows were at it. */
  readonly rest?: DeltaRest | null;
}

/**
 * Rows of a snapshot that are written piece by piece after it, so that the task does not stand still for all of them. What is about
 * to change is written before it does: copy on write, as in Flink's CopyOnWriteStateMap.
 */
export interface DeltaRest {
  /** Who gets the pieces, also those written because rows are about to change. Each is borrowed until it returns. Said at once after `snapshot`. */
  giveTo(take: (rows: Batch) => void): void;
  /** Writes up to `rows_max` rows; whether some are left. All are written before the next `snapshot`. */
  write(rows_max: number): boolean;
  /** The task ends, and nobody waits for the rest. */
  drop(): void;
}

/** Rows for a table of the store that must commit with this checkpoint. Weighted when the sink is a changelog. */
export interface ResultDelta {
  readonly table: string;
  /** In the order in which they are to commit. */
  readonly rest: DeltaRest;
}

export interface OperatorMetrics {
  /** Adds to a counter of contract/metrics.ts, e.g. `numLateRecordsDropped`. */
  add(name: MetricName, count: number): void;
}

/** Where a row was read. `line` counts from 1; 0 where the format has no lines. */
export interface RowOrigin {
  readonly file: string;
  readonly line: number;
}

/** Shared by a chain that begins with a source: the source says how to find the origin of a row of the batch under way. */
export interface RowOrigins {
  of: (row: number) => RowOrigin | null;
}

export interface OperatorContext {
  readonly jobName: string;
  readonly uid: string;
  readonly subtaskIndex: number;
  readonly parallelism: number;
  readonly maxParallelism: number;
  readonly keyGroups: KeyGroupRange;
  readonly inputs: readonly Schema[];
  readonly output: Schema;
  readonly world: World;
  readonly metrics: OperatorMetrics;
  /** null where nothing consumes that side output. */
  readonly sideOutput: (tag: SideOutputTag) => Output | null;
  /** Of the rows of this chain's source; only operators that get its batches row by row may ask. */
  readonly origins?: RowOrigins;
  /** Directory for temporary files of this job, made on demand. */
  readonly scratchDirectory: string;
  /** Where file connectors may read and write. */
  readonly places: FilePlaces;
  /** The restored checkpoint was unaligned: subtasks may differ in how far event time had gone. Never at another parallelism. */
  readonly restoredUnaligned?: boolean;
  /** Rows of tables of the store, for an operator that reads them. */
  readonly pullTable: PullTable;
}

/**
 * One subtask's instance of an operator. The task calls it from one thread, never re-entrantly.
 *
 * Order on a barrier, along the chain from its head: `prepareBarrier` of every operator (may emit), barrier to the outputs,
 * then `snapshot` of every operator. Order at the end of input: `watermark(watermark_max)` through the chain, then `finish`
 * of every operator, then the end is sent on.
 */
export interface Operator {
  /** Only the head of a chain may return a promise; the task awaits it before the next call. */
  batch(batch: Batch, input: number): void | Promise<void>;
  /** The combined watermark of all inputs; it never goes back. An operator emits what it fires first, then forwards. */
  watermark(watermark: Watermark): void | Promise<void>;
  idle?(idle: boolean): void;
  /** One input is idle or has ended (true), or is active again: said before what this means for the whole. */
  inputIdle?(input: number, idle: boolean): void;
  /** Emits everything that must not sit outside the snapshot (mini-batches, local pre-aggregates, buffered sink rows). */
  prepareBarrier?(checkpointId: number): void | Promise<void>;
  /** The rows changed since the last snapshot; called again only for the next checkpoint. Batches are borrowed until the call returns. */
  snapshot?(checkpointId: number): OperatorSnapshot;
  /** Rows of the last completed checkpoint for this subtask, before it is opened: of a keyed table in any number of batches, of a union table in one. */
  restore?(table: string, rows: Batch): void;
  /** Called once after all `restore` calls and before the first row: open files, commit restored committables again. */
  open?(): void | Promise<void>;
  checkpointComplete?(checkpointId: number): void | Promise<void>;
  finish?(): void | Promise<void>;
  /** About every 100 ms of processing time. */
  tick?(now_ms: number): void;
  close?(): void | Promise<void>;
}

export interface OperatorSnapshot {
  readonly deltas: readonly StateDelta[];
  readonly results?: readonly ResultDelta[];
}

/** How a source operator is polled by the task, besides being an Operator. */
export interface SourceOperator extends Operator {
  /** Emits at most about one batch to its output. `more`: call again; `wait`: nothing now; `end`: no rows will ever come. */
  poll(): PollResult | Promise<PollResult>;
}
export type PollResult = "more" | "wait" | "end";

export interface OperatorDefinition<S extends OperatorSpec> {
  readonly op: S["op"];
  /** One line for docs/reference: what it does. */
  readonly doc: string;
  /** The state tables this spec will have: printed by EXPLAIN, created by the checkpoint store. */
  stateTables(spec: S, inputs: readonly Schema[], output: Schema): readonly StateTableSpec[];
  create(spec: S, context: OperatorContext, output: Output): Operator;
}
