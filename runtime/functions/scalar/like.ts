import { boolean } from "../../contract/types.ts";
import { ByteHeap } from "./byte-heap.ts";
import { startsCharacter } from "./bytes.ts";
import { type Call, compute, type Example, literalText, type Resolution, type ScalarFunction } from "./define.ts";
import { type Matches, matcherOf } from "./like-pattern.ts";
import { lowerBytes } from "./text-case.ts";
import { allText, emitScalar } from "./text-code.ts";

/**
 * LIKE over bytes: `%` is any run, `_` one character; there is no escape unless ESCAPE names one. The matcher remembers only the
 * last `%`, so its time is at most pattern times text, never exponential.
 */
const percent = 0x25;
const underscore = 0x5f;
/** Within a pattern whose escapes were read, bytes that UTF-8 never has stand for the two characters themselves. */
const literalPercent = 0xf8;
const literalUnderscore = 0xf9;

function likeBytes(text: Uint8Array, start: number, end: number, pattern: Uint8Array, patternStart: number, patternEnd: number): boolean {
  let t = start;
  let p = patternStart;
  let retryPattern = -1;
  let retryText = start;
  while (t < end) {
    const mark = p < patternEnd ? (pattern[p] as number) : -1;
    if (mark === percent) {
      retryPattern = ++p;
      retryText = t;
    } else if (mark === underscore) {
      p++;
      t = nextCharacter(text, t, end);
    } else if (mark === text[t] || (mark >= literalPercent && text[t] === (mark === literalPercent ? percent : underscore))) {
      p++;
      t++;
    } else if (retryPattern >= 0) {
      p = retryPattern;
      retryText = nextCandidate(text, nextCharacter(text, retryText, end), end, pattern[p] as number);
      t = retryText;
    } else return false;
  }
  while (p < patternEnd && pattern[p] === percent) p++;
  return p === patternEnd;
}

/** From `at` on, the first place where the pattern behind a `%` may start to match. */
function nextCandidate(text: Uint8Array, at: number, end: number, first: number): number {
  if (first === percent || first === underscore || first >= literalPercent) return at;
  let next = at;
  while (next < end && text[next] !== first) next++;
  return next;
}

function nextCharacter(text: Uint8Array, at: number, end: number): number {
  let next = at + 1;
  while (next < end && !startsCharacter(text[next] as number)) next++;
  return next;
}

const notLikeBytes = (...args: Parameters<typeof likeBytes>): boolean => !likeBytes(...args);

const lowered = new ByteHeap();

/** ILIKE compares both in lower case. */
function ilikeBytes(text: Uint8Array, start: number, end: number, pattern: Uint8Array, patternStart: number, patternEnd: number): boolean {
  lowered.reset();
  const textAt = lowerBytes(lowered, text, start, end);
  const textEnd = lowered.at;
  const patternAt = lowerBytes(lowered, pattern, patternStart, patternEnd);
  return likeBytes(lowered.bytes, textAt, textEnd, lowered.bytes, patternAt, lowered.at);
}

const notIlikeBytes = (...args: Parameters<typeof ilikeBytes>): boolean => !ilikeBytes(...args);

type Match = (...args: Parameters<typeof likeBytes>) => boolean;

const likeFunction = (name: string, match: Match, doc: string, ...examples: readonly Example[]): ScalarFunction => ({
  names: [name],
  doc,
  examples,
  resolve: (call) =>
    resolveConstant(call, name) ?? (allText(call, 2) ? compute(call, (code, args) => emitScalar(code, boolean, args, match)) : null),
});

/** [NOT] LIKE a constant without `_`: its literals are searched for. */
function resolveConstant(call: Call, name: string): Resolution | null {
  const [text, constant] = call.arguments;
  const pattern = literalText(constant);
  if (!allText(call, 2) || text === undefined || pattern === undefined || name.endsWith("*")) return null;
  const matches = matcherOf(new TextEncoder().encode(pattern));
  if (matches === null) return null;
  const negated: Matches = (bytes, start, end) => !matches(bytes, start, end);
  return { arguments: [text], emit: (code, args) => emitScalar(code, boolean, args, name === "~~" ? matches : negated) };
}

/** LIKE with ESCAPE: the constant pattern is read once into bytes without escapes. */
function resolveEscaped(call: Call, negated: boolean): Resolution | null {
  const [pattern, escape] = [literalText(call.arguments[1]), literalText(call.arguments[2])];
  const text = call.arguments[0];
  if (!allText(call, 3) || text === undefined || pattern === undefined || escape === undefined || Array.from(escape).length !== 1)
    return null;
  const bytes = readEscapes(pattern, escape);
  if (bytes === null) return null;
  const match = (b: Uint8Array, start: number, end: number): boolean => likeBytes(b, start, end, bytes, 0, bytes.length) !== negated;
  return { arguments: [text], emit: (code, args) => emitScalar(code, boolean, args, match) };
}

/** Null for a pattern that ends in its escape, or escapes an ordinary character: DuckDB has rules of its own for them. */
function readEscapes(pattern: string, escape: string): Uint8Array | null {
  const characters = Array.from(pattern);
  const bytes: number[] = [];
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i] as string;
    if (character !== escape) bytes.push(...new TextEncoder().encode(character));
    else {
      const next = characters[++i];
      if (next === "%") bytes.push(literalPercent);
      else if (next === "_") bytes.push(literalUnderscore);
      else if (next === escape) bytes.push(...new TextEncoder().encode(next));
      else return null;
    }
  }
  return Uint8Array.from(bytes);
}

export const likeFunctions: readonly ScalarFunction[] = [
  likeFunction(
    "~~",
    likeBytes,
    "LIKE: `%` matches any run of characters, `_` one.",
    ["'millrace' LIKE 'm%r_ce'", "true"],
    ["'millrace' LIKE 'M%'", "false"],
  ),
  likeFunction("!~~", notLikeBytes, "NOT LIKE.", ["'millrace' NOT LIKE 'm%r_ce'", "false"]),
  likeFunction("~~*", ilikeBytes, "ILIKE: LIKE regardless of case.", ["'millrace' ILIKE 'M%R_CE'", "true"]),
  likeFunction("!~~*", notIlikeBytes, "NOT ILIKE.", ["'millrace' NOT ILIKE 'M%R_CE'", "false"]),
  {
    names: ["like_escape"],
    doc: "LIKE with ESCAPE.",
    examples: [["'a%c' LIKE 'a#%c' ESCAPE '#'", "true"]],
    resolve: (call) => resolveEscaped(call, false),
  },
  {
    names: ["not_like_escape"],
    doc: "NOT LIKE with ESCAPE.",
    examples: [["'a%c' NOT LIKE 'a#%c' ESCAPE '#'", "false"]],
    resolve: (call) => resolveEscaped(call, true),
  },
];
