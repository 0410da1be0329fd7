import type { Batch } from "../contract/batch.ts";
import { hashRows, operatorIndexOf } from "../contract/hash.ts";

/** `hash >>> 0` modulo `groups`, in 32-bit integers alone: V8's modulo of doubles is five times slower. Exact for groups <= 32,768. */
const keyGroup = (hash: number, groups: number, twoTo16: number): number => (Math.imul(hash >>> 16, twoTo16) + (hash & 0xffff)) % groups;

/**
 * Sorts the rows of a batch by the channel that owns their key group: a counting sort of row numbers, stable, so that the
 * order per key is kept. The rows of channel c are selection[starts[c], starts[c + 1]).
 */
export class HashPartitioner {
  selection = new Int32Array(0);
  readonly starts: Int32Array;
  private hashes = new Int32Array(0);
  private readonly keys: readonly number[];
  private readonly channelOfGroup: Int32Array;
  private readonly next: Int32Array;

  constructor(keys: readonly number[], channels: number, maxParallelism: number) {
    this.keys = keys;
    this.starts = new Int32Array(channels + 1);
    this.next = new Int32Array(channels);
    this.channelOfGroup = Int32Array.from({ length: maxParallelism }, (_, group) => operatorIndexOf(group, channels, maxParallelism));
  }

  partition(batch: Batch): void {
    if (this.hashes.length < batch.rows) {
      this.hashes = new Int32Array(batch.rows);
      this.selection = new Int32Array(batch.rows);
    }
    hashRows(batch, this.keys, this.hashes);
    this.count(batch.rows);
    const { hashes: channelOfRow, next, selection } = this;
    for (let row = 0; row < batch.rows; row++) {
      const channel = channelOfRow[row] as number;
      const at = next[channel] as number;
      selection[at] = row;
      next[channel] = at + 1;
    }
  }

  /** Turns the hashes into channels, and fills `starts` and `next`. */
  private count(rows: number): void {
    const { hashes, channelOfGroup, starts, next } = this;
    const groups = channelOfGroup.length;
    const twoTo16 = 65_536 % groups;
    starts.fill(0);
    for (let row = 0; row < rows; row++) {
      const channel = channelOfGroup[keyGroup(hashes[row] as number, groups, twoTo16)] as number;
      hashes[row] = channel;
      starts[channel + 1] = (starts[channel + 1] as number) + 1;
    }
    for (let channel = 0; channel < next.length; channel++) {
      next[channel] = starts[channel] as number;
      starts[channel + 1] = (starts[channel + 1] as number) + (starts[channel] as number);
    }
  }
}
