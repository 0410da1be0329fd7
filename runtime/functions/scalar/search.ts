import { indexOfBytes } from "./bytes.ts";

/** Finds a constant needle in bytes[start, end): its position, or -1. */
export type Search = (bytes: Uint8Array, start: number, end: number) => number;

/** Below this length the skips are too short to pay. */
const horspool_from = 3;

/** A search for one needle, prepared once (Horspool: skip by what the last byte under the needle is). */
export function searchFor(needle: Uint8Array): Search {
  const length = needle.length;
  if (length === 1) return searchForByte(needle[0] as number);
  if (length < horspool_from) return (bytes, start, end) => indexOfBytes(bytes, start, end, needle, 0, length);
  const last = needle[length - 1] as number;
  const skips = new Int32Array(256).fill(length);
  for (let i = 0; i < length - 1; i++) skips[needle[i] as number] = length - 1 - i;
  return (bytes, start, end) => {
    for (let at = start + length - 1; at < end; ) {
      const byte = bytes[at] as number;
      if (byte === last) {
        let k = length - 2;
        while (k >= 0 && bytes[at - length + 1 + k] === needle[k]) k--;
        if (k < 0) return at - length + 1;
      }
      at += skips[byte] as number;
    }
    return -1;
  };
}

const searchForByte =
  (needle: number): Search =>
  (bytes, start, end) => {
    for (let at = start; at < end; at++) if (bytes[at] === needle) return at;
    return -1;
  };
