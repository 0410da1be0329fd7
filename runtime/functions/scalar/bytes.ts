/** Functions over bytes[start, end) ranges: strings as batches hold them. */

export function equalBytes(a: Uint8Array, aStart: number, aEnd: number, b: Uint8Array, bStart: number, bEnd: number): boolean {
  if (aEnd - aStart !== bEnd - bStart) return false;
  for (let i = aStart, j = bStart; i < aEnd; i++, j++) if (a[i] !== b[j]) return false;
  return true;
}

/** Negative, 0 or positive, by the first byte that differs, then by length: the order of code points in UTF-8. */
export function compareBytes(a: Uint8Array, aStart: number, aEnd: number, b: Uint8Array, bStart: number, bEnd: number): number {
  const shared = Math.min(aEnd - aStart, bEnd - bStart);
  for (let i = 0; i < shared; i++) {
    const difference = (a[aStart + i] as number) - (b[bStart + i] as number);
    if (difference !== 0) return difference;
  }
  return aEnd - aStart - (bEnd - bStart);
}

/** The position of `needle` in bytes[start, end), or -1. An empty needle is found at the start. */
export function indexOfBytes(
  bytes: Uint8Array,
  start: number,
  end: number,
  needle: Uint8Array,
  needleStart: number,
  needleEnd: number,
): number {
  const length = needleEnd - needleStart;
  if (length === 0) return start;
  const first = needle[needleStart];
  const last = end - length;
  for (let i = start; i <= last; i++) {
    if (bytes[i] !== first) continue;
    let k = 1;
    while (k < length && bytes[i + k] === needle[needleStart + k]) k++;
    if (k === length) return i;
  }
  return -1;
}

export function startsWithBytes(a: Uint8Array, aStart: number, aEnd: number, b: Uint8Array, bStart: number, bEnd: number): boolean {
  return aEnd - aStart >= bEnd - bStart && equalBytes(a, aStart, aStart + bEnd - bStart, b, bStart, bEnd);
}

export function endsWithBytes(a: Uint8Array, aStart: number, aEnd: number, b: Uint8Array, bStart: number, bEnd: number): boolean {
  return aEnd - aStart >= bEnd - bStart && equalBytes(a, aEnd - (bEnd - bStart), aEnd, b, bStart, bEnd);
}

/** UTF-8: a byte that does not continue a character starts one. */
export const startsCharacter = (byte: number): boolean => (byte & 0xc0) !== 0x80;

/** Code points in bytes[start, end). */
export function countCharacters(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let i = start; i < end; i++) if (startsCharacter(bytes[i] as number)) count++;
  return count;
}

/** The byte position of the character that is `count` behind the one at `start`; `end` when there are fewer. */
export function skipCharacters(bytes: Uint8Array, start: number, end: number, count: number): number {
  let at = start;
  for (let left = count; left > 0 && at < end; left--) {
    at++;
    while (at < end && !startsCharacter(bytes[at] as number)) at++;
  }
  return at;
}

export function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if ((bytes[i] as number) >= 0x80) return false;
  return true;
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Strings of a batch share one array: its Buffer is kept as long as the array lives, because making one costs more than a short string. */
const buffers = new WeakMap<Uint8Array, Buffer>();

function bufferOf(bytes: Uint8Array): Buffer {
  let buffer = buffers.get(bytes);
  if (buffer === undefined) {
    buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    buffers.set(bytes, buffer);
  }
  return buffer;
}

/** The JavaScript string; ASCII, the common case, without the decoder's overhead. */
export function textOf(bytes: Uint8Array, start: number, end: number): string {
  return isAscii(bytes, start, end) ? asciiText(bytes, start, end) : decoder.decode(bytes.subarray(start, end));
}

/** The same for bytes that are known to be ASCII. */
export const asciiText = (bytes: Uint8Array, start: number, end: number): string => bufferOf(bytes).toString("latin1", start, end);
