import { closeSync, openSync, readSync } from "node:fs";
import { TaskFailure } from "../../contract/errors.ts";
import type { OperatorMetrics } from "../../contract/operator.ts";
import { reasonOf } from "./allowed-path.ts";
import type { FoundFile } from "./find-files.ts";

const window_bytes = 262_144;

/** Bytes of an open file that have been read and not used: `bytes[from, to)`, at `offset` of the file. Grows for long records. */
export class ByteWindow {
  bytes: Buffer = Buffer.alloc(window_bytes);
  from = 0;
  to = 0;
  /** Where `from` lies in the file. */
  offset = 0;
  /** The file's end was reached by the last `fill`. */
  atEnd = false;
  private readonly path: string;
  private readonly metrics: OperatorMetrics;
  private readonly descriptor: number;

  constructor(file: FoundFile, metrics: OperatorMetrics) {
    this.path = file.path;
    this.metrics = metrics;
    this.descriptor = this.guarded(() => openSync(file.real, "r"));
  }

  seek(offset: number): void {
    this.from = 0;
    this.to = 0;
    this.offset = offset;
    this.atEnd = false;
  }

  use(bytes: number): void {
    this.from += bytes;
    this.offset += bytes;
  }

  /** Reads on behind what is there, in a window twice as large when all of it is unused. */
  fill(): void {
    this.makeRoom();
    const { bytes, to } = this;
    const read = this.guarded(() => readSync(this.descriptor, bytes, to, bytes.length - to, this.offset + to - this.from));
    this.to += read;
    this.atEnd = read === 0;
    this.metrics.add("numBytesIn", read);
  }

  /** Fills until `enough` says so; it is told when there is no more. */
  until(enough: (bytes: Buffer, last: boolean) => boolean): void {
    while (!enough(this.bytes.subarray(this.from, this.to), this.atEnd) && !this.atEnd) this.fill();
  }

  /** Length of the mark that some editors put in front of UTF-8 text. */
  byteOrderMark_bytes(): number {
    const mark = Buffer.alloc(3);
    this.guarded(() => readSync(this.descriptor, mark, 0, 3, 0));
    return mark[0] === 0xef && mark[1] === 0xbb && mark[2] === 0xbf ? 3 : 0;
  }

  close(): void {
    closeSync(this.descriptor);
  }

  private makeRoom(): void {
    const { bytes, from, to } = this;
    const target = to - from > bytes.length / 2 ? Buffer.alloc(2 * bytes.length) : bytes;
    bytes.copy(target, 0, from, to);
    this.bytes = target;
    this.from = 0;
    this.to = to - from;
  }

  private guarded<T>(run: () => T): T {
    try {
      return run();
    } catch (cause) {
      throw new TaskFailure("external", "retry", `cannot read "${this.path}": ${reasonOf(cause)}`, { cause });
    }
  }
}
