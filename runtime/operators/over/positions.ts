import { IntList } from "../../state/int-list.ts";
import type { CompareRows } from "../../state/value-order.ts";

/** Partitions are answered together until they have this many rows. */
export const positions_max = 16_384;

/**
 * Rows of one or more partitions, each in order, one partition behind the other: what window functions are computed over, many
 * partitions at once. A row that is there twice has two positions.
 */
export class Positions {
  /** The row's number in its store, by position. */
  readonly rows = new IntList();
  /** First position of the partition, and the one behind its last. */
  readonly partitionStart = new IntList();
  readonly partitionEnd = new IntList();
  /** The same of the rows that are equal in the sort keys. */
  readonly peerStart = new IntList();
  readonly peerEnd = new IntList();
  /** Partitions: the position at which each starts. */
  readonly starts = new IntList();
  readonly #lists = [this.rows, this.partitionStart, this.partitionEnd, this.peerStart, this.peerEnd, this.starts];

  get count(): number {
    return this.rows.length;
  }

  clear(): void {
    for (const list of this.#lists) list.clear();
  }

  /** Begins a partition; its rows are pushed to `rows`, then it is ended. */
  begin(): void {
    this.starts.push(this.count);
  }

  end(isPeer: CompareRows): void {
    const start = this.starts.values[this.starts.length - 1] as number;
    const end = this.count;
    if (end === start) this.starts.pop();
    for (let p = start; p < end; ) {
      let next = p + 1;
      while (next < end && isPeer(this.rows.values[p] as number, this.rows.values[next] as number) === 0) next++;
      for (; p < next; p++) {
        this.partitionStart.push(start);
        this.partitionEnd.push(end);
        this.peerEnd.push(next);
      }
    }
    this.#peerStarts(start, end);
  }

  #peerStarts(start: number, end: number): void {
    for (let p = start; p < end; ) {
      const next = this.peerEnd.values[p] as number;
      for (let k = p; k < next; k++) this.peerStart.push(p);
      p = next;
    }
  }
}
