import { bigint, boolean } from "../../runtime/contract/types.ts";
import type { Expression } from "../../runtime/contract/expressions.ts";
import { type AggregateNode, type WindowColumnName, windowColumnNames } from "../logical/nodes.ts";
import { calc, columnExpression } from "./calc.ts";
import type { StreamPlan, WindowIdentity } from "./nodes.ts";

/** The groups of an aggregate, told apart: the columns of one window, and the other keys. */
export interface Grouping {
  readonly window: WindowIdentity;
  /** The window columns asked for, in order, each once. */
  readonly roles: readonly WindowColumnName[];
  /** Positions in the node's groups. */
  readonly keys: readonly number[];
  /** Names of all groups. */
  readonly names: readonly string[];
  /** Per group: the window column that it is, or null for a key. */
  readonly roleOf: readonly (WindowColumnName | null)[];
}

/** null when no group is a window's column. A second window's columns are ordinary keys. */
export function groupingOf(node: AggregateNode, input: StreamPlan): Grouping | null {
  const found = node.groups.map((g) => (g.kind === "column" ? input.traits.windows.get(g.index) : undefined));
  const window = found.find((w) => w !== undefined)?.window;
  if (window === undefined) return null;
  const roleOf = found.map((w) => (w?.window === window ? w.role : null));
  return {
    window,
    roles: windowColumnNames.filter((role) => roleOf.includes(role)),
    keys: roleOf.flatMap((role, i) => (role === null ? [i] : [])),
    names: node.schema.columns.slice(0, node.groups.length).map((c) => c.name),
    roleOf,
  };
}

interface Layout {
  /** Where each key of the grouping stands among the operator's keys, if not in order. */
  readonly places: readonly number[];
  /** The last call counts the rows that count: sessions without one are no result. */
  readonly hiddenCount: boolean;
}

/** The operator's columns (keys, aggregates, window columns) in the node's order: groups, then calls. */
export function finishAggregate(node: AggregateNode, grouping: Grouping, plan: StreamPlan, layout?: Layout): StreamPlan {
  const keys = grouping.keys.length;
  const calls = node.calls.length + (layout?.hiddenCount === true ? 1 : 0);
  const groups = node.groups.map((_, i): number => {
    const role = grouping.roleOf[i] ?? null;
    if (role !== null) return keys + calls + grouping.roles.indexOf(role);
    const key = grouping.keys.indexOf(i);
    return layout?.places[key] ?? key;
  });
  const positions = [...groups, ...node.calls.map((_, i) => keys + i)];
  const hasRows: Expression | null =
    layout?.hiddenCount === true
      ? {
          kind: "compare",
          operator: ">",
          left: columnExpression(plan.schema, keys + calls - 1),
          right: { kind: "literal", value: 0n, type: bigint },
          type: boolean,
        }
      : null;
  return calc(
    plan,
    hasRows,
    positions.map((p) => columnExpression(plan.schema, p)),
    node.schema.columns.map((c) => c.name),
  );
}
