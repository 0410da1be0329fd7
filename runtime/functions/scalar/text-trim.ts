import { varchar } from "../../contract/types.ts";
import type { ByteHeap } from "./byte-heap.ts";
import { startsCharacter } from "./bytes.ts";
import { compute, type Example, type ScalarFunction } from "./define.ts";
import { allText, emitView } from "./text-code.ts";

/** Trims by whole characters; without a set of them: Unicode's space separators, as DuckDB does. */
type IsTrimmed = (codePoint: number) => boolean;

const isSpace: IsTrimmed = (c) =>
  c === 0x20 || c === 0xa0 || c === 0x1680 || (c >= 0x2000 && c <= 0x200a) || c === 0x202f || c === 0x205f || c === 0x3000;

/** The code point whose first byte is at `at`. */
function codePointAt(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] as number;
  const next = (offset: number): number => (bytes[at + offset] as number) & 0x3f;
  if (lead < 0x80) return lead;
  if (lead < 0xe0) return ((lead & 0x1f) << 6) | next(1);
  if (lead < 0xf0) return ((lead & 0x0f) << 12) | (next(1) << 6) | next(2);
  return ((lead & 0x07) << 18) | (next(1) << 12) | (next(2) << 6) | next(3);
}

const widthOf = (lead: number): number => (lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4);

function trimStart(bytes: Uint8Array, start: number, end: number, trimmed: IsTrimmed): number {
  let at = start;
  while (at < end && trimmed(codePointAt(bytes, at))) at += widthOf(bytes[at] as number);
  return at;
}

function trimEnd(bytes: Uint8Array, start: number, end: number, trimmed: IsTrimmed): number {
  let at = end;
  while (at > start) {
    let last = at - 1;
    while (last > start && !startsCharacter(bytes[last] as number)) last--;
    if (!trimmed(codePointAt(bytes, last))) break;
    at = last;
  }
  return at;
}

function setOf(bytes: Uint8Array, start: number, end: number): IsTrimmed {
  const set = new Set<number>();
  for (let at = start; at < end; at += widthOf(bytes[at] as number)) set.add(codePointAt(bytes, at));
  return (c) => set.has(c);
}

interface Sides {
  readonly left: boolean;
  readonly right: boolean;
}

const trimBy =
  ({ left, right }: Sides) =>
  (heap: ByteHeap, bytes: Uint8Array, start: number, end: number, set?: Uint8Array, setStart = 0, setEnd = 0): number => {
    const trimmed = set === undefined ? isSpace : setOf(set, setStart, setEnd);
    const from = left ? trimStart(bytes, start, end, trimmed) : start;
    heap.end = right ? trimEnd(bytes, from, end, trimmed) : end;
    return from;
  };

function trimFunction(name: string, sides: Sides, doc: string, ...examples: readonly Example[]): ScalarFunction {
  const view = trimBy(sides);
  return {
    names: [name],
    doc,
    examples,
    resolve: (call) =>
      allText(call, call.arguments.length) && call.arguments.length <= 2
        ? compute(call, (code, args) => emitView(code, varchar, args, view))
        : null,
  };
}

export const trimFunctions: readonly ScalarFunction[] = [
  trimFunction(
    "trim",
    { left: true, right: true },
    "Without spaces, or the characters of a set, at both ends.",
    ["trim('  a b ')", "a b"],
    ["trim('xaxbx', 'x')", "axb"],
  ),
  trimFunction("ltrim", { left: true, right: false }, "Without spaces, or the characters of a set, at its start.", [
    "ltrim('xxab', 'x')",
    "ab",
  ]),
  trimFunction("rtrim", { left: false, right: true }, "Without spaces, or the characters of a set, at its end.", [
    "rtrim('abyx', 'xy')",
    "ab",
  ]),
];
