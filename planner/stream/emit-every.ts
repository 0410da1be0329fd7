import { durationText } from "../logical/window-spec.ts";
import { exchange } from "./exchange.ts";
import type { OperatorPlan, StreamPlan } from "./nodes.ts";

/**
 * EMIT EVERY over a query whose operators hand each change on as it comes: changes wait, and go on together. Those of one row must meet:
 * by the input's distribution, else by a key, else by the whole row.
 */
export function emitEvery(input: StreamPlan, every_ms: number): OperatorPlan {
  const { distribution, uniqueKeys } = input.traits;
  const together = distribution.kind === "any" ? exchange(input, uniqueKeys[0] ?? input.schema.columns.map((_, i) => i)) : input;
  const keys = together.traits.distribution.kind === "hash" ? together.traits.distribution.keys : [];
  return {
    kind: "operator",
    name: "EmitEvery",
    handle: "emit",
    spec: { op: "emitEvery", every_ms, keys, changelog: input.traits.isChangelog },
    inputs: [together],
    schema: input.schema,
    traits: together.traits,
    description: durationText(BigInt(every_ms) * 1_000n),
    side: null,
    isShared: false,
  };
}
