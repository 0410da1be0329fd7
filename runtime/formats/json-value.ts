import type { SqlType } from "../contract/types.ts";
import type { Value } from "../contract/value.ts";
import { json, skipColon, skipSpace, skipValue, stringEnd } from "./json-scan.ts";
import { parseScalar } from "./parse-scalar.ts";

/** Thrown inside this file for a text that is no value of the type. */
class NoValue extends Error {}

/** A value of a nested type from JSON text: numbers keep all their digits. null when the text is none, or is `null`. */
export function parseJsonText(type: SqlType, text: string): Value {
  const bytes = Buffer.from(text);
  const start = skipSpace(bytes, 0, bytes.length);
  const end = skipValue(bytes, start, bytes.length, 0);
  if (end < 0 || skipSpace(bytes, end, bytes.length) !== bytes.length) return null;
  try {
    return valueOf(type, bytes, start, end);
  } catch (error) {
    if (error instanceof NoValue) return null;
    throw error;
  }
}

/** bytes[start, end) is one well-formed value. */
function valueOf(type: SqlType, bytes: Buffer, start: number, end: number): Value {
  if (bytes.toString("latin1", start, end) === "null") return null;
  switch (type.id) {
    case "list":
      return itemsOf(bytes, start, json.openBracket).map(([from, to]) => valueOf(type.element, bytes, from, to));
    case "struct": {
      const members = membersOf(bytes, start);
      return type.fields.map((field) => {
        const found = members.get(field.name);
        return found === undefined ? null : valueOf(field.type, bytes, found[0], found[1]);
      });
    }
    case "map":
      return [...membersOf(bytes, start)].map(([key, [from, to]]) => [scalarOf(type.key, key), valueOf(type.value, bytes, from, to)]);
    case "json":
      return bytes.toString("utf8", start, end);
    default:
      return scalarOf(type, textOf(bytes, start, end));
  }
}

function scalarOf(type: SqlType, text: string): Value {
  const value = parseScalar(type, text);
  if (value === null) throw new NoValue();
  return value;
}

const textOf = (bytes: Buffer, start: number, end: number): string =>
  bytes[start] === json.quote ? (JSON.parse(bytes.toString("utf8", start, end)) as string) : bytes.toString("utf8", start, end);

type Range = readonly [start: number, end: number];

/** Where the items of an array lie. */
function itemsOf(bytes: Buffer, start: number, open: number): Range[] {
  if (bytes[start] !== open) throw new NoValue();
  const items: Range[] = [];
  let at = skipSpace(bytes, start + 1, bytes.length);
  while (bytes[at] !== json.closeBracket) {
    const end = skipValue(bytes, at, bytes.length, 0);
    items.push([at, end]);
    at = behindComma(bytes, end);
  }
  return items;
}

/** Where the values of an object lie; of equal keys the last counts. */
function membersOf(bytes: Buffer, start: number): Map<string, Range> {
  if (bytes[start] !== json.openBrace) throw new NoValue();
  const members = new Map<string, Range>();
  let at = skipSpace(bytes, start + 1, bytes.length);
  while (bytes[at] !== json.closeBrace) {
    const keyEnd = stringEnd(bytes, at + 1, bytes.length) + 1;
    const from = skipColon(bytes, keyEnd, bytes.length);
    const end = skipValue(bytes, from, bytes.length, 0);
    members.set(textOf(bytes, at, keyEnd), [from, end]);
    at = behindComma(bytes, end);
  }
  return members;
}

function behindComma(bytes: Buffer, at: number): number {
  const next = skipSpace(bytes, at, bytes.length);
  return bytes[next] === json.comma ? skipSpace(bytes, next + 1, bytes.length) : next;
}
