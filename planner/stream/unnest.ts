import type { UnnestNode } from "../logical/nodes.ts";
import { printExpression } from "../logical/print-expression.ts";
import { columnExpression, pick } from "./calc.ts";
import { ColumnList } from "./columns.ts";
import type { StreamPlan } from "./nodes.ts";

/** The lists as columns of a calc in front; their elements behind all others. */
export function unnest(node: UnnestNode, input: StreamPlan): StreamPlan {
  const columns = new ColumnList(input);
  const passed = input.schema.columns.map((_, i) => columns.append(columnExpression(input.schema, i), `column${i + 1}`));
  const lists = node.lists.map((list, i) => columns.add(list, `list${i + 1}`));
  const front = columns.calc(null);
  const own = node.schema.columns.slice(passed.length);
  const plan: StreamPlan = {
    kind: "operator",
    name: "Unnest",
    handle: "unnest",
    spec: { op: "unnest", lists, outer: node.outer, ordinality: node.ordinality },
    inputs: [front],
    schema: { columns: [...front.schema.columns, ...own] },
    traits: { ...front.traits, uniqueKeys: [] },
    description: `${node.lists.map((list) => printExpression(list, node.input.schema)).join(", ")}${node.outer ? "  outer" : ""}`,
    side: null,
    isShared: false,
  };
  const width = front.schema.columns.length;
  return pick(
    plan,
    [...passed, ...own.map((_, i) => width + i)],
    node.schema.columns.map((c) => c.name),
  );
}
