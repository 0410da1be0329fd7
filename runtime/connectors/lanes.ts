import type { SplitPosition } from "../contract/connector.ts";
import { assert } from "../contract/errors.ts";

/** Splits of a generated stream: fixed, so that the parallelism may change. */
export const lanes_count = 64;

export interface Run {
  /** Numbers [from, to), within one block. */
  readonly from: number;
  readonly to: number;
}

/**
 * Numbers from 0 in blocks that go round 64 lanes; a subtask owns every lane `l` with `l % parallelism` = its index and takes
 * their blocks in ascending order. A lane's position is its next number.
 */
export class Lanes {
  private readonly block: number;
  private readonly total: number;
  /** Next number of each lane that this subtask owns. */
  private readonly next: Float64Array;
  private readonly owned: Int32Array;
  private current = 0;

  /** `total` 0 means that the stream never ends. */
  constructor(block: number, total: number, subtaskIndex: number, parallelism: number) {
    this.block = block;
    this.total = total === 0 ? Number.MAX_SAFE_INTEGER : total;
    this.owned = Int32Array.from({ length: lanes_count }, (_, lane) => lane).filter((lane) => lane % parallelism === subtaskIndex);
    this.next = Float64Array.from(this.owned, (lane) => lane * block);
  }

  restore(positions: readonly SplitPosition[]): void {
    for (const { split, position } of positions) {
      const at = this.owned.indexOf(Number(split));
      if (at >= 0) this.next[at] = Number(position);
    }
  }

  /** The lowest number not yet taken; null at the end of the stream. */
  lowest(): number | null {
    const { next } = this;
    let lowest = this.total;
    for (let lane = 0; lane < next.length; lane++) {
      if ((next[lane] as number) < lowest) {
        lowest = next[lane] as number;
        this.current = lane;
      }
    }
    return lowest < this.total ? lowest : null;
  }

  /** The rest of the block that begins with `lowest()`, cut off at `limit`. */
  run(lowest: number, limit: number): Run {
    const blockEnd = lowest - (lowest % this.block) + this.block;
    return { from: lowest, to: Math.max(lowest, Math.min(blockEnd, this.total, limit)) };
  }

  /** The numbers of the run that `run` gave have been used up to `to`. */
  advance({ from }: Run, to: number): void {
    assert(this.next[this.current] === from, "a run is taken from the lane with the lowest number");
    this.next[this.current] = to % this.block === 0 && to > from ? to + (lanes_count - 1) * this.block : to;
  }

  positions(): readonly SplitPosition[] {
    return Array.from(this.owned, (lane, at) => ({ split: String(lane), position: String(this.next[at]) }));
  }
}
