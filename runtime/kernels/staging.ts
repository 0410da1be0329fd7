import type { KernelExports } from "./exports.ts";

type Pointer = number;

const area_bytes = 32 << 20;
/** Kernels read and write up to 16 bytes too far. */
const padding_bytes = 16;

/** How far the area was filled: what was allocated later goes at `release`. */
export interface StagingMark {
  readonly at: number;
  readonly overflows: number;
}

interface Overflow {
  readonly pointer: Pointer;
  readonly bytes: number;
}

/**
 * Scratch memory for the columns of the batches at hand: a stack. An operator marks it when a call begins and releases the mark
 * when it ends; operators further down the chain, called in between, stage above.
 */
export class StagingArea {
  private readonly run: KernelExports;
  private readonly end: Pointer;
  private at: Pointer;
  private readonly overflows: Overflow[] = [];

  constructor(run: KernelExports) {
    this.run = run;
    this.at = run.allocate(area_bytes) >>> 0;
    this.end = this.at + area_bytes;
  }

  mark(): StagingMark {
    return { at: this.at, overflows: this.overflows.length };
  }

  release(mark: StagingMark): void {
    this.at = mark.at;
    while (this.overflows.length > mark.overflows) {
      const { pointer, bytes } = this.overflows.pop() as Overflow;
      this.run.free(pointer, bytes);
    }
  }

  /** Room for `bytes`, aligned to 16, not cleared; what does not fit into the area gets a block of its own. */
  bytes(bytes: number): Pointer {
    const size = (bytes + padding_bytes + 15) & ~15;
    if (size <= this.end - this.at) {
      const pointer = this.at;
      this.at += size;
      return pointer;
    }
    const pointer = this.run.allocate(size) >>> 0;
    this.overflows.push({ pointer, bytes: size });
    return pointer;
  }
}
