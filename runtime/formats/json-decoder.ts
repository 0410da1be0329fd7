import { isUtf8 } from "node:buffer";
import type { Batch } from "../contract/batch.ts";
import type { Schema } from "../contract/types.ts";
import { decode_rows_max } from "./cells/cell.ts";
import { JsonRecord } from "./json-record.ts";
import { elementEnd, isBetween, skipBlank, tooLong, whyMalformed } from "./json-recovery.ts";
import { json, skipSpace } from "./json-scan.ts";
import { type BadRecord, countLineFeeds, isTooLong, rawText, type RowDecoder, type TextPosition, utf8End } from "./row-decoder.ts";
import { RowLines } from "./row-lines.ts";

const lineFeed = 0x0a;
const incomplete = -1;

/** JSON lines, or one array of objects: the first byte of the text says which. */
export class JsonDecoder implements RowDecoder {
  line: number;
  array: boolean | null;
  private readonly record: JsonRecord;
  private readonly bad: (record: BadRecord) => void;
  private rows = 0;
  private readonly lines = new RowLines();
  private bytes: Buffer = Buffer.alloc(0);
  private clean = true;

  constructor(schema: Schema, position: TextPosition, bad: (record: BadRecord) => void) {
    this.record = new JsonRecord(schema);
    this.line = position.line;
    this.array = position.array;
    this.bad = bad;
  }

  decode(bytes: Buffer, from: number, to: number, last: boolean): number {
    this.bytes = bytes;
    this.lines.begin(bytes, from, this.line);
    this.rows = 0;
    this.record.begin(bytes);
    this.clean = isUtf8(bytes.subarray(from, utf8End(bytes, from, to)));
    const at = this.records(from, to, last);
    this.line = this.lines.at(at);
    return at;
  }

  batch(): Batch {
    return { rows: this.rows, columns: this.record.cells.map((cell) => cell.column(this.rows)), weights: null };
  }

  lineOf(row: number): number {
    return this.lines.ofRow(row);
  }

  private records(from: number, to: number, last: boolean): number {
    let at = from;
    while (this.rows < decode_rows_max) {
      const start = this.recordStart(at, to);
      if (start >= to) return last ? to : at;
      const behind = this.array === true ? this.element(start, to, last) : this.lineRecord(start, to, last);
      if (behind === incomplete) return at;
      at = behind;
    }
    return at;
  }

  /** Where the next record begins: behind white space and, in an array, what stands between its elements. */
  private recordStart(at: number, to: number): number {
    let start = skipSpace(this.bytes, at, to);
    if (start >= to) return start;
    this.array ??= this.bytes[start] === json.openBracket;
    while (this.array && start < to && isBetween(this.bytes[start] as number)) start = skipSpace(this.bytes, start + 1, to);
    return start;
  }

  private lineRecord(start: number, to: number, last: boolean): number {
    const behind = this.record.read(this.rows, start, to);
    if (behind >= 0) {
      const next = skipBlank(this.bytes, behind, to);
      if (next < to ? this.bytes[next] === lineFeed : last) return this.accept(start, behind, next);
      if (next >= to) return incomplete;
    }
    const lineEnd = this.bytes.subarray(0, to).indexOf(lineFeed, start);
    return this.malformed(start, lineEnd, to, last);
  }

  private element(start: number, to: number, last: boolean): number {
    const behind = this.record.read(this.rows, start, to);
    return behind >= 0 ? this.accept(start, behind, behind) : this.malformed(start, elementEnd(this.bytes, start, to), to, last);
  }

  private accept(start: number, end: number, behind: number): number {
    if (isTooLong(start, end)) this.report(start, end, tooLong);
    else if (!this.clean && !isUtf8(this.bytes.subarray(start, end))) this.report(start, end, "its bytes are not UTF-8");
    else if (this.record.reason === null && this.complete(start, end)) this.lines.set(this.rows++, start);
    else this.report(start, end, this.record.reason ?? "");
    return behind;
  }

  private complete(start: number, end: number): boolean {
    if (!this.record.hasEscapes) return this.record.accept(this.rows);
    const lineFeeds = countLineFeeds(this.bytes, start, end);
    const accepted = this.record.accept(this.rows);
    this.lines.resolved(start, countLineFeeds(this.bytes, start, end) - lineFeeds);
    return accepted;
  }

  /** `found` is where the record ends, -1 when that is not in sight. */
  private malformed(start: number, found: number, to: number, last: boolean): number {
    if (found < 0 && !last && !isTooLong(start, to)) return incomplete;
    const end = found < 0 ? to : found;
    this.report(start, end, whyMalformed(this.bytes, start, end));
    return end;
  }

  private report(start: number, end: number, reason: string): void {
    this.bad({ line: this.lines.at(start), reason, raw: rawText(this.bytes, start, end) });
  }
}
