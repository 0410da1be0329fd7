import type { ChangeLogs } from "./change-log.ts";
import type { CheckpointInfo, CheckpointOptions, RestoreInfo } from "./checkpoints.ts";
import type { JobGraph } from "./job-graph.ts";
import type { ArchivedJob, JobShape } from "./job-shape.ts";
import type { FaultDomain, SqlState } from "./errors.ts";
import type { TaskRates } from "./rpc.ts";
import type { StoreTransaction } from "./store.ts";
import type { Schema } from "./types.ts";

export type { CheckpointInfo, CheckpointOptions } from "./checkpoints.ts";

/** Job states, Flink's (semantics.md section 9). `PAUSED` is ours: stopped with its last checkpoint, to be resumed. */
export type JobState =
  | "INITIALIZING"
  | "CREATED"
  | "RUNNING"
  | "FAILING"
  | "FAILED"
  | "CANCELLING"
  | "CANCELED"
  | "FINISHED"
  | "RESTARTING"
  | "SUSPENDED"
  | "PAUSED"
  | "RECONCILING";

export type TaskState =
  | "CREATED"
  | "SCHEDULED"
  | "DEPLOYING"
  | "INITIALIZING"
  | "RUNNING"
  | "FINISHED"
  | "CANCELING"
  | "CANCELED"
  | "FAILED"
  | "RECONCILING";

export type RestartStrategy =
  | { readonly kind: "none" }
  | { readonly kind: "fixed-delay"; readonly attempts: number; readonly delay_ms: number }
  | { readonly kind: "failure-rate"; readonly failures: number; readonly interval_ms: number; readonly delay_ms: number }
  | {
      readonly kind: "exponential-delay";
      readonly initial_ms: number;
      readonly max_ms: number;
      readonly multiplier: number;
      readonly reset_ms: number;
      readonly jitter: number;
    };

/** A table of the store that a job writes inside its checkpoints' transactions. */
export interface ResultTable {
  /** Name in schema `public`. */
  readonly name: string;
  readonly schema: Schema;
  readonly changelog: boolean;
  readonly uniqueKey: readonly number[] | null;
}

export interface JobSubmission {
  /** Unique among live jobs; also the SQL name. */
  readonly name: string;
  readonly graph: JobGraph;
  readonly resultTables: readonly ResultTable[];
  readonly checkpoints: CheckpointOptions;
  readonly restart: RestartStrategy;
  /** Absent or null: its parallelism stays as it is. */
  readonly autoscale?: AutoscaleOptions | null;
  /** A job that has not run yet begins with the state in this file. */
  readonly savepoint: SavepointOrigin | null;
}

export interface SavepointOrigin {
  /** In a planned job: as the user said it, a savepoint's name or a path. */
  readonly path: string;
  /** State of operators that the job does not have is let go instead of refused. */
  readonly allowNonRestoredState: boolean;
}

/** What a savepoint holds. */
export interface SavepointSize {
  readonly checkpoint: number;
  readonly stateRows: number;
  readonly resultRows: number;
}

/** What becomes of an operator's state, or of a result table, when a job is given another query. */
export interface StateChange {
  readonly operator: string;
  readonly uid: string;
  /** rebuilt: it begins empty. */
  readonly verdict: "kept" | "migrated" | "rebuilt" | "dropped";
  readonly rows: number;
  /** What changes, and what the rows from before cannot tell. */
  readonly reason: string;
  /** What its results will leave out unless all is computed anew; null where they are right. */
  readonly refusal: string | null;
  /** What users must know of the results that follow; null where they are as if the job had always run so. */
  readonly notice: string | null;
}

/**
 * What an alteration does where state does not fit: refuses; lets it go, so that the operators begin with the rows that come; or
 * computes everything anew from the start of the sources.
 */
export type MisfitPolicy = "refuse" | "empty" | "rebuild";

/** Between which parallelisms a job is kept by its load, and for how long a load must hold. */
export interface AutoscaleOptions {
  readonly min: number;
  readonly max: number;
  readonly interval_ms: number;
}

/** One change of a job's parallelism. */
export interface RescaleInfo {
  readonly at_ms: number;
  readonly trigger: RescaleTrigger;
  readonly from: number;
  readonly to: number;
  /** The checkpoint that it stopped with. */
  readonly checkpoint_ms: number;
  /** From the moment that tasks were stopped until all ran again; null when they did not come to that. */
  readonly downtime_ms: number | null;
}
export type RescaleTrigger = "manual" | "automatic";

