import { bigint, boolean } from "../../contract/types.ts";
import { countCharacters, endsWithBytes, indexOfBytes, startsWithBytes } from "./bytes.ts";
import { strict } from "./code.ts";
import { type Call, compute, literalText, type Resolution, type ScalarFunction } from "./define.ts";
import { bigOfNumber } from "./number-lanes.ts";
import { searchFor } from "./search.ts";
import { allText, emitScalar, scalarOfText } from "./text-code.ts";

function containsBytes(a: Uint8Array, aStart: number, aEnd: number, b: Uint8Array, bStart: number, bEnd: number): boolean {
  return indexOfBytes(a, aStart, aEnd, b, bStart, bEnd) >= 0;
}

function containsConstant(call: Call): Resolution | null {
  const [text, constant] = call.arguments;
  const needle = literalText(constant);
  if (!allText(call, 2) || text === undefined || needle === undefined || needle === "") return null;
  const search = searchFor(new TextEncoder().encode(needle));
  const test = (bytes: Uint8Array, start: number, end: number): boolean => search(bytes, start, end) >= 0;
  return { arguments: [text], emit: (code, args) => emitScalar(code, boolean, args, test) };
}

/** Counted in characters, from 1; 0 when it is not there. */
function positionOf(a: Uint8Array, aStart: number, aEnd: number, b: Uint8Array, bStart: number, bEnd: number): number {
  const found = indexOfBytes(a, aStart, aEnd, b, bStart, bEnd);
  return found < 0 ? 0 : countCharacters(a, aStart, found) + 1;
}

export const contains: ScalarFunction = {
  names: ["contains"],
  doc: "Whether the first text holds the second.",
  examples: [
    ["contains('millrace', 'lra')", "true"],
    ["contains('millrace', '')", "true"],
  ],
  resolve: (call) => containsConstant(call) ?? scalarOfText(call, 2, containsBytes),
};

export const prefix: ScalarFunction = {
  names: ["prefix", "starts_with", "^@"],
  doc: "Whether the first text starts with the second.",
  examples: [["prefix('millrace', 'mill')", "true"]],
  resolve: (call) => scalarOfText(call, 2, startsWithBytes),
};

export const suffix: ScalarFunction = {
  names: ["suffix", "ends_with"],
  doc: "Whether the first text ends with the second.",
  examples: [["suffix('millrace', 'race')", "true"]],
  resolve: (call) => scalarOfText(call, 2, endsWithBytes),
};

export const position: ScalarFunction = {
  names: ["instr", "strpos", "position"],
  doc: "Where the first text holds the second, in characters from 1; 0 when it does not.",
  examples: [
    ["instr('héllo', 'l')", "3"],
    ["instr('hello', 'z')", "0"],
  ],
  resolve(call) {
    if (!allText(call, 2)) return null;
    return compute(call, (code, args) =>
      strict(code, bigint, args, () => [
        bigOfNumber(code, code.local(`${code.constant(positionOf)}(${args.flatMap((a) => a.lanes).join(", ")})`)),
      ]),
    );
  },
};
