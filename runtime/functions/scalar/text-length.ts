import { bigint } from "../../contract/types.ts";
import { countCharacters } from "./bytes.ts";
import { strict } from "./code.ts";
import { type Call, compute, literalText, type Resolution, type ScalarFunction } from "./define.ts";
import { bigOfNumber } from "./number-lanes.ts";
import { searchFor } from "./search.ts";
import type { Slot } from "./slot.ts";
import { allText } from "./text-code.ts";

/** A length as BIGINT, of the text's lanes. */
function resolveLength(call: Call, lengthOf: (lanes: string, constant: (f: unknown) => string) => string): Resolution | null {
  if (!allText(call, 1) || call.type.id !== "bigint") return null;
  return compute(call, (code, [arg]) => {
    const slot = arg as Slot;
    return strict(code, bigint, [slot], () => [bigOfNumber(code, code.local(lengthOf(slot.lanes.join(", "), (f) => code.constant(f))))]);
  });
}

/**
 * `length(replace(text, from, to))`, the usual way to count, without making the text: replacing a whole string changes the
 * length by the same number of characters each time.
 */
function resolveReplacedLength(call: Call): Resolution | null {
  const [replaced] = call.arguments;
  if (replaced?.kind !== "call" || replaced.name !== "replace" || !allText(replaced, 3) || call.type.id !== "bigint") return null;
  const [text, from, to] = replaced.arguments;
  const [needle, substitute] = [literalText(from), literalText(to)];
  if (text === undefined || needle === undefined || needle === "" || substitute === undefined) return null;
  const pattern = new TextEncoder().encode(needle);
  const search = searchFor(pattern);
  const difference = Array.from(substitute).length - Array.from(needle).length;
  const lengthOf = (bytes: Uint8Array, start: number, end: number): number => {
    let count = 0;
    for (let at = search(bytes, start, end); at >= 0; count++) at = search(bytes, at + pattern.length, end);
    return countCharacters(bytes, start, end) + count * difference;
  };
  return {
    arguments: [text],
    emit: (code, [arg]) =>
      strict(code, bigint, [arg as Slot], () => [
        bigOfNumber(code, code.local(`${code.constant(lengthOf)}(${(arg as Slot).lanes.join(", ")})`)),
      ]),
  };
}

const bytesBetween = (_bytes: Uint8Array, start: number, end: number): number => end - start;

export const length: ScalarFunction = {
  names: ["length", "len", "char_length", "character_length"],
  doc: "The number of characters.",
  examples: [["length('héy')", "3"]],
  resolve: (call) => resolveReplacedLength(call) ?? resolveLength(call, (lanes, constant) => `${constant(countCharacters)}(${lanes})`),
};

export const strlen: ScalarFunction = {
  names: ["strlen"],
  doc: "The number of bytes.",
  examples: [["strlen('héy')", "4"]],
  resolve: (call) => resolveLength(call, (lanes, constant) => `${constant(bytesBetween)}(${lanes})`),
};