/** A state table of a job, as it lies in the store. */
export interface OperatorState {
  readonly job: string;
  readonly uid: string;
  readonly operator: string;
  readonly name: string;
  /** In schema millrace_state; made when the job first runs. */
  readonly table: string;
  /** Its columns, those of the key first. */
  readonly columns: Schema["columns"];
  readonly keyColumns: number;
}

export interface Alteration {
  readonly submission: JobSubmission;
  readonly misfit: MisfitPolicy;
  /** Runs in the transaction that changes the state, and in the one that takes it back if the job does not run. */
  apply(transaction: StoreTransaction): Promise<void>;
  revert(transaction: StoreTransaction): Promise<void>;
}

export interface JobFault {
  readonly message: string;
  readonly domain: FaultDomain;
  readonly sqlState: SqlState;
  readonly task: string | null;
  readonly at_ms: number;
}

export interface SubtaskInfo {
  readonly vertexId: string;
  readonly subtask: number;
  readonly attempt: number;
  readonly state: TaskState;
  readonly slot: number | null;
  readonly recordsIn: number;
  readonly recordsOut: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly framesOut: number;
  readonly rates: TaskRates;
  /** µs since the epoch; null before the first. */
  readonly watermark_us: bigint | null;
  readonly busy_ratio: number;
  readonly backpressured_ratio: number;
  /** Since the task's start. */
  readonly busy_ms: number;
  readonly backpressured_ms: number;
  /** When it came into each of the states that it has been in, in the order of that. */
  readonly entered_ms: StateTimes;
}

export type StateTimes = Readonly<Partial<Record<TaskState, number>>>;

export interface VertexInfo {
  readonly id: string;
  readonly name: string;
  readonly parallelism: number;
  /** Ids of the vertices whose rows it reads. */
  readonly inputs: readonly string[];
  readonly subtasks: readonly SubtaskInfo[];
}

export interface SlotShortage {
  readonly needed: number;
  readonly free: number;
  /** Name of the job that came before and that the free slots are kept for; null where there are too few of them anyway. */
  readonly behind: string | null;
}

export interface JobInfo {
  readonly id: string;
  readonly name: string;
  readonly state: JobState;
  readonly created_ms: number;
  readonly started_ms: number | null;
  readonly ended_ms: number | null;
  readonly restarts: number;
  readonly parallelism: number;
  /** The slots that it waits for before its tasks can be deployed; null when it does not. */
  readonly waitsFor: SlotShortage | null;
  readonly fault: JobFault | null;
  readonly lastCheckpoint: CheckpointInfo | null;
  readonly checkpointing: CheckpointOptions;
  /** Of this server's life. */
  readonly lastRestore: RestoreInfo | null;
  readonly restores: number;
  readonly autoscale: AutoscaleOptions | null;
  /** Since the server's start, newest last. */
  readonly rescales: readonly RescaleInfo[];
  readonly vertices: readonly VertexInfo[];
  /** Sum of the operators' counters by name: numRecordsIn of sources, numLateRecordsDropped, numBadRecords … */
  readonly counters: Readonly<Record<string, number>>;
}

/** A TaskManager as the ResourceManager knows it: its slots by their numbers, unique in the cluster. */
export interface TaskManagerFacts {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  /** Where the other TaskManagers reach it; 0 where there are none. */
  readonly dataPort: number;
  readonly version: string;
  readonly cpuCores: number;
  /** Of its machine. */
  readonly memory_bytes: number;
  readonly registered_ms: number;
  readonly lastHeartbeat_ms: number;
  readonly usage: ProcessUsage;
  readonly slots: readonly { readonly slot: number; readonly alive: boolean }[];
}

/** Memory of a process, at its last heartbeat. */
export interface ProcessUsage {
  readonly heapUsed_bytes: number;
  readonly heapTotal_bytes: number;
  /** What the heap may grow to. */
  readonly heapLimit_bytes: number;
  /** Outside of the heap, but held by it: buffers. */
  readonly external_bytes: number;
  /** Resident: with buffers, kernel memory and the slots' heaps. */
  readonly resident_bytes: number;
  /** The main thread's collections since the start of the process. */
  readonly collections: readonly GarbageCollections[];
}

