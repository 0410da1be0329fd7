import { varchar } from "../../contract/types.ts";
import type { ByteHeap } from "./byte-heap.ts";
import { indexOfBytes } from "./bytes.ts";
import { strict } from "./code.ts";
import { type Call, compute, type Resolution, type ScalarFunction } from "./define.ts";
import type { Slot } from "./slot.ts";
import { allText, storedText } from "./text-code.ts";

const append = (s: Slot): string => `heap.append(${s.lanes.join(", ")});`;

export const concatOperator: ScalarFunction = {
  names: ["||"],
  doc: "Two texts, one behind the other; NULL when one is NULL.",
  examples: [["'mill' || 'race'", "millrace"]],
  resolve(call) {
    if (!allText(call, 2)) return null;
    return compute(call, (code, args) =>
      strict(code, varchar, args, () => {
        const start = code.local("heap.at");
        for (const arg of args) code.line(append(arg));
        return ["", start, "heap.at"];
      }),
    );
  },
};

/** NULLs count as empty. */
function resolveConcat(call: Call): Resolution | null {
  if (!allText(call, call.arguments.length) || call.arguments.length === 0) return null;
  return compute(call, (code, args) => {
    const start = code.local("heap.at");
    for (const arg of args) code.line(`${arg.isNull === null ? "" : `if (!${arg.isNull}) `}${append(arg)}`);
    const end = code.local("heap.at");
    return { type: varchar, lanes: ["heap.bytes", start, end], isNull: null };
  });
}

export const concat: ScalarFunction = {
  names: ["concat"],
  doc: "All texts, one behind the other; NULLs are left out.",
  examples: [["concat('a', NULL, 'b')", "ab"]],
  resolve: resolveConcat,
};

function replaceBytes(
  heap: ByteHeap,
  bytes: Uint8Array,
  start: number,
  end: number,
  from: Uint8Array,
  fromStart: number,
  fromEnd: number,
  to: Uint8Array,
  toStart: number,
  toEnd: number,
): number {
  const result = heap.at;
  let at = start;
  if (fromEnd > fromStart) {
    for (;;) {
      const found = indexOfBytes(bytes, at, end, from, fromStart, fromEnd);
      if (found < 0) break;
      heap.append(bytes, at, found);
      heap.append(to, toStart, toEnd);
      at = found + fromEnd - fromStart;
    }
  }
  heap.append(bytes, at, end);
  return result;
}

export const replace: ScalarFunction = {
  names: ["replace"],
  doc: "Every occurrence of the second text replaced by the third.",
  examples: [["replace('banana', 'an', 'AN')", "bANANa"]],
  resolve: (call) => storedText(call, 3, replaceBytes),
};
