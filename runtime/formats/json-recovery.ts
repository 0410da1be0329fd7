import { messageOf } from "../contract/errors.ts";
import { limits } from "../contract/limits.ts";
import { json } from "./json-scan.ts";
import { isTooLong } from "./row-decoder.ts";

/** What a decoder does where the fast scanner gave up: find the end of a malformed record, and say what is wrong with it. */

const backslash = 0x5c;

export const tooLong = `it is longer than ${limits.record_bytes_max} bytes`;

/** What stands between the elements of an array, beside white space. */
export const isBetween = (byte: number): boolean => byte === json.comma || byte === json.openBracket || byte === json.closeBracket;

/** Spaces, tabs and carriage returns: what may follow a record in its line. */
export function skipBlank(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end && (bytes[i] === 0x20 || bytes[i] === 0x09 || bytes[i] === 0x0d)) i++;
  return i;
}

/** Where an element of an array ends, whatever is inside: at the comma or bracket on its level. -1 when that is not in sight. */
export function elementEnd(bytes: Uint8Array, start: number, end: number): number {
  let depth = 0;
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number;
    if (byte === json.quote) {
      i = closingQuote(bytes, i + 1, end);
      if (i < 0) return -1;
    } else if (byte === json.openBrace || byte === json.openBracket) depth++;
    else if (depth === 0 && (byte === json.comma || byte === json.closeBracket)) return i;
    else if (byte === json.closeBrace || byte === json.closeBracket) depth--;
  }
  return -1;
}

function closingQuote(bytes: Uint8Array, at: number, end: number): number {
  for (let i = at; i < end; i++) {
    if (bytes[i] === backslash) i++;
    else if (bytes[i] === json.quote) return i;
  }
  return -1;
}

export function whyMalformed(bytes: Buffer, start: number, end: number): string {
  if (isTooLong(start, end)) return tooLong;
  try {
    JSON.parse(bytes.toString("utf8", start, end));
    return "it is not a JSON object";
  } catch (error) {
    return `malformed JSON: ${messageOf(error)}`;
  }
}
