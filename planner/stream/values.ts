import type { ValuesNode } from "../logical/nodes.ts";
import { valuesText } from "../logical/print.ts";
import { appendOnly, type OperatorPlan } from "./nodes.ts";

/** Rows that the query brings: an input that ends. */
export function values(node: ValuesNode): OperatorPlan {
  return {
    kind: "operator",
    name: "Values",
    handle: "values",
    spec: { op: "values", content: node.content },
    inputs: [],
    schema: node.schema,
    traits: appendOnly,
    description: `${valuesText(node.content)} (${node.schema.columns.map((c) => c.name).join(", ")})`,
    side: null,
    isShared: false,
  };
}
