import type { SessionAggregateSpec } from "../../contract/job-graph.ts";
import type { StateTableSpec } from "../../contract/operator.ts";
import { bigint, type Field, type Schema } from "../../contract/types.ts";
import { accumulatorSchema, emptyAccumulators } from "../../functions/aggregate/registry.ts";

export const keyFields = (spec: SessionAggregateSpec, input: Schema): readonly Field[] =>
  spec.keys.map((key) => input.columns[key] as Field);

/** Sessions of one key never share a start, so (keys, start) tells them apart. */
export const sessionsTable = (spec: SessionAggregateSpec, input: Schema): StateTableSpec => ({
  name: "sessions",
  version: 1,
  columns: [
    ...keyFields(spec, input),
    { name: "session_start", type: spec.timeType },
    { name: "session_end", type: spec.timeType },
    ...accumulatorSchema(spec.aggregates),
    { name: "rows", type: bigint },
  ],
  keyColumns: spec.keys.length + 1,
  defaults: [...spec.keys.map(() => undefined), undefined, undefined, ...emptyAccumulators(spec.aggregates)],
  redistribution: { kind: "keyed", distribution: spec.keys.map((_, i) => i) },
});
