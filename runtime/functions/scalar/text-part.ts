import { type SqlType, varchar } from "../../contract/types.ts";
import type { ByteHeap } from "./byte-heap.ts";
import { countCharacters, indexOfBytes, skipCharacters } from "./bytes.ts";
import type { Code } from "./code.ts";
import { type Call, compute, type Resolution, type ScalarFunction } from "./define.ts";
import { numberOfBig } from "./number-lanes.ts";
import { lane, type Slot } from "./slot.ts";
import { emitNullableView, emitView } from "./text-code.ts";

/** Parts of a text that share its bytes. */

const isText = (type: SqlType | undefined): boolean => type?.id === "varchar";
const isLong = (type: SqlType | undefined): boolean => type?.id === "bigint";

const offset_max = 4_294_967_295;

/** From character `offset` (1 is the first, -1 the last, 0 the one in front of the first), `length` of them; negative: those before it. */
function substringOf(heap: ByteHeap, bytes: Uint8Array, start: number, end: number, offset: number, length: number): number {
  if (length === 0) return emptyView(heap, start);
  if (offset > 0 && length > 0) {
    const from = skipCharacters(bytes, start, end, offset - 1);
    heap.end = skipCharacters(bytes, from, end, length);
    return from;
  }
  const size = countCharacters(bytes, start, end);
  const origin = offset > 0 ? offset - 1 : offset < 0 ? size + offset : 0;
  const count = offset === 0 ? length - 1 : length;
  if (offset === 0 && count <= 0) return emptyView(heap, start);
  const [first, last] = count > 0 ? [origin, origin + count] : [origin + count, origin];
  const within = (character: number): number => Math.max(0, Math.min(character, size));
  const from = skipCharacters(bytes, start, end, within(first));
  heap.end = skipCharacters(bytes, from, end, within(last) - within(first));
  return from;
}

function emptyView(heap: ByteHeap, start: number): number {
  heap.end = start;
  return start;
}

function emitSubstring(code: Code, args: readonly Slot[]): Slot {
  return emitView(code, varchar, args, substringOf, () => {
    const numbers = args.slice(1).map((arg) => numberOfBig(code, lane(arg)));
    const [from, length = String(offset_max)] = numbers;
    const isFar = numbers.map((n) => `${n} > ${offset_max} || ${n} < -${offset_max}`).join(" || ");
    code.line(`if (${isFar}) ${code.failure("22003", "substring offset or length outside of the supported range")}`);
    return [from as string, length];
  });
}

export const substring: ScalarFunction = {
  names: ["substring", "substr"],
  doc: "Characters from an offset on; a negative offset counts from the end, a negative length goes back.",
  examples: [
    ["substring('hello', 2, 3)", "ell"],
    ["substring('hello', 2)", "ello"],
    ["substring('hello', -3, 2)", "ll"],
    ["substring('hello', 0, 2)", "h"],
  ],
  resolve(call) {
    const [text, ...numbers] = call.arguments;
    if (!isText(text?.type) || numbers.length < 1 || numbers.length > 2 || !numbers.every((n) => isLong(n.type))) return null;
    return compute(call, emitSubstring);
  },
};

/** The part between the separators number `index - 1` and `index`; -1 when there is none. An empty separator parts all characters. */
function partOf(
  heap: ByteHeap,
  bytes: Uint8Array,
  start: number,
  end: number,
  separator: Uint8Array,
  from: number,
  to: number,
  index: number,
): number {
  if (index === 0) return -1;
  if (to - from === 1 && index > 0) return partBetweenBytes(heap, bytes, start, end, separator[from] as number, index);
  const position = index > 0 ? index : countParts(bytes, start, end, separator, from, to) + 1 + index;
  if (position < 1) return -1;
  let at = start;
  for (let part = 1; ; part++) {
    const next = endOfPart(bytes, at, end, separator, from, to);
    if (part === position) {
      heap.end = next < 0 ? end : next;
      return at;
    }
    if (next < 0) return -1;
    at = next + to - from;
  }
}

