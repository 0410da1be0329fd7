import { type CompareOperator, type Expression, mapColumns } from "../../runtime/contract/expressions.ts";
import { boolean, physicalOf, sameType } from "../../runtime/contract/types.ts";
import { type Interval, isInterval } from "../../runtime/contract/value.ts";
import { conjunctsOf, flipped } from "../logical/join-conjuncts.ts";
import type { JoinCondition, JoinNode } from "../logical/nodes.ts";
import type { StreamPlan } from "./nodes.ts";

/** lower_us <= right time - left time <= upper_us. */
export interface IntervalBounds {
  /** Column of the left input, of the right input. */
  readonly leftTime: number;
  readonly rightTime: number;
  readonly lower_us: bigint;
  readonly upper_us: bigint;
  /** What the bounds do not say, over left ++ right columns. */
  readonly rest: readonly Expression[];
}

/** right time - left time `operator` than_us. */
interface Difference {
  readonly left: number;
  readonly right: number;
  readonly operator: CompareOperator;
  readonly than_us: bigint;
}

const day_us = 86_400_000_000n;
/** A double holds the difference of two times up to here exactly. */
const bound_us_max = 2n ** 52n;

/** The bounds that the join's conditions put on two event times, from both sides; null when there are none. */
export function intervalBoundsOf(node: JoinNode, left: StreamPlan, right: StreamPlan): IntervalBounds | null {
  const width = left.schema.columns.length;
  const conjuncts = allConjuncts(node, width).map((c) => ({ ...c, differences: differencesOf(c.e, width) }));
  for (const leftTime of left.traits.times) {
    for (const rightTime of right.traits.times) {
      const isOfPair = (d: Difference): boolean => d.left === leftTime && d.right === rightTime;
      const used = conjuncts.filter(({ differences }) => differences.length > 0 && differences.every(isOfPair));
      const said = used.flatMap(({ differences }) => differences.map(limitOf));
      const lowers = said.flatMap(({ lower_us }) => lower_us ?? []);
      const uppers = said.flatMap(({ upper_us }) => upper_us ?? []);
      if (lowers.length === 0 || uppers.length === 0) continue;
      const lower_us = lowers.reduce((a, b) => (b > a ? b : a));
      const upper_us = uppers.reduce((a, b) => (b < a ? b : a));
      if (lower_us <= -bound_us_max || upper_us >= bound_us_max) continue;
      return { leftTime, rightTime, lower_us, upper_us, rest: conjuncts.flatMap((c) => (c.isKey || used.includes(c) ? [] : [c.e])) };
    }
  }
  return null;
}

interface Conjunct {
  /** Over left ++ right columns. */
  readonly e: Expression;
  /** An equality: the join's keys say it, and of times it is a bound as well. */
  readonly isKey: boolean;
}

function allConjuncts(node: JoinNode, width: number): readonly Conjunct[] {
  const toRight = (e: Expression): Expression => mapColumns(e, (c) => ({ ...c, index: c.index + width }));
  const conditions = node.conditions.map(({ operator, left, right }): Conjunct => {
    return { e: { kind: "compare", operator, left, right: toRight(right), type: boolean }, isKey: isKey({ operator, left, right }) };
  });
  return [...conditions, ...(node.residual === null ? [] : conjunctsOf(node.residual).map((e) => ({ e, isKey: false })))];
}

/** An equality of values that are alike when their bytes are. */
export const isKey = ({ operator, left, right }: JoinCondition): boolean =>
  (operator === "=" || operator === "isNotDistinct") &&
  (sameType(left.type, right.type) || (physicalOf(left.type) === "bytes" && physicalOf(right.type) === "bytes"));

function differencesOf(e: Expression, width: number): readonly Difference[] {
  if (e.kind === "compare") return isLimit(e.operator) ? listed(differenceOf(e.operator, e.left, e.right, width)) : [];
  if (e.kind !== "between") return [];
  const lower = differenceOf(e.lowerInclusive ? ">=" : ">", e.argument, e.lower, width);
  const upper = differenceOf(e.upperInclusive ? "<=" : "<", e.argument, e.upper, width);
  return lower === null || upper === null ? [] : [lower, upper];
}

