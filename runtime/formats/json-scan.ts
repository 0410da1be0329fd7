import { limits } from "../contract/limits.ts";

/**
 * A scanner of JSON text in UTF-8 (RFC 8259). Each function takes the place where something begins and gives the place behind
 * it, or -1 where the text is malformed or ends too early; both look alike, as more text may come.
 */

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const minus = 0x2d;
const plus = 0x2b;
const point = 0x2e;
const zero = 0x30;
const space = 0x20;
const letterU = 0x75;

export const json = { quote, comma, colon, openBrace, closeBrace, openBracket, closeBracket } as const;

export function skipSpace(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end) {
    const byte = bytes[i] as number;
    if (byte !== space && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return i;
    i++;
  }
  return i;
}

/** From behind the opening quote to the closing quote, or to the first escape, or -1 at a control character or the end. */
export function plainStringEnd(bytes: Uint8Array, at: number, end: number): number {
  for (let i = at; i < end; i++) {
    const byte = bytes[i] as number;
    if (byte === quote || byte === backslash) return i;
    if (byte < space) return -1;
  }
  return -1;
}

/** From behind the opening quote to the closing quote; every escape is checked. */
export function stringEnd(bytes: Uint8Array, at: number, end: number): number {
  let i = plainStringEnd(bytes, at, end);
  while (i >= 0 && bytes[i] === backslash) {
    const behind = escapeEnd(bytes, i + 1, end);
    i = behind < 0 ? -1 : plainStringEnd(bytes, behind, end);
  }
  return i;
}

const simpleEscapes: Readonly<Record<number, number>> = {
  0x22: 0x22,
  0x5c: 0x5c,
  0x2f: 0x2f,
  0x62: 0x08,
  0x66: 0x0c,
  0x6e: 0x0a,
  0x72: 0x0d,
  0x74: 0x09,
};

function escapeEnd(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) return -1;
  if (bytes[at] !== letterU) return (bytes[at] as number) in simpleEscapes ? at + 1 : -1;
  return at + 5 <= end && hexAt(bytes, at + 1) >= 0 ? at + 5 : -1;
}

/** The number that four hexadecimal digits write, or -1. */
function hexAt(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let i = at; i < at + 4; i++) {
    const byte = bytes[i] as number;
    const digit = byte <= 0x39 ? byte - zero : (byte | 0x20) - 0x57;
    if (digit < 0 || digit > 15 || (byte > 0x39 && digit < 10)) return -1;
    value = value * 16 + digit;
  }
  return value;
}

/** Any value; `depth` is how deep it lies. */
export function skipValue(bytes: Uint8Array, at: number, end: number, depth: number): number {
  if (at >= end || depth > limits.nesting_max) return -1;
  switch (bytes[at]) {
    case quote: {
      const close = stringEnd(bytes, at + 1, end);
      return close < 0 ? -1 : close + 1;
    }
    case openBrace:
      return skipItems(bytes, at, end, closeBrace, depth);
    case openBracket:
      return skipItems(bytes, at, end, closeBracket, depth);
    case 0x74:
      return skipWord(bytes, at, end, "true");
    case 0x66:
      return skipWord(bytes, at, end, "false");
    case 0x6e:
      return skipWord(bytes, at, end, "null");
    default:
      return skipNumber(bytes, at, end);
  }
}

function skipItems(bytes: Uint8Array, at: number, end: number, close: number, depth: number): number {
  let i = skipSpace(bytes, at + 1, end);
  if (bytes[i] === close && i < end) return i + 1;
  while (i < end) {
    if (close === closeBrace) i = skipKey(bytes, i, end);
    if (i < 0) return -1;
    i = skipValue(bytes, i, end, depth + 1);
    if (i < 0) return -1;
    i = skipSpace(bytes, i, end);
    if (i >= end) return -1;
    if (bytes[i] === close) return i + 1;
    if (bytes[i] !== comma) return -1;
    i = skipSpace(bytes, i + 1, end);
  }
  return -1;
}

/** A key and its colon, up to the value. */
function skipKey(bytes: Uint8Array, at: number, end: number): number {
  if (bytes[at] !== quote) return -1;
  const close = stringEnd(bytes, at + 1, end);
  return close < 0 ? -1 : skipColon(bytes, close + 1, end);
}

export function skipColon(bytes: Uint8Array, at: number, end: number): number {
  const i = skipSpace(bytes, at, end);
  return i < end && bytes[i] === colon ? skipSpace(bytes, i + 1, end) : -1;
}

export function skipWord(bytes: Uint8Array, at: number, end: number, word: "true" | "false" | "null"): number {
  if (at + word.length > end) return -1;
  for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word.charCodeAt(i)) return -1;
  return at + word.length;
}

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= zero && byte <= zero + 9;

function skipDigits(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end && isDigit(bytes[i])) i++;
  return i;
}

/** A number that the end of the text may have cut off is no number: what closes the value must follow. */
export function skipNumber(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at] === minus ? at + 1 : at;
  let i = skipDigits(bytes, first, end);
  if (i === first || (bytes[first] === zero && i > first + 1)) return -1;
  if (i < end && bytes[i] === point) {
    const fraction = i + 1;
    i = skipDigits(bytes, fraction, end);
    if (i === fraction) return -1;
  }
  if (i < end && ((bytes[i] as number) | 0x20) === 0x65) {
    const power = bytes[i + 1] === plus || bytes[i + 1] === minus ? i + 2 : i + 1;
    i = skipDigits(bytes, power, end);
    if (i === power) return -1;
  }
  return i;
}

/** Resolves the escapes of bytes[start, end), which `stringEnd` has checked, in place; the text never grows. Gives its new end. */
export function unescape(bytes: Uint8Array, start: number, end: number): number {
  let to = start;
  for (let from = start; from < end; ) {
    const byte = bytes[from] as number;
    if (byte !== backslash) {
      bytes[to++] = byte;
      from++;
    } else if (bytes[from + 1] !== letterU) {
      bytes[to++] = simpleEscapes[bytes[from + 1] as number] as number;
      from += 2;
    } else {
      const unit = hexAt(bytes, from + 2);
      const low = isHigh(unit) && bytes[from + 6] === backslash && bytes[from + 7] === letterU ? hexAt(bytes, from + 8) : -1;
      const paired = isLow(low);
      to = writeUtf8(bytes, to, paired ? 0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00) : unit);
      from += paired ? 12 : 6;
    }
  }
  return to;
}

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00;
const isLow = (unit: number): boolean => unit >= 0xdc00 && unit < 0xe000;

/** A half of a surrogate pair that stands alone becomes U+FFFD. */
function writeUtf8(bytes: Uint8Array, at: number, codePoint: number): number {
  const code = codePoint >= 0xd800 && codePoint < 0xe000 ? 0xfffd : codePoint;
  let to = at;
  if (code < 0x80) bytes[to++] = code;
  else if (code < 0x800) bytes[to++] = 0xc0 | (code >> 6);
  else if (code < 0x1_0000) {
    bytes[to++] = 0xe0 | (code >> 12);
    bytes[to++] = 0x80 | ((code >> 6) & 63);
  } else {
    bytes[to++] = 0xf0 | (code >> 18);
    bytes[to++] = 0x80 | ((code >> 12) & 63);
    bytes[to++] = 0x80 | ((code >> 6) & 63);
  }
  if (code >= 0x80) bytes[to++] = 0x80 | (code & 63);
  return to;
}
