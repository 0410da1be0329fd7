import { decode_rows_max } from "./cells/cell.ts";
import { countLineFeeds } from "./row-decoder.ts";

/**
 * Lines of the records of one `decode`, counted only when somebody asks. Escapes are resolved in place, which makes line feeds
 * of `\\n`: those are told by `resolved` and are none.
 */
export class RowLines {
  private readonly starts = new Int32Array(decode_rows_max + 1);
  private bytes: Buffer = Buffer.alloc(0);
  private from = 0;
  private line = 1;
  /** Records with made line feeds, as (start, how many), ascending. */
  private made: number[] = [];
  /** Where the last answer was, for answers in order. */
  private last = { at: 0, line: 1 };

  begin(bytes: Buffer, from: number, line: number): void {
    this.bytes = bytes;
    this.from = from;
    this.line = line;
    this.last = { at: from, line };
    if (this.made.length > 0) this.made = [];
  }

  /** Row `row` begins here, if it becomes one. */
  set(row: number, start: number): void {
    this.starts[row] = start;
  }

  /** The record that begins at `start` has so many more line feeds than the text had. */
  resolved(start: number, lineFeeds: number): void {
    if (lineFeeds > 0) this.made.push(start, lineFeeds);
  }

  ofRow(row: number): number {
    return this.at(this.starts[row] as number);
  }

  /** The line of a place behind or in front of records. */
  at(place: number): number {
    const { at, line } = place < this.last.at ? { at: this.from, line: this.line } : this.last;
    let lines = line + countLineFeeds(this.bytes, at, place);
    for (let i = 0; i < this.made.length; i += 2) {
      const start = this.made[i] as number;
      if (start >= at && start < place) lines -= this.made[i + 1] as number;
    }
    this.last = { at: place, line: lines };
    return lines;
  }
}
