import { anyNull } from "./code.ts";
import { compute, type ScalarFunction } from "./define.ts";
import type { Slot } from "./slot.ts";

export const constantOrNull: ScalarFunction = {
  names: ["constant_or_null"],
  doc: "The first argument, or NULL where any other one is: what DuckDB leaves of `x LIKE '%'`.",
  examples: [
    ["constant_or_null(true, 1)", "true"],
    ["constant_or_null(true, NULL)", null],
  ],
  resolve(call) {
    if (call.arguments[0]?.type.id !== call.type.id) return null;
    return compute(call, (code, args) => {
      const { type, lanes } = args[0] as Slot;
      return { type, lanes, isNull: anyNull(code, args) };
    });
  },
};
