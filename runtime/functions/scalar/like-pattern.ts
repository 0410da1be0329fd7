import { equalBytes } from "./bytes.ts";
import { searchFor } from "./search.ts";

/** Whether bytes[start, end) match a constant pattern. */
export type Matches = (bytes: Uint8Array, start: number, end: number) => boolean;

const percent = 0x25;
const underscore = 0x5f;

/**
 * A constant LIKE pattern of literals between `%`: its ends are compared, the middle ones are searched from left to right,
 * which finds a match if there is one. Null for a pattern with `_`.
 */
export function matcherOf(pattern: Uint8Array): Matches | null {
  if (pattern.includes(underscore)) return null;
  const parts = splitAtPercent(pattern);
  const first = parts[0] as Uint8Array;
  const last = parts.at(-1) as Uint8Array;
  if (parts.length === 1) return (bytes, start, end) => equalBytes(bytes, start, end, first, 0, first.length);
  const middle = parts.slice(1, -1).filter((part) => part.length > 0);
  const ends = first.length + last.length;
  const [only] = middle;
  if (only !== undefined && middle.length === 1 && ends === 0) {
    const search = searchFor(only);
    return (bytes, start, end) => search(bytes, start, end) >= 0;
  }
  const searches = middle.map((part) => ({ search: searchFor(part), length: part.length }));
  return (bytes, start, end) => {
    if (end - start < ends) return false;
    const to = end - last.length;
    if (!equalBytes(bytes, start, start + first.length, first, 0, first.length)) return false;
    if (!equalBytes(bytes, to, end, last, 0, last.length)) return false;
    let at = start + first.length;
    for (const { search, length } of searches) {
      const found = search(bytes, at, to);
      if (found < 0) return false;
      at = found + length;
    }
    return true;
  };
}

function splitAtPercent(pattern: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let from = 0;
  for (let at = pattern.indexOf(percent); at >= 0; at = pattern.indexOf(percent, from)) {
    parts.push(pattern.subarray(from, at));
    from = at + 1;
  }
  return [...parts, pattern.subarray(from)];
}
