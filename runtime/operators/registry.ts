import type { OperatorSpec } from "../contract/job-graph.ts";
import type { OperatorDefinition } from "../contract/operator.ts";
import { asofChangelogJoin } from "./asof-changelog-join.ts";
import { asofJoin } from "./asof-join.ts";
import { calc } from "./calc.ts";
import { changeEnvelope } from "./change-envelope.ts";
import { duckdbCalc } from "./duckdb-calc.ts";
import { eventTimeOver } from "./event-time-over.ts";
import { groupAggregate } from "./group-aggregate.ts";
import { intervalJoin } from "./interval-join.ts";
import { join } from "./join.ts";
import { over } from "./over.ts";
import { rank } from "./rank.ts";
import { processingTime } from "./processing-time.ts";
import { lookupJoin } from "./lookup-join.ts";
import { sessionAggregate } from "./session-aggregate.ts";
import { sessionAssign } from "./session-assign.ts";
import { emitEvery } from "./emit-every.ts";
import { setOperation } from "./set-operation.ts";
import { sink } from "./sink.ts";
import { javascriptCalc } from "./javascript-calc.ts";
import { source } from "./source.ts";
import { unnest } from "./unnest.ts";
import { values } from "./values.ts";
import { temporalFilter } from "./temporal-filter.ts";
import { watermark } from "./watermark.ts";
import { windowAggregate } from "./window-aggregate.ts";
import { windowAssign } from "./window-assign.ts";
import { windowGroupAggregate } from "./window-group-aggregate.ts";
import { windowJoin } from "./window-join.ts";
import { windowOver } from "./window-over.ts";
import { windowRank } from "./window-rank.ts";

type Definitions = { readonly [O in OperatorSpec["op"]]: OperatorDefinition<Extract<OperatorSpec, { readonly op: O }>> };

/** Every operator that a job graph can name: one line each. */
export const operators: Definitions = {
  asofChangelogJoin,
  asofJoin,
  calc,
  changeEnvelope,
  duckdbCalc,
  eventTimeOver,
  javascriptCalc,
  groupAggregate,
  join,
  intervalJoin,
  lookupJoin,
  over,
  rank,
  processingTime,
  sessionAggregate,
  sessionAssign,
  setOperation,
  emitEvery,
  sink,
  source,
  unnest,
  values,
  temporalFilter,
  watermark,
  windowAggregate,
  windowAssign,
  windowGroupAggregate,
  windowJoin,
  windowOver,
  windowRank,
};

/** The definition behind a spec. */
export function definitionOf<S extends OperatorSpec>(spec: S): OperatorDefinition<S> {
  return operators[spec.op] as unknown as OperatorDefinition<S>;
}
