import type { Batch } from "../contract/batch.ts";
import { limits } from "../contract/limits.ts";

/** Where a decoder stands in a file. */
export interface TextPosition {
  /** Bytes before the next record. */
  readonly offset: number;
  /** The next record's line, from 1. */
  readonly line: number;
  /** JSON: the records are the elements of one array; null before the first record. */
  readonly array: boolean | null;
}

export const startOfText: TextPosition = { offset: 0, line: 1, array: null };

export interface BadRecord {
  readonly line: number;
  readonly reason: string;
  readonly raw: string;
}

/** Decodes records of one text into batches. */
export interface RowDecoder {
  /**
   * Decodes whole records of bytes[from, to), at most 4,096, and gives the place behind the last one. `last`: nothing follows.
   * The place is `from` when the first record is not there as a whole. Escapes are resolved in place, so bytes before the place change.
   */
  decode(bytes: Buffer, from: number, to: number, last: boolean): number;
  /** Rows of the last `decode`: views into its bytes. */
  batch(): Batch;
  /** The line on which a row of the last `decode` begins. Cheap for one row, and for rows asked for in order. */
  lineOf(row: number): number;
  readonly line: number;
  readonly array: boolean | null;
}

/** Bytes of a bad record that are kept to show it. */
const raw_bytes_max = 4_096;

export const rawText = (bytes: Buffer, start: number, end: number): string =>
  bytes.toString("utf8", start, Math.min(end, start + raw_bytes_max));

export const isTooLong = (start: number, end: number): boolean => end - start > limits.record_bytes_max;

const lineFeed = 0x0a;

export function countLineFeeds(bytes: Buffer, from: number, to: number): number {
  const part = bytes.subarray(from, to);
  let count = 0;
  for (let at = part.indexOf(lineFeed); at >= 0; at = part.indexOf(lineFeed, at + 1)) count++;
  return count;
}

/** `to` without the beginning of a character whose other bytes lie behind it. */
export function utf8End(bytes: Uint8Array, from: number, to: number): number {
  let at = to;
  while (at > from && to - at < 3 && ((bytes[at - 1] as number) & 0xc0) === 0x80) at--;
  const lead = at > from ? (bytes[at - 1] as number) : 0;
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  return at - 1 + length > to ? at - 1 : to;
}