export interface GarbageCollections {
  /** V8's name of the kind. */
  readonly name: string;
  readonly count: number;
  readonly time_ms: number;
}

export const noUsage: ProcessUsage = {
  heapUsed_bytes: 0,
  heapTotal_bytes: 0,
  heapLimit_bytes: 0,
  external_bytes: 0,
  resident_bytes: 0,
  collections: [],
};

export interface SlotInfo {
  readonly slot: number;
  /** `free`: no task is in it. `gone`: its thread died and is being replaced. */
  readonly state: "free" | "allocated" | "gone";
  readonly jobs: readonly string[];
  readonly tasks: number;
}

export interface TaskManagerInfo extends Omit<TaskManagerFacts, "slots"> {
  readonly slots: readonly SlotInfo[];
}

/** What the doors may ask of the runtime. One per process; made by server/compose.ts. */
export interface Engine {
  /** Of tables that jobs read. */
  readonly changeLogs: ChangeLogs;
  /** Starts the job, from its last completed checkpoint if the store has one of that name. Resolves when its tasks are deployed. */
  submit(submission: JobSubmission): Promise<readonly string[]>;
  /**
   * Stops the job's tasks after a last checkpoint and keeps its state (PAUSED). `what` it is in the user's words, for the error
   * of a job that does not run.
   */
  pause(name: string, what?: "paused" | "stopped"): Promise<void>;
  /**
   * Ends the input of the job where it is: what waits for later rows is sent (the last watermark), a last checkpoint is taken,
   * and the job is FINISHED. Resolves then.
   */
  drain(name: string): Promise<void>;
  resume(name: string): Promise<void>;
  /** Runs a paused job on with another graph or other options, from its last checkpoint. */
  resubmit(submission: JobSubmission): Promise<void>;
  /** Cancels the tasks; the job stays listed as CANCELED, its result table readable. */
  cancel(name: string): Promise<void>;
  /** Cancels if need be, then deletes state, checkpoints and result tables. */
  drop(name: string): Promise<void>;
  /**
   * Gives the job another name and the plan for it; it runs on if it ran. `also` runs in the same transaction of the store. No
   * job may read its results.
   */
  rename(name: string, submission: JobSubmission, also: (transaction: StoreTransaction) => Promise<void>): Promise<void>;
  /**
   * Runs the job on with other options, from a checkpoint that it is stopped with; `also` runs in between, in a transaction of the store.
   * Resolves when all tasks run again, or do not come to that.
   */
  reconfigure(submission: JobSubmission, trigger: RescaleTrigger, also: (transaction: StoreTransaction) => Promise<void>): Promise<void>;
  /** What `alter` would do. */
  planAlteration(submission: JobSubmission, misfit: MisfitPolicy): Promise<readonly StateChange[]>;
  /**
   * Gives the job another graph: stops it with a checkpoint, takes its state and results over, and runs it on. Resolves once it has
   * taken a checkpoint that way. If it does not come to that, it runs on as before, and the error says why. No job may read
   * results whose columns change.
   */
  alter(alteration: Alteration): Promise<readonly StateChange[]>;
  /** Takes a checkpoint now; resolves with its id once it is completed. */
  checkpoint(name: string): Promise<number>;
  /** Writes the job, as of a checkpoint taken now if it runs, to a new file; `definition` is the statement that made it. */
  savepoint(name: string, path: string, definition: string): Promise<SavepointSize>;
  /** The state tables of a job's operators, the graph's and each operator's in order. */
  stateTables(name: string): readonly OperatorState[];
  jobs(): readonly JobInfo[];
  taskManagers(): readonly TaskManagerInfo[];
  job(name: string): JobInfo | null;
  shape(name: string): JobShape;
  /** Jobs that have ended, dropped ones too, oldest first. */
  archive(): readonly ArchivedJob[];
  checkpoints(name: string): readonly CheckpointInfo[];
  exceptions(name: string): readonly JobFault[];
  /** Resolves when the job reaches a terminal state (FINISHED, FAILED, CANCELED) or PAUSED. */
  finished(name: string): Promise<JobState>;
  close(): Promise<void>;
}
