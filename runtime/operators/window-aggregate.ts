import type { WindowAggregateSpec } from "../contract/job-graph.ts";
import type { OperatorDefinition } from "../contract/operator.ts";
import { windowStateTables } from "./window/checkpoint.ts";
import { FiringWindowAggregate } from "./window/firing.ts";
import { LocalWindowAggregate } from "./window/local.ts";

export const windowAggregate: OperatorDefinition<WindowAggregateSpec> = {
  op: "windowAggregate",
  doc: "Aggregates per key and window (TUMBLE, HOP, CUMULATE, or windows that rows carry), fired by the watermark.",
  stateTables: (spec, inputs) => {
    const [input] = inputs;
    if (input === undefined) throw new Error("invariant: a window aggregate has an input");
    return windowStateTables(spec, input);
  },
  create: (spec, context, output) =>
    spec.phase === "local" ? new LocalWindowAggregate(spec, context, output) : new FiringWindowAggregate(spec, context, output),
};
