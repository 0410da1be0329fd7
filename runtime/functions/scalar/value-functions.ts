import { createHash } from "node:crypto";
import { bigint, double, integer, varchar } from "../../contract/types.ts";
import { dataError, type NativeFunction } from "../native/define.ts";
import { scalarOf } from "./native.ts";

/** DuckDB's functions that are called on values from the row loop: slower than code of their own, faster than a way through DuckDB. */

/** DuckDB's. */
const length_max = 4_294_967_295n;

/** The first `count` characters, or all but the last ones when it is negative. */
function left(text: string, count: bigint): string {
  if (count > length_max) throw dataError("22003", "substring length outside of supported range");
  const characters = Array.from(text);
  return characters.slice(0, count < 0n ? Math.max(characters.length + Number(count), 0) : Number(count)).join("");
}

function right(text: string, count: bigint): string {
  const characters = Array.from(text);
  const from = count < 0n ? -Number(count) : Math.max(characters.length - Number(count), 0);
  return characters.slice(from).join("");
}

function padding(text: string, width: number, fill: string, name: string): readonly [kept: string, padding: string] {
  const characters = Array.from(text);
  const missing = width - characters.length;
  if (missing <= 0) return [characters.slice(0, Math.max(width, 0)).join(""), ""];
  const filling = Array.from(fill);
  if (filling.length === 0) throw dataError("22023", `insufficient padding in ${name}`);
  return [text, Array.from({ length: missing }, (_, i) => filling[i % filling.length]).join("")];
}

function squareRoot(value: number): number {
  if (value < 0) throw dataError("22003", "cannot take square root of a negative number");
  return Math.sqrt(value);
}

const functions: readonly NativeFunction[] = [
  {
    name: "left",
    doc: "The first characters; a negative count leaves out the last ones.",
    examples: [
      ["left('hello', 2)", "he"],
      ["left('hello', -2)", "hel"],
    ],
    parameters: [varchar, bigint],
    returns: varchar,
    evaluate: left,
  },
  {
    name: "right",
    doc: "The last characters; a negative count leaves out the first ones.",
    examples: [
      ["right('hello', 2)", "lo"],
      ["right('hello', -2)", "llo"],
    ],
    parameters: [varchar, bigint],
    returns: varchar,
    evaluate: right,
  },
  {
    name: "lpad",
    doc: "The text filled up from the left, or cut, to a number of characters.",
    examples: [["lpad('hi', 5, 'xy')", "xyxhi"]],
    parameters: [varchar, integer, varchar],
    returns: varchar,
    evaluate: (text: string, width: number, fill: string) => padding(text, width, fill, "LPAD").toReversed().join(""),
  },
  {
    name: "rpad",
    doc: "The text filled up at its end, or cut, to a number of characters.",
    examples: [["rpad('hi', 5, 'xy')", "hixyx"]],
    parameters: [varchar, integer, varchar],
    returns: varchar,
    evaluate: (text: string, width: number, fill: string) => padding(text, width, fill, "RPAD").join(""),
  },
  {
    name: "md5",
    doc: "The MD5 hash of a text, in hexadecimal digits.",
    examples: [["md5('abc')", "900150983cd24fb0d6963f7d28e17f72"]],
    parameters: [varchar],
    returns: varchar,
    evaluate: (text: string) => createHash("md5").update(text).digest("hex"),
  },
  {
    name: "concat_ws",
    doc: "The texts that are not NULL, with a separator between them.",
    examples: [["concat_ws(', ', 'a', NULL, 'b')", "a, b"]],
    parameters: [varchar],
    rest: varchar,
    returns: varchar,
    takesNull: true,
    evaluate: (separator: string | null, ...texts: readonly (string | null)[]) =>
      separator === null ? null : texts.filter((text) => text !== null).join(separator),
  },
  {
    name: "sqrt",
    doc: "The square root; of a negative number an error.",
    examples: [["sqrt(25::DOUBLE)", "5.0"]],
    parameters: [double],
    returns: double,
    evaluate: squareRoot,
  },
];

export const valueFunctions = functions.map(scalarOf);
