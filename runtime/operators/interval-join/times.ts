/*
 * Event times as doubles, without a BigInt per row. `lanes` are the 32-bit words of a time column, low word first.
 */

const word = 4_294_967_296;

/** Ascending with the time; exact from 1684 to 2255, to half a millisecond in all times. */
export const approximate_us = (lanes: Int32Array, row: number): number =>
  (lanes[2 * row + 1] as number) * word + ((lanes[2 * row] as number) >>> 0);

/** What `approximate_us` may be off by, on either side of a comparison. */
export const slack_us = 2_048;

/** a - b, exact below 2^53 µs: it compares rightly with any bound below that. */
export const gap_us = (a: Int32Array, i: number, b: Int32Array, j: number): number =>
  ((a[2 * i + 1] as number) - (b[2 * j + 1] as number)) * word + (((a[2 * i] as number) >>> 0) - ((b[2 * j] as number) >>> 0));

/** One time (a watermark) in the form that `gap_us` takes; read at row 0. */
export function lanesOf(time: bigint): Int32Array {
  return new Int32Array(BigInt64Array.of(time).buffer);
}
