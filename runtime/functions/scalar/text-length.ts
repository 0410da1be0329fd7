import { bigint } from "../../contract/types.ts";
import { countCharacters } from "./bytes.ts";
import { strict } from "./code.ts";
import { type Call, compute, type Resolution, type ScalarFunction } from "./define.ts";
import { bigOfNumber } from "./number-lanes.ts";
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

const bytesBetween = (_bytes: Uint8Array, start: number, end: number): number => end - start;

export const length: ScalarFunction = {
  names: ["length", "len", "char_length", "character_length"],
  doc: "The number of characters.",
  examples: [["length('héy')", "3"]],
  resolve: (call) => resolveLength(call, (lanes, constant) => `${constant(countCharacters)}(${lanes})`),
};

export const strlen: ScalarFunction = {
  names: ["strlen"],
  doc: "The number of bytes.",
  examples: [["strlen('héy')", "4"]],
  resolve: (call) => resolveLength(call, (lanes, constant) => `${constant(bytesBetween)}(${lanes})`),
};
