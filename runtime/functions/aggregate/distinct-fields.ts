import type { AggregateCall } from "../../contract/job-graph.ts";
import { bigint, type Field } from "../../contract/types.ts";

/** A distinct call's accumulator: its distinct argument values, and how often each came. */
export const distinctFields = (call: AggregateCall): readonly Field[] => [
  ...call.argumentTypes.map((element, i): Field => ({ name: i === 0 ? "values" : `values_${i}`, type: { id: "list", element } })),
  { name: "times", type: { id: "list", element: bigint } },
];
