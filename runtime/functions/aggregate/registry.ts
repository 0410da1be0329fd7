import type { AggregateCall } from "../../contract/job-graph.ts";
import type { Field, SqlType } from "../../contract/types.ts";
import type { Value } from "../../contract/value.ts";
import { argMax, argMaxNull, argMin, argMinNull } from "./arg-min-max.ts";
import { avg } from "./avg.ts";
import { bitAnd, bitOr, bitXor } from "./bits.ts";
import { boolAnd, boolOr, countIf } from "./bool.ts";
import { count, countStar } from "./count.ts";
import type { AggregateDefinition } from "./definition.ts";
import { findCollector } from "./collect-registry.ts";
import { distinctFields } from "./distinct-fields.ts";
import { emptyAccumulator } from "./empty-state.ts";
import { anyValue, first, last } from "./first-last.ts";
import { list } from "./list.ts";
import { max, min } from "./min-max.ts";
import { product } from "./product.ts";
import { exactForms, regressions } from "./regression.ts";
import { stringAgg } from "./string-agg.ts";
import { sum } from "./sum.ts";
import { stddevPop, stddevSamp, varPop, varSamp } from "./variance.ts";

export { findCollector, takesParameter } from "./collect-registry.ts";

/** Every aggregate with an incremental form: one line each. Those computed from all their rows are in collect-registry.ts. */
export const aggregates: readonly AggregateDefinition[] = [
  countStar,
  count,
  countIf,
  sum,
  avg,
  min,
  max,
  boolAnd,
  boolOr,
  stddevSamp,
  stddevPop,
  varSamp,
  varPop,
  first,
  last,
  anyValue,
  argMin,
  argMax,
  argMinNull,
  argMaxNull,
  stringAgg,
  list,
  bitAnd,
  bitOr,
  bitXor,
  product,
  ...regressions,
];

const byName: ReadonlyMap<string, AggregateDefinition> = new Map(
  [...aggregates, ...exactForms].flatMap((definition) =>
    [definition.name, ...(definition.aliases ?? [])].map((name) => [name, definition] as const),
  ),
);

/** The definition of a name over these argument types; null where there is none. */
export function findAggregate(name: string, argumentTypes: readonly SqlType[]): AggregateDefinition | null {
  const definition = byName.get(name);
  return definition?.accepts(argumentTypes) ? definition : null;
}

export function aggregateOf(call: AggregateCall): AggregateDefinition {
  const definition = findAggregate(call.name, call.argumentTypes);
  if (definition === null) throw new Error(`invariant: no aggregate ${call.name} over these arguments`);
  return definition;
}

/**
 * Whether rows can be taken back from the call. DISTINCT keeps its values with their multiplicities: what depends on
 * the set of values alone can be made anew when one goes.
 */
export function isRetractable(call: AggregateCall): boolean {
  const definition = aggregateOf(call);
  return definition.retractable(call) || (call.distinct && definition.ofSet === true);
}

/**
 * A call with the same result that can take rows back: exact sums instead of rounded ones, max(DISTINCT x) instead of max(x), or
 * one that keeps all rows. null where there is none.
 */
export function retractableForm(call: AggregateCall): AggregateCall | null {
  if (call.collect !== undefined || isRetractable(call)) return call;
  const exact = `exact_${aggregateOf(call).name}`;
  if (findAggregate(exact, call.argumentTypes) !== null) return { ...call, name: exact };
  if (aggregateOf(call).ofSet === true) return { ...call, distinct: true };
  return findCollector(call.name, call.argumentTypes, false) === null ? null : { ...call, collect: { orders: [] } };
}

/** The accumulator columns of one call, with the names that the definition gives. */
/** A call over the values of its rows, which it keeps. */
export const keepsValues = (call: AggregateCall): boolean => call.distinct || call.collect !== undefined;

export const accumulatorFields = (call: AggregateCall): readonly Field[] =>
  keepsValues(call) ? distinctFields(call) : aggregateOf(call).accumulators(call);

/** The accumulators of an operator's calls, by what each call computes, not where it stands: `sum_price`, `avg_price_count`, `count_star`. */
export function accumulatorSchema(calls: readonly AggregateCall[]): readonly Field[] {
  const names = callNames(calls);
  return calls.flatMap((call, i) =>
    accumulatorFields(call).map((field) => ({ name: columnName(names[i] as string, call, field.name), type: field.type })),
  );
}

/** What those accumulators hold before the first row: an aggregate that a query did not have begins with it, if rows only come. */
export const emptyAccumulators = (calls: readonly AggregateCall[]): readonly Value[] =>
  calls.flatMap(accumulatorFields).map(emptyAccumulator);

/** A name per call, the same in every query that has the call; calls that are equal are numbered. */
export function callNames(calls: readonly AggregateCall[]): readonly string[] {
  const seen = new Map<string, number>();
  return calls.map((call, i) => {
    const form = call.collect === undefined ? (call.distinct ? ["distinct"] : []) : ["all"];
    const name = [call.name, ...form, call.label ?? `${i}`].filter((part) => part !== "").join("_");
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name}_${count}`;
  });
}

/** An accumulator that is what the call is named for needs no more name. */
const columnName = (name: string, call: AggregateCall, accumulator: string): string =>
  accumulator === "value" || call.name.startsWith(accumulator) ? name : `${name}_${accumulator}`;
