import type { CompareOperator, Expression } from "../../runtime/contract/expressions.ts";
import { operandsOf } from "../../runtime/contract/expressions.ts";
import type { InstantStep, TemporalBound } from "../../runtime/contract/temporal.ts";
import { timestamp } from "../../runtime/contract/types.ts";
import { isInterval } from "../../runtime/contract/value.ts";
import { conjunction } from "../logical/conversion.ts";
import { printExpression } from "../logical/print-expression.ts";
import { unsupported } from "../logical/refuse.ts";
import { allColumns, filterBy, namesOf, pick } from "./calc.ts";
import { ColumnList } from "./columns.ts";
import type { StreamContext } from "./context.ts";
import { exchange } from "./exchange.ts";
import type { StreamPlan } from "./nodes.ts";

export const readsNow = (e: Expression): boolean => e.kind === "now" || operandsOf(e).some(readsNow);

/** WHERE and HAVING. Conditions on now() become true and false as time goes on: those have an operator of their own. */
export function filter(input: StreamPlan, predicate: Expression, context: StreamContext): StreamPlan {
  const conjuncts = predicate.kind === "and" ? predicate.arguments : [predicate];
  const temporal = conjuncts.filter(readsNow);
  if (temporal.length === 0) return filterBy(input, predicate);
  const others = conjunction(conjuncts.filter((c) => !readsNow(c)));
  const rows = others === null ? input : filterBy(input, others);
  return temporalFilter(rows, temporal, context);
}

/** One side of a comparison is of the row, the other an instant that moves with now(). */
interface Comparison {
  readonly row: Expression;
  readonly operator: "=" | TemporalBound["operator"];
  readonly steps: readonly InstantStep[];
}

function temporalFilter(input: StreamPlan, conjuncts: readonly Expression[], context: StreamContext): StreamPlan {
  const comparisons = conjuncts.flatMap((conjunct) => comparisonsOf(conjunct) ?? refuse(context));
  const columns = new ColumnList(input);
  for (const [i, e] of allColumns(input.schema).entries()) columns.append(e, input.schema.columns[i]?.name ?? "column");
  const bounds = comparisons.flatMap(({ row, operator, steps }, i): readonly TemporalBound[] => {
    const column = columns.add(asTimestamp(row), `time${i + 1}`);
    return operator === "="
      ? [">=", "<="].map((o) => ({ column, operator: o as TemporalBound["operator"], steps }))
      : [{ column, operator, steps }];
  });
  const front = columns.calc(null);
  const { isChangelog } = input.traits;
  const all = front.schema.columns.map((_, i) => i);
  const keys = isChangelog ? ([...input.traits.uniqueKeys].sort((a, b) => a.length - b.length)[0] ?? all) : all;
  const ends = bounds.some((bound) => bound.operator.startsWith(">"));
  const plan: StreamPlan = {
    kind: "operator",
    name: "TemporalFilter",
    handle: "temporal",
    spec: { op: "temporalFilter", bounds, changelog: isChangelog, keys },
    inputs: [isChangelog ? exchange(front, keys) : front],
    schema: front.schema,
    traits: {
      ...front.traits,
      isChangelog: isChangelog || ends,
      uniqueKeys: input.traits.uniqueKeys,
      // Rows come and go by another time than that of the watermark.
      times: [],
      windows: new Map(),
      ...(isChangelog ? { distribution: keys.length === 0 ? { kind: "single" } : { kind: "hash", keys } } : {}),
    },
    description: conjuncts.map((c) => printExpression(c, input.schema)).join(" AND "),
    side: null,
    isShared: false,
  };
  return pick(
    plan,
    input.schema.columns.map((_, i) => i),
    namesOf(input.schema),
  );
}

function refuse(context: StreamContext): never {
  const hint = "Compare a column with now(): WHERE ts > now() - INTERVAL '1 hour'.";
  throw unsupported("this condition on now()", context.locate("now", "current_timestamp", "current_date", "proctime", "where"), hint);
}

const mirrored: Readonly<Partial<Record<CompareOperator, Comparison["operator"]>>> = {
  "<": ">",
  "<=": ">=",
  ">": "<",
  ">=": "<=",
  "=": "=",
};
const straight: Readonly<Partial<Record<CompareOperator, Comparison["operator"]>>> = {
  "<": "<",
  "<=": "<=",
  ">": ">",
  ">=": ">=",
  "=": "=",
};

function comparisonsOf(e: Expression): readonly Comparison[] | null {
  if (e.kind === "compare") {
    const one = comparison(e.left, e.operator, e.right);
    return one === null ? null : [one];
  }
  if (e.kind !== "between") return null;
  const lower = comparison(e.argument, e.lowerInclusive ? ">=" : ">", e.lower);
  const upper = comparison(e.argument, e.upperInclusive ? "<=" : "<", e.upper);
  return lower === null || upper === null ? null : [lower, upper];
}

function comparison(left: Expression, operator: CompareOperator, right: Expression): Comparison | null {
  const isRight = readsNow(right);
  if (isRight && readsNow(left)) return null;
  const steps = stepsOf(isRight ? right : left);
  const oriented = (isRight ? straight : mirrored)[operator];
  const row = isRight ? left : right;
  if (steps === null || oriented === undefined || !["timestamp", "timestamptz", "date"].includes(row.type.id)) return null;
  return { row, operator: oriented, steps };
}

/** now() and what grows with it; null for anything else. */
function stepsOf(e: Expression): readonly InstantStep[] | null {
  if (e.kind === "now") return [];
  if (e.kind === "cast") {
    const below = stepsOf(e.argument);
    if (below === null) return null;
    if (e.type.id === "date") return [...below, { kind: "startOfDay" }];
    return e.type.id === "timestamp" || e.type.id === "timestamptz" ? below : null;
  }
  if (e.kind !== "call" || (e.name !== "+" && e.name !== "-")) return null;
  const [instant, length] = e.arguments;
  const below = instant === undefined ? null : stepsOf(instant);
  const shift = length === undefined ? null : shiftOf(length, e.name === "-" ? -1 : 1);
  return below === null || shift === null ? null : [...below, shift];
}

function shiftOf(length: Expression, sign: 1 | -1): InstantStep | null {
  if (length.kind !== "literal" || length.value === null) return null;
  const { value } = length;
  // A DATE and a number of days.
  if (typeof value === "number" || typeof value === "bigint") return { kind: "shift", months: 0, days: sign * Number(value), micros: 0n };
  if (!isInterval(value)) return null;
  return { kind: "shift", months: sign * value.months, days: sign * value.days, micros: BigInt(sign) * value.micros };
}

const asTimestamp = (e: Expression): Expression =>
  e.type.id === "date" ? { kind: "cast", argument: e, type: timestamp, tryCast: false } : e;

/** Refuses what has another value when a row is taken back than it had when the row came. */
export function refuseUnrepeatable(plan: StreamPlan, isUnrepeatable: (e: Expression) => boolean, context: StreamContext): void {
  if (plan.kind !== "operator" || plan.spec.op !== "calc" || plan.inputs[0]?.traits.isChangelog !== true) return;
  const { filter: condition, projections } = plan.spec;
  const found = [...projections, ...(condition === null ? [] : [condition])].find(isUnrepeatable);
  if (found === undefined) return;
  const hint = "Its value for a row that is taken back would be another one: compute it before rows are grouped or joined.";
  throw unsupported(
    `${readsNow(found) ? "now()" : "a function with a new value at each call"} over a changelog`,
    context.locate("now", "random", "uuid", "current_timestamp"),
    hint,
  );
}
