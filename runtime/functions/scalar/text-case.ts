import type { ByteHeap } from "./byte-heap.ts";
import { isAscii, textOf } from "./bytes.ts";
import type { ScalarFunction } from "./define.ts";
import { storedText } from "./text-code.ts";

/**
 * Upper and lower case, one code point for one. JavaScript's mapping is Unicode's full one, of the newest Unicode that Node knows;
 * DuckDB's is the simple one of an older Unicode. The test compares all code points.
 */

/** Case pairs that came after DuckDB's Unicode, as inclusive ranges. */
const newerPairs: readonly (readonly [first: number, last: number])[] = [
  [0x1c89, 0x1c8a],
  [0xa7cb, 0xa7cf],
  [0xa7d2, 0xa7d5],
  [0xa7da, 0xa7dc],
  [0x10d50, 0x10d85],
  [0x16ea0, 0x16ed3],
];

const lowerExceptions: ReadonlyMap<number, number> = new Map([[0x130, 0x69]]);

/** Upper forms of several characters have a single title form, or none: then the character stays. */
const upperExceptions: ReadonlyMap<number, number> = new Map([
  [0xdf, 0x1e9e],
  [0x1fb3, 0x1fbc],
  [0x1fc3, 0x1fcc],
  [0x1ff3, 0x1ffc],
  [0x19b, 0x19b],
  [0x264, 0x264],
  ...[0x1f80, 0x1f90, 0x1fa0].flatMap((first) => Array.from({ length: 8 }, (_, i): [number, number] => [first + i, first + i + 8])),
]);

function caseOf(character: string, mapped: string, exceptions: ReadonlyMap<number, number>): string {
  const code = character.codePointAt(0) as number;
  const exception = exceptions.get(code);
  if (exception !== undefined) return String.fromCodePoint(exception);
  if (newerPairs.some(([first, last]) => code >= first && code <= last)) return character;
  const single = mapped.length === 1 || (mapped.length === 2 && (mapped.codePointAt(0) as number) > 0xffff);
  return single ? mapped : character;
}

const lowerText = (text: string): string => Array.from(text, (c) => caseOf(c, c.toLowerCase(), lowerExceptions)).join("");
const upperText = (text: string): string => Array.from(text, (c) => caseOf(c, c.toUpperCase(), upperExceptions)).join("");

/** `from`: the first letter of the other case in ASCII, 26 of them; bit 0x20 turns the case. */
function mapCase(heap: ByteHeap, bytes: Uint8Array, start: number, end: number, from: number, general: (text: string) => string): number {
  if (!isAscii(bytes, start, end)) return heap.appendText(general(textOf(bytes, start, end)));
  heap.reserve(end - start);
  const target = heap.bytes;
  const at = heap.at;
  for (let i = start, to = at; i < end; i++, to++) {
    const byte = bytes[i] as number;
    target[to] = byte >= from && byte < from + 26 ? byte ^ 0x20 : byte;
  }
  heap.at = at + end - start;
  return at;
}

export const lowerBytes = (heap: ByteHeap, bytes: Uint8Array, start: number, end: number): number =>
  mapCase(heap, bytes, start, end, 0x41, lowerText);

const upperBytes = (heap: ByteHeap, bytes: Uint8Array, start: number, end: number): number =>
  mapCase(heap, bytes, start, end, 0x61, upperText);

export const lower: ScalarFunction = {
  names: ["lower", "lcase"],
  doc: "The text in lower case.",
  examples: [["lower('ÀB1')", "àb1"]],
  resolve: (call) => storedText(call, 1, lowerBytes),
};

export const upper: ScalarFunction = {
  names: ["upper", "ucase"],
  doc: "The text in upper case.",
  examples: [["upper('àb1')", "ÀB1"]],
  resolve: (call) => storedText(call, 1, upperBytes),
};
