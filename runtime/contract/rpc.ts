import type { Transferable } from "node:worker_threads";
import type { BarrierMode, CheckpointPhase, SnapshotFigures } from "./checkpoints.ts";
import type { TaskState } from "./control.ts";
import type { FilePlaces } from "./file-places.ts";
import type { TablePull, TableRows } from "./change-log.ts";
import type { FaultDomain, RetryHint, SqlState } from "./errors.ts";
import type { JobVertex, JobEdge } from "./job-graph.ts";
import type { Address } from "./network.ts";

/**
 * Messages between the JobMaster and a slot, in this process or a TaskManager's. All are structured-cloneable.
 * Every message about a task carries its attempt: the receiver drops messages of attempts it does not know (fencing).
 */
export interface TaskId {
  /** The job's id: one that is made again under the name of a dropped one is another job, and hears nothing that was meant for the first. */
  readonly job: string;
  readonly vertex: string;
  readonly subtask: number;
  readonly attempt: number;
}

/** What carries a channel between two threads: a MessagePort, or what stands for one where there are no threads. */
export interface ChannelPort {
  postMessage(message: unknown, transfer: readonly Transferable[]): void;
  on(event: "message", listener: (message: unknown) => void): unknown;
  on(event: "close", listener: () => void): unknown;
  /** The other end hears `close`, after what was posted before. */
  close(): void;
}

/** Where the other end of a channel is: a slot of the same TaskManager, or another TaskManager's process. */
export type ChannelPeer =
  | { readonly kind: "slot"; readonly slot: number }
  /** `session` is the TaskManager's present registration: one that came back after a loss has another. */
  | { readonly kind: "remote"; readonly taskManager: string; readonly session: string; readonly address: Address };

/** One channel of an exchange, at one of its ends. Ends in one slot have no port: `id` joins them. The carrier of the deployment makes ports. */
export interface ChannelEnd {
  readonly id: string;
  readonly edge: string;
  readonly peerSubtask: number;
  readonly peer: ChannelPeer;
  readonly port: ChannelPort | null;
}

export interface TaskDeployment {
  readonly task: TaskId;
  readonly vertex: JobVertex;
  readonly maxParallelism: number;
  /** In-edges and out-edges of the vertex, and this subtask's channel ends on them, ordered by peer subtask. */
  readonly inEdges: readonly JobEdge[];
  readonly outEdges: readonly JobEdge[];
  readonly inputs: readonly ChannelEnd[];
  readonly outputs: readonly ChannelEnd[];
  /** Rows that were in flight on the in-edges, to be processed before anything new. */
  readonly inFlight: readonly RestoredInFlight[];
  /** The restored checkpoint was unaligned: subtasks may differ in how far event time had gone. */
  readonly restoredUnaligned: boolean;
  /** Whether state comes for the task (`restore`): then it begins when it is told to. Otherwise at once. */
  readonly awaitsState: boolean;
  readonly restoredCheckpoint: number | null;
  readonly scratchDirectory: string;
  readonly places: FilePlaces;
}

/** What one slot is sent of an attempt: its tasks. */
export interface SlotDeployment {
  readonly slot: number;
  readonly deployments: readonly TaskDeployment[];
}

/** Some of the rows of one state table for one subtask, as frames (contract/frame.ts); of a union table all of them. */
export interface RestoredTable {
  readonly uid: string;
  readonly table: string;
  readonly frames: readonly ArrayBuffer[];
}

/** Of one edge into a task. */
export interface RestoredInFlight {
  readonly edge: string;
  /** Rows of contract/in-flight.ts' schema, in the order of sender, receiver, queue and position. */
  readonly frames: readonly ArrayBuffer[];
  /** How far event time had gone on the way, per sender that had not ended. */
  readonly senders: readonly SenderProgress[];
  /** Parallelism of the edge's ends at the checkpoint. */
  readonly senderCount: number;
  readonly receiverCount: number;
}

export interface SenderProgress {
  readonly sender: number;
  /** null: none yet. */
  readonly watermark: bigint | null;
}

export type ToSlot =
  | { readonly do: "deploy"; readonly deployments: readonly TaskDeployment[] }
  /** For a task that awaits state; the answer is `restored`, once it has taken the rows in. */
  | { readonly do: "restore"; readonly task: TaskId; readonly rows: RestoredTable }
  /** All state has come, and is what was written: the task may begin. */
  | { readonly do: "begin"; readonly task: TaskId }
  | { readonly do: "triggerCheckpoint"; readonly task: TaskId; readonly checkpoint: number; readonly mode: BarrierMode }
  | { readonly do: "checkpointComplete"; readonly task: TaskId; readonly checkpoint: number }
  | { readonly do: "abortCheckpoint"; readonly task: TaskId; readonly checkpoint: number }
  /** For tasks with a source: it is read no further, as if it had come to its end. */
  | { readonly do: "drain"; readonly task: TaskId }
  /** The answer to `pullTable` of the task's operator. */
  | { readonly do: "tableRows"; readonly task: TaskId; readonly uid: string; readonly rows: TableRows }
  /** Stop at once, no more rows; the answer is state CANCELED once everything is closed. */
  | { readonly do: "cancel"; readonly task: TaskId }
  /** Cancel every task of every attempt: nobody listens to them any more. The answer is `reset`. */
  | { readonly do: "reset" }
  /** The answer is `pong`: a slot that does not give it in time hangs. */
  | { readonly do: "ping" }
  | { readonly do: "exit" };

