import type { AggregateCall } from "../../contract/job-graph.ts";
import { bigint, type Field } from "../../contract/types.ts";

/** The accumulator of a call that keeps its rows (DISTINCT, collect): its distinct argument values, and how often each came. */
export const distinctFields = (call: AggregateCall): readonly Field[] => [
  ...call.argumentTypes.map((element, i): Field => ({ name: i === 0 ? "values" : `values_${i}`, type: { id: "list", element } })),
  { name: "times", type: { id: "list", element: bigint } },
];
