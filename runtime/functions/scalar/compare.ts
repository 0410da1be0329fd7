import type { CompareOperator, Expression } from "../../contract/expressions.ts";
import { boolean, physicalOf, type SqlType } from "../../contract/types.ts";
import { compareBytes, equalBytes } from "./bytes.ts";
import { anyNull, type Code, strict } from "./code.ts";
import { compareIntervals } from "./interval.ts";
import { lane, type Slot, wide } from "./slot.ts";

/** Comparisons as DuckDB makes them: NaN is the greatest float and equals itself, strings by bytes, intervals by their length. */

type Order = "=" | "<>" | "<" | "<=" | ">" | ">=";

export const canCompare = (a: SqlType, b: SqlType): boolean =>
  physicalOf(a) === physicalOf(b) && a.id === b.id && physicalOf(a) !== "list" && physicalOf(a) !== "struct" && sameScale(a, b);

/** The binder compares intervals in their normal form; `compareIntervals` needs none, it compares lengths. */
export function comparedOperand(e: Expression): Expression {
  const [argument] = e.kind === "call" && e.name === "normalized_interval" ? e.arguments : [];
  return argument?.type.id === "interval" ? argument : e;
}

const sameScale = (a: SqlType, b: SqlType): boolean => a.id !== "decimal" || (b.id === "decimal" && a.scale === b.scale);

const js = { "=": "===", "<>": "!==", "<": "<", "<=": "<=", ">": ">", ">=": ">=" } as const;

/** The condition `a order b`, for two values that are not NULL (any lanes do, the answer is then meaningless). */
export function orderOf(code: Code, order: Order, a: Slot, b: Slot): string {
  switch (physicalOf(a.type)) {
    case "i32":
    case "i64":
      return `(${lane(a)} ${js[order]} ${lane(b)})`;
    case "u8":
      return `((${lane(a)} ? 1 : 0) ${js[order]} (${lane(b)} ? 1 : 0))`;
    case "i128":
      return wideOrder(order, a, b);
    case "f64":
      return floatOrder(order, lane(a), lane(b));
    case "bytes": {
      const args = `${a.lanes.join(", ")}, ${b.lanes.join(", ")}`;
      if (order === "=") return `${code.constant(equalBytes)}(${args})`;
      if (order === "<>") return `!${code.constant(equalBytes)}(${args})`;
      return `(${code.constant(compareBytes)}(${args}) ${order} 0)`;
    }
    case "interval":
      return `(${code.constant(compareIntervals)}(${a.lanes.join(", ")}, ${b.lanes.join(", ")}) ${js[order]} 0)`;
    default:
      throw new Error(`invariant: ${a.type.id} is not compared by a kernel`);
  }
}

const flipped = { "=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<=" } as const;
/** What an i128 beyond 64 bits answers, by its high lane, to a comparison with one of 64 bits. */
const beyond = {
  "=": () => "false",
  "<>": () => "true",
  "<": (high: string) => `${high} < 0n`,
  "<=": (high: string) => `${high} < 0n`,
  ">": (high: string) => `${high} >= 0n`,
  ">=": (high: string) => `${high} >= 0n`,
} as const;

/** Values within 64 bits, nearly all, are compared without BigInts of arbitrary size. */
function wideOrder(order: Order, a: Slot, b: Slot): string {
  const [low, high] = a.lanes as readonly [string, string];
  if (a.narrow === true && b.narrow === true) return `(${low} ${js[order]} ${lane(b)})`;
  if (a.narrow === true) return wideOrder(flipped[order], b, a);
  if (b.narrow !== true) return `(${wide(a)} ${js[order]} ${wide(b)})`;
  return `(${high} === (${low} < 0n ? -1n : 0n) ? ${low} ${js[order]} ${lane(b)} : ${beyond[order](high)})`;
}

function floatOrder(order: Order, a: string, b: string): string {
  switch (order) {
    case "=":
      return `(${a} === ${b} || (${a} !== ${a} && ${b} !== ${b}))`;
    case "<>":
      return `!(${a} === ${b} || (${a} !== ${a} && ${b} !== ${b}))`;
    case "<":
      return `(${a} < ${b} || (${b} !== ${b} && ${a} === ${a}))`;
    case ">":
      return `(${a} > ${b} || (${a} !== ${a} && ${b} === ${b}))`;
    case "<=":
      return `(${a} <= ${b} || ${b} !== ${b})`;
    case ">=":
      return `(${a} >= ${b} || ${a} !== ${a})`;
  }
}

export function emitCompare(code: Code, operator: CompareOperator, a: Slot, b: Slot): Slot {
  if (operator === "isDistinct" || operator === "isNotDistinct") return emitDistinct(code, operator === "isDistinct", a, b);
  // A comparison of strings costs a call: not for rows that are NULL anyway.
  if (physicalOf(a.type) === "bytes") return strict(code, boolean, [a, b], () => [orderOf(code, operator, a, b)]);
  return { type: boolean, lanes: [code.local(orderOf(code, operator, a, b))], isNull: anyNull(code, [a, b]) };
}

/** IS [NOT] DISTINCT FROM: two NULLs are alike, a NULL and a value are not. */
function emitDistinct(code: Code, distinct: boolean, a: Slot, b: Slot): Slot {
  const [x, y] = [a.isNull ?? "0", b.isNull ?? "0"];
  const result = code.declare(boolean, null);
  const target = lane(result);
  code.block(`if (${x} || ${y})`, () => code.line(`${target} = ${distinct ? `!(${x} && ${y})` : `${x} && ${y}`};`));
  code.block("else", () => code.line(`${target} = ${orderOf(code, distinct ? "<>" : "=", a, b)};`));
  return result;
}
