import type { JoinKind, ValuesContent } from "../../runtime/contract/job-graph.ts";
import type { Schema } from "../../runtime/contract/types.ts";
import { formatType } from "../../runtime/contract/types.ts";
import { inputsOf, type JoinCondition, type LogicalCall, type LogicalPlan } from "./nodes.ts";
import { printExpression } from "./print-expression.ts";
import { printOver, printRank } from "./print-over.ts";
import { tree } from "./tree.ts";
import { durationText, windowText } from "./window-spec.ts";

/** The logical plan as a tree, root first. What two nodes read is printed once and named. */
export function printLogical(plan: LogicalPlan): string {
  return tree(plan, { lines: (node) => [lineOf(node)], inputs: inputsOf });
}

const joinTitles: Readonly<Record<JoinKind, string>> = {
  inner: "Join",
  left: "Left join",
  right: "Right join",
  full: "Full join",
  semi: "Semi join",
  anti: "Anti join",
  mark: "Mark join",
  single: "Single join",
};

const names = (schema: Schema): string => schema.columns.map((c) => c.name).join(", ");

function lineOf(plan: LogicalPlan): string {
  switch (plan.kind) {
    case "scan":
      return `Scan ${plan.source.name} (${plan.schema.columns.map((c) => `${c.name} ${formatType(c.type)}`).join(", ")})`;
    case "filter":
      return `Filter ${printExpression(plan.predicate, plan.input.schema)}`;
    case "project":
      return `Project ${plan.expressions
        .map((e, i) => aliased(printExpression(e, plan.input.schema), plan.schema.columns[i]?.name ?? ""))
        .join(", ")}`;
    case "window":
      return `Window ${windowText(plan.window)} on ${plan.input.schema.columns[plan.timeColumn]?.name}`;
    case "session": {
      const keys = plan.partitionKeys.map((k) => plan.input.schema.columns[k]?.name).join(", ");
      return `Session gap ${durationText(plan.gap_us)} on ${plan.input.schema.columns[plan.timeColumn]?.name}${keys === "" ? "" : ` per ${keys}`}`;
    }
    case "aggregate": {
      const calls = plan.calls.map((call) => printCall(call, plan.input.schema)).join(", ");
      const groups = plan.groups.map((g) => printExpression(g, plan.input.schema)).join(", ");
      return `Aggregate by [${groups}]${calls === "" ? "" : `: ${calls}`}`;
    }
    case "join": {
      const conditions = plan.conditions.map((c) => conditionText(c, plan));
      const both = { columns: [...plan.left.schema.columns, ...plan.right.schema.columns] };
      const residual = plan.residual === null ? [] : [printExpression(plan.residual, both)];
      const on = [...conditions, ...residual].join(" and ");
      return on === "" ? `${joinTitles[plan.join]} of all rows` : `${joinTitles[plan.join]} on ${on}`;
    }
    case "setOperation":
      return `${plan.operation === "except" ? "Except" : "Intersect"}${plan.all ? " all" : ""} (${names(plan.schema)})`;
    case "unnest": {
      const lists = plan.lists.map((list) => printExpression(list, plan.input.schema)).join(", ");
      return `Unnest ${lists}${plan.outer ? " outer" : ""}${plan.ordinality ? " with ordinality" : ""}`;
    }
    case "values":
      return `Values ${valuesText(plan.content)} (${names(plan.schema)})`;
    case "rank":
      return `Rank ${printRank(plan)}`;
    case "over":
      return `Over ${printOver(plan)}`;
    case "asof": {
      const keys = plan.equalities.map((c) => conditionText(c, plan));
      const { pick } = plan;
      const time = pick.kind === "now" ? "now" : conditionText({ ...pick, operator: pick.comparison }, plan);
      const both = { columns: [...plan.left.schema.columns, ...plan.right.schema.columns] };
      const residual = plan.residual === null ? [] : [printExpression(plan.residual, both)];
      return `As-of ${plan.join} join at ${time} on ${[...keys, ...residual].join(" and ")}`;
    }
    case "union":
      return `Union all (${names(plan.schema)})`;
  }
}

export const valuesText = (content: ValuesContent): string =>
  content.kind === "rows" ? `${content.rows.length} row${content.rows.length === 1 ? "" : "s"}` : `series of ${content.count} rows`;

const conditionText = (
  { left, operator, right }: JoinCondition,
  plan: { readonly left: LogicalPlan; readonly right: LogicalPlan },
): string => `left.${printExpression(left, plan.left.schema)} ${operator} right.${printExpression(right, plan.right.schema)}`;

const aliased = (text: string, name: string): string => (text === name ? text : `${text} as ${name}`);

export function printCall(call: LogicalCall, over: Schema): string {
  const operands = [...call.arguments, ...call.constants].map((a) => printExpression(a, over)).join(", ");
  const name = call.name === "count_star" ? "count" : call.name;
  const orders = call.orders.map(
    (o) =>
      `${printExpression(o.expression, over)}${o.descending ? " desc" : ""}${o.nullsFirst === o.descending ? "" : o.nullsFirst ? " nulls first" : " nulls last"}`,
  );
  const order = orders.length === 0 ? "" : ` order by ${orders.join(", ")}`;
  const list = call.name === "count_star" ? "*" : `${call.distinct ? "distinct " : ""}${operands}${order}`;
  return `${name}(${list})${call.filter === null ? "" : ` filter (where ${printExpression(call.filter, over)})`}`;
}
