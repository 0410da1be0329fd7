import { boolean, varchar } from "../../contract/types.ts";
import type { ByteHeap } from "./byte-heap.ts";
import { asciiText, isAscii, textOf } from "./bytes.ts";
import { type Call, literalInteger, literalText, type Resolution, type ScalarFunction } from "./define.ts";
import { safePattern } from "./regexp-safe.ts";
import { emitScalar, emitStored } from "./text-code.ts";

/** Only constant patterns of regexp-safe.ts, and no options: DuckDB's RE2 takes the rest. */

type Execute = (bytes: Uint8Array, start: number, end: number) => RegExpExecArray | null;

/** ASCII texts need no regard for characters of several UTF-16 units, which makes RegExp faster. */
function executorOf(source: string): Execute {
  const ascii = new RegExp(source);
  const unicode = new RegExp(source, "u");
  return (bytes, start, end) =>
    isAscii(bytes, start, end) ? ascii.exec(asciiText(bytes, start, end)) : unicode.exec(textOf(bytes, start, end));
}

function resolveTest(call: Call, whole: boolean): Resolution | null {
  const [text] = call.arguments;
  const pattern = literalText(call.arguments[1]);
  if (call.arguments.length !== 2 || text?.type.id !== "varchar" || pattern === undefined) return null;
  const safe = safePattern(pattern);
  if (safe === null) return null;
  const execute = executorOf(whole ? `^(?:${safe.source})$` : safe.source);
  const test = (bytes: Uint8Array, start: number, end: number): boolean => execute(bytes, start, end) !== null;
  return { arguments: [text], emit: (code, args) => emitScalar(code, boolean, args, test) };
}

function resolveExtract(call: Call): Resolution | null {
  const [text] = call.arguments;
  const pattern = literalText(call.arguments[1]);
  const group = call.arguments.length === 2 ? 0 : call.arguments.length === 3 ? literalInteger(call.arguments[2]) : undefined;
  if (text?.type.id !== "varchar" || pattern === undefined || group === undefined || call.type.id !== "varchar") return null;
  const safe = safePattern(pattern);
  if (safe === null || group < 0 || group > safe.groups) return null;
  const execute = executorOf(safe.source);
  const extract = (heap: ByteHeap, bytes: Uint8Array, start: number, end: number): number =>
    heap.appendText(execute(bytes, start, end)?.[group] ?? "");
  return { arguments: [text], emit: (code, args) => emitStored(code, varchar, args, extract) };
}

export const regexpMatches: ScalarFunction = {
  names: ["regexp_matches"],
  doc: "Whether the pattern matches somewhere in the text.",
  examples: [["regexp_matches('abc123', '[0-9]+')", "true"]],
  resolve: (call) => resolveTest(call, false),
};

export const regexpFullMatch: ScalarFunction = {
  names: ["regexp_full_match"],
  doc: "Whether the pattern matches the whole text.",
  examples: [["regexp_full_match('abc123', '[a-z]{3}[0-9]+')", "true"]],
  resolve: (call) => resolveTest(call, true),
};

export const regexpExtract: ScalarFunction = {
  names: ["regexp_extract"],
  doc: "What the pattern, or one of its groups, matched; empty when nothing did.",
  examples: [
    ["regexp_extract('a=1&channel_id=22&b', '(&|^)channel_id=([^&]*)', 2)", "22"],
    ["regexp_extract('abc', '[0-9]+')", ""],
  ],
  resolve: resolveExtract,
};
