import type { AggregateCall } from "../../contract/job-graph.ts";
import type { SqlType } from "../../contract/types.ts";
import type { CollectDefinition } from "./collect-definition.ts";
import { listCollectors } from "./collect-lists.ts";
import { quantileCollectors } from "./collect-quantiles.ts";
import { statisticCollectors } from "./collect-statistics.ts";

/** Every aggregate that is computed from all its rows. */
export const collectors: readonly CollectDefinition[] = [...listCollectors, ...quantileCollectors, ...statisticCollectors];

const byName: ReadonlyMap<string, CollectDefinition> = new Map(
  collectors.flatMap((definition) => [definition.name, ...(definition.aliases ?? [])].map((name) => [name, definition] as const)),
);

/** The definition of a name over these argument types (without constants and ORDER BY expressions); null where there is none. */
export function findCollector(name: string, argumentTypes: readonly SqlType[], hasParameter: boolean): CollectDefinition | null {
  const definition = byName.get(name);
  if (definition === undefined || !definition.accepts(argumentTypes)) return null;
  const fits = hasParameter ? definition.parameter !== undefined : definition.parameter !== "required";
  return fits ? definition : null;
}

/** Whether a literal behind the arguments of this name is a parameter. */
export const takesParameter = (name: string): boolean => byName.get(name)?.parameter !== undefined;

export function collectorOf(call: AggregateCall): CollectDefinition {
  const definition = byName.get(call.name);
  if (definition === undefined) throw new Error(`invariant: no collected aggregate ${call.name}`);
  return definition;
}