/** The common case: a separator of one byte, counted from the start. */
function partBetweenBytes(heap: ByteHeap, bytes: Uint8Array, start: number, end: number, separator: number, index: number): number {
  let at = start;
  for (let part = index - 1; part > 0; at++) {
    if (at >= end) return -1;
    if (bytes[at] === separator) part--;
  }
  let to = at;
  while (to < end && bytes[to] !== separator) to++;
  heap.end = to;
  return at;
}

/** Where the part that starts at `at` ends when another part follows, else -1. A negative `from` is a NULL separator: it parts nothing. */
function endOfPart(bytes: Uint8Array, at: number, end: number, separator: Uint8Array, from: number, to: number): number {
  if (from < 0) return -1;
  if (to > from) return indexOfBytes(bytes, at, end, separator, from, to);
  const next = skipCharacters(bytes, at, end, 1);
  return next < end ? next : -1;
}

function countParts(bytes: Uint8Array, start: number, end: number, separator: Uint8Array, from: number, to: number): number {
  let count = 1;
  for (let at = endOfPart(bytes, start, end, separator, from, to); at >= 0; count++) {
    at = endOfPart(bytes, at + to - from, end, separator, from, to);
  }
  return count;
}

/** split_part: a part that is not there is empty. */
function splitPartOf(
  heap: ByteHeap,
  bytes: Uint8Array,
  start: number,
  end: number,
  separator: Uint8Array,
  from: number,
  to: number,
  index: number,
): number {
  const found = partOf(heap, bytes, start, end, separator, from, to, index);
  return found < 0 ? emptyView(heap, start) : found;
}

const partOperands = (code: Code, args: readonly Slot[]) => (): readonly string[] => [
  ...(args[1] as Slot).lanes,
  numberOfBig(code, lane(args[2] as Slot)),
];

export const splitPart: ScalarFunction = {
  names: ["split_part"],
  doc: "The part number n between separators; a negative n counts from the end. Empty when there is none.",
  examples: [
    ["split_part('a/b/c', '/', 2)", "b"],
    ["split_part('a/b/c', '/', -1)", "c"],
    ["split_part('a/b/c', '/', 4)", ""],
  ],
  resolve(call) {
    const [text, separator, index] = call.arguments;
    if (!isText(text?.type) || !isText(separator?.type) || !isLong(index?.type)) return null;
    return compute(call, (code, args) => emitView(code, varchar, args, splitPartOf, partOperands(code, args)));
  },
};

const splitNames: ReadonlySet<string> = new Set(["string_split", "str_split", "string_to_array", "split"]);

function resolveSplitExtract(call: Call): Resolution | null {
  const [split, index] = call.arguments;
  if (split?.kind !== "call" || !splitNames.has(split.name) || split.arguments.length !== 2 || !isLong(index?.type)) return null;
  if (index === undefined || !split.arguments.every((a) => isText(a.type))) return null;
  return {
    arguments: [...split.arguments, index],
    emit: (code, [text, separator, n]) =>
      emitNullableView(code, varchar, [text as Slot, n as Slot], partOf, () => [
        ...orNoSeparator(separator as Slot),
        numberOfBig(code, lane(n as Slot)),
      ]),
  };
}

/** The lanes of a separator; a NULL one does not make the list NULL. */
const orNoSeparator = ({ lanes, isNull }: Slot): readonly string[] =>
  isNull === null ? lanes : [lanes[0] as string, ...lanes.slice(1).map((position) => `${isNull} ? -1 : ${position}`)];

export const splitExtract: ScalarFunction = {
  names: ["array_extract", "list_extract", "list_element"],
  doc: "A part of a split text, without making the list of all parts. NULL when there is none.",
  examples: [
    ["string_split('a/b/c', '/')[2]", "b"],
    ["string_split('a/b/c', '/')[4]", null],
  ],
  resolve: resolveSplitExtract,
};
