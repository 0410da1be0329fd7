import type { ExchangePlan, StreamPlan } from "./nodes.ts";

/** Brings rows with equal keys to one subtask, unless they are there already. No keys: all rows to one subtask. */
export function exchange(input: StreamPlan, keys: readonly number[]): StreamPlan {
  const { distribution } = input.traits;
  const isDone =
    keys.length === 0
      ? distribution.kind === "single"
      : distribution.kind === "hash" && distribution.keys.length === keys.length && distribution.keys.every((k, i) => k === keys[i]);
  return isDone ? input : exchangeOf(input, keys);
}

const exchangeOf = (input: StreamPlan, keys: readonly number[]): ExchangePlan => ({
  kind: "exchange",
  input,
  keys,
  schema: input.schema,
  traits: { ...input.traits, distribution: keys.length === 0 ? { kind: "single" } : { kind: "hash", keys } },
});
