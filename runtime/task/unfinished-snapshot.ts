import type { SnapshotFigures } from "../contract/checkpoints.ts";
import type { ChannelInFlight, TaskSnapshot } from "../contract/rpc.ts";
import type { Clock } from "../contract/world.ts";
import type { Barrier } from "../exchange/elements.ts";
import type { Recording } from "./recording.ts";
import type { ChainSnapshot } from "./take-snapshot.ts";
import type { TaskOutputs } from "./task-outputs.ts";

/** What is known of a snapshot at the cut. */
export type SnapshotStart = Pick<TaskSnapshot, "finished" | "progress"> & {
  readonly chain: ChainSnapshot;
  readonly figures: Omit<SnapshotFigures, "async_ms" | "rows" | "bytes" | "persisted_bytes" | "unaligned">;
};

/** A snapshot after the cut: state may not be encoded yet, rows in flight may still be missing. */
export class UnfinishedSnapshot {
  readonly barrier: Barrier;
  private readonly start: SnapshotStart;
  private recording: Recording | null;
  /** Its checkpoint will not be. */
  isGivenUp = false;
  private readonly receiver: number;
  private readonly clock: Clock;
  private readonly cut_ms: number;
  private queued: readonly ChannelInFlight[] = [];

  constructor(barrier: Barrier, start: SnapshotStart, recording: Recording | null, subtask: number, clock: Clock) {
    this.barrier = barrier;
    this.start = start;
    this.recording = recording;
    this.receiver = subtask;
    this.clock = clock;
    this.cut_ms = clock.monotonic_ms();
  }

  get checkpoint(): number {
    return this.barrier.checkpoint;
  }

  /** Rows that waited at the outputs when the barrier overtook them. */
  add(queued: readonly ChannelInFlight[]): void {
    this.queued = [...this.queued, ...queued];
  }

  /** Encodes the next piece of the state; whether there was one. */
  encode(): boolean {
    if (this.start.chain.isEncoded) return false;
    this.start.chain.encode();
    return true;
  }

  encodeAll(): void {
    this.start.chain.encodeAll();
  }

  isComplete(outputs: TaskOutputs): boolean {
    if (!this.start.chain.isEncoded) return false;
    if (this.isGivenUp) return true;
    if (this.recording !== null && !this.recording.isComplete) return false;
    return this.barrier.mode.unalignedAfter_ms === null || !outputs.holds(this.checkpoint);
  }

  /** The checkpoint will not be: only the state is handed over. */
  giveUp(): void {
    this.isGivenUp = true;
    this.recording?.stop();
    this.recording = null;
    this.queued = [];
  }

  /** The task ends. */
  drop(): void {
    this.start.chain.drop();
  }

  finish(): TaskSnapshot {
    const { start, recording, receiver } = this;
    const { state, results, rows, bytes } = start.chain.frames();
    const recorded = recording?.taken().map((channel): ChannelInFlight => ({ ...channel, receiver, queue: "receiver" })) ?? [];
    const inFlight = [...recorded, ...this.queued];
    const { figures } = start;
    return {
      finished: start.finished,
      progress: start.progress,
      state,
      results,
      inFlight,
      figures: {
        ...figures,
        alignment_ms: recording?.alignment_ms ?? figures.alignment_ms,
        async_ms: this.clock.monotonic_ms() - this.cut_ms,
        rows,
        bytes,
        persisted_bytes: inFlight.reduce((sum, channel) => sum + channel.rows.reduce((n, { frame }) => n + frame.byteLength, 0), 0),
        unaligned: recording !== null || this.queued.length > 0,
      },
    };
  }
}
