import type { WindowGroupAggregateSpec } from "../../contract/job-graph.ts";
import type { StateTableSpec } from "../../contract/operator.ts";
import { bigint, boolean, type Field, type Schema } from "../../contract/types.ts";
import { accumulatorSchema, callNames, emptyAccumulators } from "../../functions/aggregate/registry.ts";

export const keyFields = (spec: WindowGroupAggregateSpec, input: Schema): readonly Field[] =>
  spec.keys.map((key) => input.columns[key] as Field);

/** What tells the groups apart: the keys and the bounds of the window. */
export const groupFields = (spec: WindowGroupAggregateSpec, input: Schema): readonly Field[] => [
  ...keyFields(spec, input),
  { name: "window_start", type: spec.timeType },
  { name: "window_end", type: spec.timeType },
];

export function resultFields(spec: WindowGroupAggregateSpec): readonly Field[] {
  const names = callNames(spec.aggregates);
  return spec.aggregates.map((call, i) => ({ name: `${names[i]}_shown`, type: call.type }));
}

export function groupsTable(spec: WindowGroupAggregateSpec, input: Schema): StateTableSpec {
  const keys = groupFields(spec, input);
  return {
    name: "groups",
    version: 1,
    columns: [...keys, ...accumulatorSchema(spec.aggregates), { name: "rows", type: bigint }],
    keyColumns: keys.length,
    ...(spec.changelog === true ? {} : { defaults: [...keys.map(() => undefined), ...emptyAccumulators(spec.aggregates)] }),
    redistribution: { kind: "keyed", distribution: spec.keys.map((_, i) => i) },
  };
}

/** Groups that changed since results were last shown, with what was shown of them. */
export function pendingTable(spec: WindowGroupAggregateSpec, input: Schema): StateTableSpec {
  const keys = groupFields(spec, input);
  return {
    name: "pending",
    version: 1,
    columns: [...keys, { name: "shown", type: boolean }, ...resultFields(spec)],
    keyColumns: keys.length,
    redistribution: { kind: "keyed", distribution: spec.keys.map((_, i) => i) },
  };
}

export const hasPending = ({ emission }: WindowGroupAggregateSpec): boolean =>
  emission.earlyEvery_ms !== null && emission.earlyEvery_ms > 0;
