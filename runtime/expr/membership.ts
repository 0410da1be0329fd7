import type { Expression } from "../contract/expressions.ts";
import { boolean, physicalOf } from "../contract/types.ts";
import type { Value } from "../contract/value.ts";
import { textOf } from "../functions/scalar/bytes.ts";
import type { Code } from "../functions/scalar/code.ts";
import { orderOf } from "../functions/scalar/compare.ts";
import { lane, type Slot } from "../functions/scalar/slot.ts";
import type { Compile } from "./logic.ts";

type In = Extract<Expression, { readonly kind: "in" }>;

/** From this many literals on, one look into a set beats a comparison with each. */
const setSize_from = 9;

/** `x IN (…)`: true when found; else NULL when x or an item is NULL; else false. */
export function emitIn(code: Code, compile: Compile, e: In): Slot {
  const value = compile(e.argument);
  const found = code.name();
  const isNull = code.name();
  code.line(`let ${found} = 0, ${isNull} = ${value.isNull ?? "0"};`);
  code.block(`if (!${isNull})`, () => {
    const set = setOf(e);
    if (set === null) searchItems(code, compile, e, value, found, isNull);
    else code.line(`${found} = ${set.lookup(code, value)} ? 1 : 0;`);
    if (set?.hasNull === true) code.line(`${isNull} = 1;`);
    code.line(`if (${found}) ${isNull} = 0;`);
  });
  return { type: boolean, lanes: [e.negated ? code.local(`!${found}`) : found], isNull };
}

function searchItems(code: Code, compile: Compile, e: In, value: Slot, found: string, isNull: string): void {
  for (const item of e.list) {
    code.block(`if (!${found})`, () => {
      const candidate = compile(item);
      const test = `if (${orderOf(code, "=", value, candidate)}) ${found} = 1;`;
      code.line(candidate.isNull === null ? test : `if (${candidate.isNull}) ${isNull} = 1; else ${test}`);
    });
  }
}

interface LiteralSet {
  readonly hasNull: boolean;
  readonly lookup: (code: Code, value: Slot) => string;
}

/** A set of the list's literals, where a JavaScript Set finds what SQL calls equal. */
function setOf(e: In): LiteralSet | null {
  const values = e.list.map((item) => (item.kind === "literal" ? item.value : undefined));
  if (e.list.length < setSize_from || values.includes(undefined)) return null;
  const set = new Set<Value>(values.filter((v) => v !== null && v !== undefined));
  const hasNull = values.includes(null);
  switch (physicalOf(e.argument.type)) {
    case "i32":
    case "i64":
      return { hasNull, lookup: (code, value) => `${code.constant(set)}.has(${lane(value)})` };
    case "bytes":
      if (e.argument.type.id === "blob") return null;
      return { hasNull, lookup: (code, value) => `${code.constant(set)}.has(${code.constant(textOf)}(${value.lanes.join(", ")}))` };
    default:
      return null;
  }
}
