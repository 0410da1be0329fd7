import { words } from "../contract/batch.ts";

/** Arithmetic on the grid of a window kind: its slices are [offset + k·length, offset + (k+1)·length), in µs since 1970. */

/** 0 <= result < length: any offset names the same grid as this one. */
export function reducedOffset(offset_us: bigint, length_us: bigint): bigint {
  const rest = offset_us % length_us;
  return rest < 0n ? rest + length_us : rest;
}

/** The start of the slice that holds `time_us`; times before 1970 round down as well. */
export function sliceStart(time_us: bigint, length_us: bigint, offset_us: bigint): bigint {
  const rest = (time_us - offset_us) % length_us;
  return time_us - (rest < 0n ? rest + length_us : rest);
}

/** Beyond this many µs (the year 2255, or before 1684) a double no longer holds every µs. */
const exact_us = Number.MAX_SAFE_INTEGER;

/**
 * The end of each row's slice. Rows of a batch are mostly of one slice, so the last one is kept, and within the range of a
 * double the loop works on the two 32-bit words of a time: a BigInt that leaves a loop would be allocated.
 */
export function assignGridEnds(times: BigInt64Array, rows: number, length_us: bigint, offset_us: bigint, into: BigInt64Array): void {
  const offset = reducedOffset(offset_us, length_us);
  const length = Number(length_us);
  if (length > exact_us / 2) return assignExactly(times, 0, rows, length_us, offset, into);
  const read = words(times);
  const write = words(into);
  const shift = Number(offset);
  let start = 1;
  let end = 0;
  let endLow = 0;
  let endHigh = 0;
  for (let i = 0; i < rows; i++) {
    const high = read[2 * i + 1] as number;
    const time = high * 4_294_967_296 + ((read[2 * i] as number) >>> 0);
    if (time < start || time >= end) {
      if (time > exact_us - 2 * length || time < 2 * length - exact_us) {
        assignExactly(times, i, i + 1, length_us, offset, into);
        continue;
      }
      start = Math.floor((time - shift) / length) * length + shift;
      // The quotient of two doubles may round up to the next whole number.
      if (start > time) start -= length;
      end = start + length;
      endLow = end | 0;
      endHigh = Math.floor(end * 2.3283064365386963e-10);
    }
    write[2 * i] = endLow;
    write[2 * i + 1] = endHigh;
  }
}

function assignExactly(times: BigInt64Array, from: number, to: number, length_us: bigint, offset_us: bigint, into: BigInt64Array): void {
  for (let i = from; i < to; i++) into[i] = sliceStart(times[i] as bigint, length_us, offset_us) + length_us;
}
