import type { ChannelInFlight, TaskSnapshot } from "../contract/rpc.ts";
import type { Clock } from "../contract/world.ts";
import type { Barrier } from "../exchange/elements.ts";
import type { Recording } from "./recording.ts";
import type { TaskOutputs } from "./task-outputs.ts";

/** A snapshot after the cut: rows in flight may still be missing. */
export class UnfinishedSnapshot {
  readonly barrier: Barrier;
  private readonly snapshot: TaskSnapshot;
  private readonly recording: Recording | null;
  private readonly receiver: number;
  private readonly clock: Clock;
  private readonly cut_ms: number;
  private queued: readonly ChannelInFlight[] = [];

  constructor(barrier: Barrier, snapshot: TaskSnapshot, recording: Recording | null, subtask: number, clock: Clock) {
    this.barrier = barrier;
    this.snapshot = snapshot;
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

  isComplete(outputs: TaskOutputs): boolean {
    if (this.recording !== null && !this.recording.isComplete) return false;
    return this.barrier.mode.unalignedAfter_ms === null || !outputs.holds(this.checkpoint);
  }

  finish(): TaskSnapshot {
    const { snapshot, recording, receiver } = this;
    const recorded = recording?.taken().map((rows): ChannelInFlight => ({ ...rows, receiver, queue: "receiver" })) ?? [];
    const inFlight = [...recorded, ...this.queued];
    const persisted_bytes = inFlight.reduce((sum, { rows }) => sum + rows.reduce((bytes, { frame }) => bytes + frame.byteLength, 0), 0);
    const { figures } = snapshot;
    return {
      ...snapshot,
      inFlight,
      figures: {
        ...figures,
        alignment_ms: recording?.alignment_ms ?? figures.alignment_ms,
        async_ms: this.clock.monotonic_ms() - this.cut_ms,
        persisted_bytes,
        unaligned: recording !== null || this.queued.length > 0,
      },
    };
  }

  /** Without what was in flight: the checkpoint will not be. */
  giveUp(): TaskSnapshot {
    this.recording?.stop();
    return this.snapshot;
  }
}