const isLimit = (operator: CompareOperator): boolean => operator !== "<>" && operator !== "isDistinct" && operator !== "isNotDistinct";

const listed = <T>(value: T | null): readonly T[] => (value === null ? [] : [value]);

/** `b.ts >= a.ts - INTERVAL …`, with the lengths on either side, and `b.ts - a.ts >= INTERVAL …`. */
function differenceOf(operator: CompareOperator, a: Expression, b: Expression, width: number): Difference | null {
  const elapsed = elapsedOf(a);
  const constant = elapsed === null ? null : lengthOf(b);
  if (elapsed !== null && constant !== null) return turned(operator, elapsed.minuend, elapsed.subtrahend, constant, width);
  const [x, y] = [shiftedTime(a), shiftedTime(b)];
  if (x === null || y === null) return elapsedOf(b) === null || lengthOf(a) === null ? null : differenceOf(flipped[operator], b, a, width);
  return turned(operator, x.column, y.column, y.by_us - x.by_us, width);
}

/** a - b `operator` than_us, as a statement on right - left. */
function turned(operator: CompareOperator, a: number, b: number, than_us: bigint, width: number): Difference | null {
  if (a >= width && b < width) return { left: b, right: a - width, operator, than_us };
  if (a < width && b >= width) return { left: a, right: b - width, operator: flipped[operator], than_us: -than_us };
  return null;
}

/** A column, moved by constant lengths. */
function shiftedTime(e: Expression): { readonly column: number; readonly by_us: bigint } | null {
  if (e.kind === "column") return { column: e.index, by_us: 0n };
  if (e.kind !== "call" || e.arguments.length !== 2 || (e.name !== "+" && e.name !== "-")) return null;
  const [a, b] = e.arguments as readonly [Expression, Expression];
  const [time, length] = a.kind === "literal" && e.name === "+" ? [b, a] : [a, b];
  const shifted = shiftedTime(time);
  const by_us = exactLength(length);
  if (shifted === null || by_us === null) return null;
  return { column: shifted.column, by_us: e.name === "+" ? shifted.by_us + by_us : shifted.by_us - by_us };
}

/** `b.ts - a.ts`, also in the form that DuckDB compares intervals in. */
function elapsedOf(e: Expression): { readonly minuend: number; readonly subtrahend: number } | null {
  if (e.kind !== "call") return null;
  const [a, b] = e.arguments;
  if (e.name === "normalized_interval" && a !== undefined) return elapsedOf(a);
  if (e.name !== "-" || a?.kind !== "column" || b?.kind !== "column" || e.type.id !== "interval") return null;
  return { minuend: a.index, subtrahend: b.index };
}

const intervalOf = (e: Expression): Interval | null => (e.kind === "literal" && e.value !== null && isInterval(e.value) ? e.value : null);

/** Months differ in length. */
function exactLength(e: Expression): bigint | null {
  const interval = intervalOf(e);
  return interval === null || interval.months !== 0 ? null : BigInt(interval.days) * day_us + interval.micros;
}

/** As intervals are compared: a month has 30 days. */
function lengthOf(e: Expression): bigint | null {
  const inner = e.kind === "call" && e.name === "normalized_interval" ? e.arguments[0] : e;
  const interval = inner === undefined ? null : intervalOf(inner);
  return interval === null ? null : BigInt(interval.months * 30 + interval.days) * day_us + interval.micros;
}

function limitOf({ operator, than_us }: Difference): { readonly lower_us?: bigint; readonly upper_us?: bigint } {
  switch (operator) {
    case "=":
      return { lower_us: than_us, upper_us: than_us };
    case ">=":
      return { lower_us: than_us };
    case ">":
      return { lower_us: than_us + 1n };
    case "<=":
      return { upper_us: than_us };
    case "<":
      return { upper_us: than_us - 1n };
    default:
      return {};
  }
}
