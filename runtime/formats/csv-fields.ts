import type { CsvDialect } from "./csv-dialect.ts";

/** The record does not end within the bytes. */
export const noRecord = -1;

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** The values of one record: views into its bytes. */
export class CsvFields {
  count = 0;
  start = new Int32Array(64);
  /** A quote was opened or closed where none may stand. */
  reason: string | null = null;
  /** Some value holds a doubled quote. */
  doubled = false;
  /** Where the record ends, its line end left out. */
  recordEnd = 0;
  private end = new Int32Array(64);
  /** 0 unquoted, 1 quoted, 2 quoted with doubled quotes inside. */
  private quoting = new Uint8Array(64);
  private bytes: Buffer = Buffer.alloc(0);
  private readonly delimiter: number;
  private readonly quote: number;
  private readonly nullText: Buffer;

  constructor({ delimiter, quote, nullText }: CsvDialect) {
    this.delimiter = delimiter;
    this.quote = quote;
    this.nullText = nullText;
  }

  /** Reads one record; gives the place behind its line end, or `noRecord`. `last`: the end of the bytes ends a record too. */
  read(bytes: Buffer, from: number, to: number, last: boolean): number {
    this.bytes = bytes;
    this.count = 0;
    this.reason = null;
    this.doubled = false;
    let at = from;
    while (true) {
      const quoted = at < to && bytes[at] === this.quote;
      const end = quoted ? this.quotedEnd(at + 1, to) : this.plainEnd(at, to);
      if (end < 0 || (end >= to && !last)) return end < 0 && last ? this.unclosed(from, to) : noRecord;
      if (end < to && bytes[end] === this.delimiter) {
        if (!quoted) this.add(at, end, 0);
        at = end + 1;
        continue;
      }
      const cut = !quoted && end > at && bytes[end - 1] === carriageReturn && end < to ? end - 1 : end;
      if (!quoted) this.add(at, cut, 0);
      this.recordEnd = cut;
      return Math.min(end + 1, to);
    }
  }

  isNull(f: number): boolean {
    const { nullText, bytes } = this;
    const start = this.start[f] as number;
    if (this.quoting[f] !== 0 || (this.end[f] as number) - start !== nullText.length) return false;
    for (let i = 0; i < nullText.length; i++) if (bytes[start + i] !== nullText[i]) return false;
    return true;
  }

  isEmpty(): boolean {
    return this.count === 1 && this.quoting[0] === 0 && this.start[0] === this.end[0];
  }

  /** Where a value's text ends; takes doubled quotes out, in place. */
  textEnd(f: number): number {
    if (this.quoting[f] === 2) this.takeOutDoubled(f);
    return this.end[f] as number;
  }

  private plainEnd(from: number, to: number): number {
    const { bytes, delimiter } = this;
    for (let i = from; i < to; i++) {
      const byte = bytes[i] as number;
      if (byte === delimiter || byte === lineFeed) return i;
    }
    return to;
  }

  /** From behind the opening quote to the delimiter or line end behind the closing one; -1 when that is not in sight. */
  private quotedEnd(from: number, to: number): number {
    const { bytes, quote } = this;
    let quoting = 1;
    let i = from;
    while (true) {
      while (i < to && bytes[i] !== quote) i++;
      if (i >= to) return -1;
      if (i + 1 >= to || bytes[i + 1] !== quote) break;
      quoting = 2;
      i += 2;
    }
    this.add(from, i, quoting);
    if (quoting === 2) this.doubled = true;
    const end = this.plainEnd(i + 1, to);
    const behind = end - (i + 1);
    const onlyReturn = behind === 1 && bytes[i + 1] === carriageReturn && bytes[end] === lineFeed;
    if (behind > 0 && !onlyReturn) this.reason ??= "text stands behind a closing quote";
    return end;
  }

  private unclosed(from: number, to: number): number {
    this.reason = "a quote is never closed";
    this.count = 2; // no empty line
    const lineEnd = this.bytes.subarray(0, to).indexOf(lineFeed, from);
    this.recordEnd = lineEnd < 0 ? to : lineEnd;
    return lineEnd < 0 ? to : lineEnd + 1;
  }

  private add(start: number, end: number, quoting: number): void {
    if (this.count === this.start.length) this.grow();
    this.start[this.count] = start;
    this.end[this.count] = end;
    this.quoting[this.count++] = quoting;
  }

  private grow(): void {
    const { start, end, quoting } = this;
    this.start = new Int32Array(2 * start.length);
    this.start.set(start);
    this.end = new Int32Array(2 * end.length);
    this.end.set(end);
    this.quoting = new Uint8Array(2 * quoting.length);
    this.quoting.set(quoting);
  }

  private takeOutDoubled(f: number): void {
    const { bytes, quote } = this;
    const end = this.end[f] as number;
    let to = this.start[f] as number;
    for (let from = to; from < end; from++) {
      bytes[to++] = bytes[from] as number;
      if (bytes[from] === quote) from++;
    }
    this.end[f] = to;
    this.quoting[f] = 1;
  }
}
