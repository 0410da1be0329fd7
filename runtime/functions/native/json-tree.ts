import { dataError } from "./define.ts";

/** A JSON value that keeps its numbers as they were written: a double would change those beyond 2^53. */
export type JsonTree = null | boolean | string | JsonNumber | readonly JsonTree[] | ReadonlyMap<string, JsonTree>;

export class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** Digits and exponent in one form, so that 1, 1.0 and 1e0 are equal. */
  get canonical(): string {
    const [, sign = "", whole = "", fraction = "", exponent = "0"] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(this.text) ?? [];
    const digits = `${whole}${fraction}`.replace(/^0+/, "");
    const kept = digits.replace(/0+$/, "");
    return kept === "" ? "0" : `${sign}${kept}e${Number(exponent) - fraction.length + digits.length - kept.length}`;
  }
}

const stringOrNumber = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
/** No string of JSON holds it unescaped, and Postgres refuses it escaped. */
const numberMark = "\\u0000";

/** Throws 22P02 for what is not JSON. */
export function parseJson(text: string): JsonTree {
  try {
    const marked = text.replaceAll(stringOrNumber, (found) => (found.startsWith('"') ? found : `"${numberMark}${found}"`));
    return fromParsed(JSON.parse(marked));
  } catch {
    throw dataError("22P02", `invalid input syntax for type json: "${text.length > 60 ? `${text.slice(0, 60)}…` : text}"`);
  }
}

function fromParsed(value: unknown): JsonTree {
  if (typeof value === "string") return value.startsWith("\0") ? new JsonNumber(value.slice(1)) : value;
  if (Array.isArray(value)) return value.map(fromParsed);
  if (typeof value === "object" && value !== null) return new Map(Object.entries(value).map(([key, item]) => [key, fromParsed(item)]));
  return typeof value === "boolean" ? value : null;
}

export function printJson(tree: JsonTree): string {
  if (tree instanceof JsonNumber) return tree.text;
  if (isObject(tree)) return `{${[...tree].map(([key, value]) => `${JSON.stringify(key)}:${printJson(value)}`).join(",")}}`;
  if (isArray(tree)) return `[${tree.map(printJson).join(",")}]`;
  return JSON.stringify(tree);
}

export const isObject = (tree: JsonTree | undefined): tree is ReadonlyMap<string, JsonTree> => tree instanceof Map;
export const isArray = (tree: JsonTree | undefined): tree is readonly JsonTree[] => Array.isArray(tree);

export function equalJson(a: JsonTree, b: JsonTree): boolean {
  if (a instanceof JsonNumber) return b instanceof JsonNumber && a.canonical === b.canonical;
  if (isArray(a)) return isArray(b) && a.length === b.length && a.every((item, i) => equalJson(item, b[i] as JsonTree));
  if (isObject(a))
    return isObject(b) && a.size === b.size && [...a].every(([key, value]) => b.has(key) && equalJson(value, b.get(key) as JsonTree));
  return a === b;
}

/** Postgres' containment: `b` is within `a`, an array whatever its order; an array also holds a value of its own. */
export const containsJson = (a: JsonTree, b: JsonTree): boolean =>
  isArray(a) && !isArray(b) && !isObject(b) ? a.some((item) => equalJson(item, b)) : holds(a, b);

function holds(a: JsonTree, b: JsonTree): boolean {
  if (isObject(b)) return isObject(a) && [...b].every(([key, value]) => a.has(key) && holds(a.get(key) as JsonTree, value));
  if (isArray(b)) return isArray(a) && b.every((value) => a.some((item) => holds(item, value)));
  return equalJson(a, b);
}

/** The member under a key, or the element at an index, which may count from the end. */
export function memberOf(tree: JsonTree | undefined, key: string): JsonTree | undefined {
  if (isObject(tree)) return tree.get(key);
  return isArray(tree) && /^-?\d+$/.test(key) ? tree.at(Number(key)) : undefined;
}
