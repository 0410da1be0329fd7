import type { SetOperationNode } from "../logical/nodes.ts";
import type { StreamContext } from "./context.ts";
import { exchange } from "./exchange.ts";
import type { OperatorPlan, StreamPlan } from "./nodes.ts";
import { noteUnbounded, ttlOfKeys } from "./state-ttl.ts";

/** Both sides meet by whole rows. INTERSECT of inputs that only grow only grows; a row of EXCEPT may go when the other side gets it. */
export function setOperation(node: SetOperationNode, left: StreamPlan, right: StreamPlan, context: StreamContext): OperatorPlan {
  const { operation, all } = node;
  const columns = node.schema.columns.map((_, i) => i);
  const isChangelog = operation === "except" || left.traits.isChangelog || right.traits.isChangelog;
  const name = operation === "except" ? "Except" : "Intersect";
  const sql = `${operation.toUpperCase()}${all ? " ALL" : ""}`;
  const ttl = ttlOfKeys(context, columns.length);
  noteUnbounded(context, columns.length, `${sql} keeps every distinct row of both inputs`, null);
  return {
    kind: "operator",
    name: all ? `${name}All` : name,
    handle: operation,
    spec: { op: "setOperation", operation, all, changelog: isChangelog, ...ttl },
    inputs: [exchange(left, columns), exchange(right, columns)],
    schema: node.schema,
    traits: {
      isChangelog,
      uniqueKeys: all ? [] : [columns],
      times: [],
      windows: new Map(),
      distribution: { kind: "hash", keys: columns },
    },
    description: node.schema.columns.map((c) => c.name).join(", "),
    side: null,
    isShared: false,
  };
}
