import type { PlacedOperator } from "./operators.ts";

/** The names of operators for option operator_parallelism: `source`, `agg`; numbered where there are several. */
export function handlesOf(operators: readonly Pick<PlacedOperator, "handle">[]): readonly string[] {
  const total = new Map<string, number>();
  for (const { handle } of operators) total.set(handle, (total.get(handle) ?? 0) + 1);
  const seen = new Map<string, number>();
  return operators.map(({ handle }) => {
    const number = (seen.get(handle) ?? 0) + 1;
    seen.set(handle, number);
    return total.get(handle) === 1 ? handle : `${handle}${number}`;
  });
}
