import { assert } from "../contract/errors.ts";

/** What a barrier, an end or an abort asks of the task. `declined`: this older checkpoint was given up for a newer one. */
export interface AlignmentStep {
  readonly block: boolean;
  readonly unblock: boolean;
  readonly complete: number | null;
  readonly declined: number | null;
}

const nothing: AlignmentStep = { block: false, unblock: false, complete: null, declined: null };

/** A checkpoint that does not wait for its barriers; null: too late. `arrived`: channels whose barrier has been read already. */
export interface OvertakeStep {
  readonly arrived: ReadonlySet<number>;
  readonly declined: number | null;
}

interface Alignment {
  readonly checkpoint: number;
  readonly arrived: Set<number>;
}

/**
 * Aligns barriers over the channels of a task (semantics.md section 5): pure bookkeeping, the task blocks and snapshots.
 * Channels are numbered over all inputs.
 */
export class BarrierAligner {
  private readonly live: Set<number>;
  private current: Alignment | null = null;
  /** The newest checkpoint taken, aborted or given up: barriers up to it are ignored. */
  private last = 0;

  constructor(channels: number) {
    this.live = new Set(Array.from({ length: channels }, (_, i) => i));
  }

  barrier(channel: number, checkpoint: number): AlignmentStep {
    assert(this.live.has(channel), "no barrier follows the end of a channel");
    if (checkpoint <= this.last || (this.current !== null && checkpoint < this.current.checkpoint)) return nothing;
    let declined: number | null = null;
    if (this.current !== null && checkpoint > this.current.checkpoint) {
      declined = this.current.checkpoint;
      this.last = declined;
      this.current = null;
    }
    this.current ??= { checkpoint, arrived: new Set() };
    this.current.arrived.add(channel);
    const unblock = declined !== null;
    const complete = this.completed();
    return complete === null ? { block: true, unblock, complete, declined } : { block: false, unblock: true, complete, declined };
  }

  /** The checkpoint is taken now, though barriers are missing: those that come are ignored. */
  overtake(checkpoint: number): OvertakeStep | null {
    const { current } = this;
    if (checkpoint <= this.last || (current !== null && checkpoint < current.checkpoint)) return null;
    this.last = checkpoint;
    this.current = null;
    const isAligning = current?.checkpoint === checkpoint;
    return { arrived: isAligning ? current.arrived : new Set(), declined: current === null || isAligning ? null : current.checkpoint };
  }

  hasEnded(channel: number): boolean {
    return !this.live.has(channel);
  }

  /** No barrier will come from this channel any more. */
  end(channel: number): AlignmentStep {
    this.live.delete(channel);
    const complete = this.completed();
    return complete === null ? nothing : { block: false, unblock: true, complete, declined: null };
  }

  /** The checkpoint will not happen: its barriers that are still to come are ignored. */
  abort(checkpoint: number): AlignmentStep {
    this.last = Math.max(this.last, checkpoint);
    if (this.current === null || this.current.checkpoint > checkpoint) return nothing;
    this.current = null;
    return { block: false, unblock: true, complete: null, declined: null };
  }

  private completed(): number | null {
    const { current } = this;
    if (current === null) return null;
    for (const channel of this.live) if (!current.arrived.has(channel)) return null;
    this.last = current.checkpoint;
    this.current = null;
    return current.checkpoint;
  }
}
