import { boolean, simple, varchar } from "../../contract/types.ts";
import { dataError, type NativeFunction, remembered } from "./define.ts";
import { containsJson, isArray, isObject, type JsonTree, memberOf, parseJson, printJson } from "./json-tree.ts";

const json = simple("json");

/** A list of keys as Postgres writes arrays: `{a,b,"c d"}`. */
const parsePath = remembered((path: string): readonly string[] => {
  const body = /^\s*[{[]([^]*)[\]}]\s*$/.exec(path)?.[1];
  if (body === undefined) throw dataError("22P02", `malformed array literal: "${path}"`, "A path is written like {a,b,0}.");
  const keys = [...body.matchAll(/\s*(?:"((?:[^"\\]|\\.)*)"|([^,]*))(?:,|$)/g)];
  const read = keys.map(([, quoted, plain = ""]) => quoted?.replaceAll(/\\(.)/g, "$1") ?? plain.trim());
  return body.trim() === "" ? [] : body.trim().endsWith(",") ? read : read.slice(0, countKeys(body));
});

/** Commas outside quotes, and one. */
const countKeys = (body: string): number => (body.replaceAll(/"(?:[^"\\]|\\.)*"/g, "").match(/,/g)?.length ?? 0) + 1;

const walk = (text: string, keys: readonly string[]): JsonTree | undefined => keys.reduce<JsonTree | undefined>(memberOf, parseJson(text));

const asJson = (tree: JsonTree | undefined): string | null => (tree === undefined ? null : printJson(tree));
const asText = (tree: JsonTree | undefined): string | null =>
  tree === undefined || tree === null ? null : typeof tree === "string" ? tree : printJson(tree);

function hasKey(text: string, key: string): boolean {
  const tree = parseJson(text);
  return isObject(tree) ? tree.has(key) : isArray(tree) ? tree.includes(key) : tree === key;
}

function stripNulls(tree: JsonTree): JsonTree {
  if (isObject(tree)) return new Map([...tree].flatMap(([key, value]) => (value === null ? [] : [[key, stripNulls(value)] as const])));
  return isArray(tree) ? tree.map(stripNulls) : tree;
}

/** The value at a path replaced, or added where only its last key is missing. */
function setAt(tree: JsonTree, keys: readonly string[], value: JsonTree): JsonTree {
  const [key, ...rest] = keys;
  if (key === undefined) return value;
  const member = memberOf(tree, key);
  if (member === undefined && rest.length > 0) return tree;
  if (isObject(tree)) return new Map([...tree, [key, rest.length === 0 ? value : setAt(member as JsonTree, rest, value)]]);
  if (!isArray(tree)) return tree;
  if (!/^-?\d+$/.test(key)) throw dataError("22P02", `path element is not an integer: "${key}"`);
  const index = Number(key) < 0 ? tree.length + Number(key) : Number(key);
  if (member === undefined) return index < 0 ? [value, ...tree] : [...tree, value];
  return tree.with(index, setAt(member, rest, value));
}

const keysOf = (path: string, keys: readonly string[]): readonly string[] => [path, ...keys];

export const jsonFunctions: readonly NativeFunction[] = [
  {
    name: "@>",
    doc: "Whether the first JSON holds the second: its members and elements, at any place of an array.",
    examples: [[`'{"a":1,"b":[1,2]}' @> '{"b":[2]}'`, "true"]],
    parameters: [varchar, varchar],
    returns: boolean,
    evaluate: (a: string, b: string) => containsJson(parseJson(a), parseJson(b)),
  },
  {
    name: "<@",
    doc: "Whether the second JSON holds the first.",
    examples: [[`'{"a":1}' <@ '{"a":1,"b":2}'`, "true"]],
    parameters: [varchar, varchar],
    returns: boolean,
    evaluate: (a: string, b: string) => containsJson(parseJson(b), parseJson(a)),
  },
  {
    name: "mr_json_has",
    doc: "Whether a JSON object has a key, or an array a string: the operator ?.",
    examples: [[`mr_json_has('{"a":1}', 'a')`, "true"]],
    parameters: [varchar, varchar],
    returns: boolean,
    evaluate: hasKey,
  },
  {
    name: "mr_json_path",
    doc: "The JSON at a path of keys and indexes: the operator #>.",
    examples: [[`mr_json_path('{"a":[1,{"b":2}]}', '{a,1,b}')`, "2"]],
    parameters: [varchar, varchar],
    returns: json,
    evaluate: (text: string, path: string) => asJson(walk(text, parsePath(path))),
  },
  {
    name: "mr_json_path_text",
    doc: "The text at a path of keys and indexes: the operator #>>.",
    examples: [[`mr_json_path_text('{"a":["x"]}', '{a,0}')`, "x"]],
    parameters: [varchar, varchar],
    returns: varchar,
    evaluate: (text: string, path: string) => asText(walk(text, parsePath(path))),
  },
  {
    name: "mr_json_extract_path",
    doc: "The JSON under keys and indexes: json_extract_path(json, …).",
    examples: [[`mr_json_extract_path('{"a":{"b":[5]}}', 'a', 'b', '0')`, "5"]],
    parameters: [varchar, varchar],
    rest: varchar,
    returns: json,
    evaluate: (text: string, key: string, ...keys: readonly string[]) => asJson(walk(text, keysOf(key, keys))),
  },
  {
    name: "mr_json_extract_path_text",
    doc: "The text under keys and indexes: json_extract_path_text(json, …).",
    examples: [[`mr_json_extract_path_text('{"a":{"b":"x"}}', 'a', 'b')`, "x"]],
    parameters: [varchar, varchar],
    rest: varchar,
    returns: varchar,
    evaluate: (text: string, key: string, ...keys: readonly string[]) => asText(walk(text, keysOf(key, keys))),
  },
  {
    name: "json_strip_nulls",
    doc: "The JSON without the members of objects that are null.",
    examples: [[`json_strip_nulls('{"a":1,"b":null}')`, '{"a":1}']],
    parameters: [varchar],
    returns: json,
    evaluate: (text: string) => printJson(stripNulls(parseJson(text))),
  },
  {
    name: "jsonb_set",
    doc: "The JSON with another value at a path, added where its last key is missing.",
    examples: [[`jsonb_set('{"a":1,"b":{"c":2}}', '{b,c}', '5')`, '{"a":1,"b":{"c":5}}']],
    parameters: [varchar, varchar, varchar],
    returns: json,
    evaluate: (text: string, path: string, value: string) => printJson(setAt(parseJson(text), parsePath(path), parseJson(value))),
  },
];
