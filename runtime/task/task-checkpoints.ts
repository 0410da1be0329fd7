import type { BarrierMode, CheckpointPhase } from "../contract/checkpoints.ts";
import type { TaskSnapshot } from "../contract/rpc.ts";
import type { Cancel, World } from "../contract/world.ts";
import type { Barrier } from "../exchange/elements.ts";
import type { Chain } from "./chain.ts";
import type { Alignment } from "./input-processor.ts";
import type { Recording } from "./recording.ts";
import { ChainSnapshot, type SnapshotPieces } from "./take-snapshot.ts";
import type { TaskOutputs } from "./task-outputs.ts";
import { UnfinishedSnapshot } from "./unfinished-snapshot.ts";

export interface TaskCheckpointParts {
  readonly chain: Chain;
  readonly outputs: TaskOutputs;
  readonly world: World;
  readonly subtask: number;
  readonly pieces: SnapshotPieces;
  /** All input is processed. */
  hasEnded(): boolean;
  isOver(): boolean;
  /** Runs as a step of the task. */
  queue(command: () => void): void;
  phase(checkpoint: number, phase: CheckpointPhase): void;
  acknowledge(checkpoint: number, snapshot: TaskSnapshot): void;
  /** A newer checkpoint began before this one was whole here. */
  decline(checkpoint: number): void;
}

/** The checkpoints of one task: when they are taken, the cut, and what is handed over when. */
export class TaskCheckpoints {
  readonly #parts: TaskCheckpointParts;
  /** The newest checkpoint taken or aborted here: triggers up to it come too late. */
  #newest = 0;
  /** A trigger that came before the end of the inputs: taken at the end, unless its barrier comes first. */
  #armed: Barrier | null = null;
  /** The first checkpoint taken after the end: once it is complete, so is the task. */
  #last: number | null = null;
  /** The cut is made, rows in flight are still gathered. */
  #unfinished: UnfinishedSnapshot | null = null;
  #stopTimeout: Cancel | null = null;

  constructor(parts: TaskCheckpointParts) {
    this.#parts = parts;
  }

  /** Acts at once at a source and after the end of all inputs; elsewhere barriers decide when. */
  trigger(checkpoint: number, mode: BarrierMode, waitsForBarriers: boolean): undefined | Promise<void> {
    if (checkpoint <= this.#newest) return undefined;
    const barrier: Barrier = { kind: "barrier", checkpoint, mode };
    if (!waitsForBarriers) return this.cut(barrier, { startDelay_ms: this.#since(mode), alignment_ms: 0, processed_bytes: 0 }, null);
    this.#armed = barrier;
    return undefined;
  }

  /** No barrier will come any more. */
  inputEnded(): undefined | Promise<void> {
    const armed = this.#armed;
    return armed === null ? undefined : this.trigger(armed.checkpoint, armed.mode, false);
  }

  abort(checkpoint: number): void {
    if (this.#armed !== null && this.#armed.checkpoint <= checkpoint) this.#armed = null;
    this.#newest = Math.max(this.#newest, checkpoint);
    if (this.#unfinished === null || this.#unfinished.checkpoint > checkpoint) return;
    // What changed since the snapshot before is handed over all the same: the coordinator carries it to the next checkpoint.
    this.#unfinished.giveUp();
    this.settle();
  }

  /** Whether the task is done with that checkpoint. */
  endsWith(checkpoint: number): boolean {
    return this.#last !== null && checkpoint >= this.#last;
  }

  /** The cut: nothing is processed from the first call to the last. */
  async cut(barrier: Barrier, alignment: Alignment, recording: Recording | null): Promise<void> {
    const { chain, outputs, world, subtask } = this.#parts;
    const { checkpoint, mode } = barrier;
    if (this.#unfinished !== null) this.#overtake(this.#unfinished);
    this.#newest = checkpoint;
    this.#parts.phase(checkpoint, "sync");
    const start_ms = world.clock.monotonic_ms();
    for (const { operator } of chain.operators) await operator.prepareBarrier?.(checkpoint);
    if (this.#parts.isOver()) return;
    const finished = this.#parts.hasEnded();
    const overtakes = !finished && mode.unalignedAfter_ms !== null && this.#since(mode) >= mode.unalignedAfter_ms;
    const progress = mode.unalignedAfter_ms === null ? [] : outputs.progress(subtask, finished);
    const queued = overtakes ? outputs.overtake(barrier, subtask) : [];
    if (!finished) outputs.control(barrier, overtakes);
    outputs.post();
    const taken = new ChainSnapshot(chain, checkpoint, this.#parts.pieces);
    const figures = { ...alignment, sync_ms: world.clock.monotonic_ms() - start_ms };
    if (finished) this.#last ??= checkpoint;
    this.#unfinished = new UnfinishedSnapshot(barrier, { finished, progress, chain: taken, figures }, recording, subtask, world.clock);
    this.#unfinished.add(queued);
    this.settle();
    if (this.#unfinished !== null) this.#waitFor(this.#unfinished);
  }

  /** Encodes the next piece of a snapshot's state; whether there was one. */
  encode(): boolean {
    return this.#unfinished?.encode() === true;
  }

  /** Hands the snapshot over once nothing of it is missing. */
  settle(): void {
    const unfinished = this.#unfinished;
    if (unfinished?.isComplete(this.#parts.outputs) === true) this.#handOver(unfinished);
  }

  close(): void {
    this.#stopTimeout?.();
    this.#unfinished?.drop();
    this.#unfinished = null;
  }

  /** Its barriers may still wait behind rows at the outputs: from the timeout on they overtake them. */
  #waitFor({ barrier }: UnfinishedSnapshot): void {
    const { world, outputs, subtask } = this.#parts;
    this.#parts.phase(barrier.checkpoint, "async");
    const { mode } = barrier;
    if (mode.unalignedAfter_ms === null || !outputs.holds(barrier.checkpoint)) return;
    this.#stopTimeout = world.timers.after(Math.max(0, mode.unalignedAfter_ms - this.#since(mode)), () =>
      this.#parts.queue(() => {
        if (this.#unfinished?.barrier !== barrier || this.#unfinished.isGivenUp || !outputs.holds(barrier.checkpoint)) return;
        this.#unfinished.add(outputs.overtake(barrier, subtask));
        this.settle();
      }),
    );
  }

  /** A newer checkpoint began before it was whole. */
  #overtake(unfinished: UnfinishedSnapshot): void {
    unfinished.encodeAll();
    if (!unfinished.isComplete(this.#parts.outputs)) {
      // Said before what there is of it is handed over: without what was in flight it is no checkpoint.
      this.#parts.decline(unfinished.checkpoint);
      unfinished.giveUp();
    }
    this.#handOver(unfinished);
  }

  #handOver(unfinished: UnfinishedSnapshot): void {
    this.#unfinished = null;
    this.#stopTimeout?.();
    this.#parts.acknowledge(unfinished.checkpoint, unfinished.finish());
  }

  #since({ triggered_ms }: BarrierMode): number {
    return Math.max(0, this.#parts.world.clock.now_ms() - triggered_ms);
  }
}