export type FromSlot =
  | { readonly did: "ready" }
  | { readonly did: "reset" }
  | { readonly did: "pong" }
  /** The connection under one of the task's channels is gone; said by the TaskManager, as the task cannot know. */
  | { readonly did: "channelLost"; readonly task: TaskId; readonly reason: string }
  | { readonly did: "taskState"; readonly task: TaskId; readonly state: TaskState; readonly fault: TaskFault | null }
  /** The task has taken in so much of what `restore` brought: there is room for as much again. */
  | { readonly did: "restored"; readonly task: TaskId; readonly bytes: number }
  /** The task has read all its input, finished its operators and sent the end on; it stays for one last checkpoint (runtime/task/README.md). */
  | { readonly did: "ended"; readonly task: TaskId }
  | { readonly did: "acknowledged"; readonly task: TaskId; readonly checkpoint: number; readonly snapshot: TaskSnapshot }
  /** What the task does for a checkpoint now, where that may take a while. */
  | { readonly did: "checkpointing"; readonly task: TaskId; readonly checkpoint: number; readonly phase: CheckpointPhase }
  | { readonly did: "declined"; readonly task: TaskId; readonly checkpoint: number; readonly reason: string }
  /** An operator asks for rows of a table of the store; it has one such question open at a time. */
  | { readonly did: "pullTable"; readonly task: TaskId; readonly uid: string; readonly pull: TablePull }
  | { readonly did: "metrics"; readonly tasks: readonly TaskMetrics[] };

export interface TaskFault {
  readonly message: string;
  readonly domain: FaultDomain;
  readonly retry: RetryHint;
  readonly sqlState: SqlState;
  readonly stack: string | null;
}

/** Frames are transferred. Deltas are null for a task that had finished before the barrier. */
export interface TaskSnapshot {
  readonly finished: boolean;
  readonly state: readonly StateFrames[];
  readonly results: readonly ResultFrames[];
  /** Rows that barriers overtook, and how far event time was where they left; nothing of aligned checkpoints. */
  readonly inFlight: readonly ChannelInFlight[];
  readonly progress: readonly EdgeProgress[];
  readonly figures: SnapshotFigures;
}

/** Rows in flight on one channel, in order. `queue`: whose they were. */
export interface ChannelInFlight {
  readonly edge: string;
  readonly sender: number;
  readonly receiver: number;
  readonly queue: "receiver" | "sender";
  readonly rows: readonly RowsInFlight[];
}

export interface RowsInFlight {
  /** That came on the channel last, of those in flight; null: none. */
  readonly watermark: bigint | null;
  /** Of the edge's schema. */
  readonly frame: ArrayBuffer;
}

/** What a subtask had said of event time on one of its out-edges. */
export interface EdgeProgress {
  readonly edge: string;
  readonly sender: number;
  /** null: none yet; `watermark_max`: it has ended. */
  readonly watermark: bigint | null;
}

export interface StateFrames {
  readonly uid: string;
  readonly table: string;
  /** Of the table's columns; null = none. */
  readonly puts: ArrayBuffer | null;
  /** Of its key columns. */
  readonly deletes: ArrayBuffer | null;
}

export interface ResultFrames {
  readonly table: string;
  readonly frames: readonly ArrayBuffer[];
}

export interface TaskMetrics {
  readonly task: TaskId;
  readonly recordsIn: number;
  readonly recordsOut: number;
  /** Of the frames that came and went; a source reads none, and a sink sends none. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly framesOut: number;
  readonly rates: TaskRates;
  readonly watermark_us: bigint | null;
  readonly busy_ratio: number;
  readonly backpressured_ratio: number;
  /** Since the task's start. */
  readonly busy_ms: number;
  readonly backpressured_ms: number;
  /** Counters since the task's start, by metric name. */
  readonly counters: Readonly<Record<string, number>>;
}

/** Per second, over the last seconds. */
export interface TaskRates {
  readonly recordsIn: number;
  readonly recordsOut: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** Who hears from slots: the control plane. */
export interface SlotListener {
  message(slot: number, message: FromSlot): void;
  /** The thread has gone, and all its tasks with it. No message of it follows. */
  exited(slot: number, reason: string): void;
  /** A thread of this id takes tasks again. */
  returned(slot: number): void;
}
