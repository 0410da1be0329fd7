import { SqlError } from "../../runtime/contract/errors.ts";
import { type Expression, mapColumns } from "../../runtime/contract/expressions.ts";
import type { AsofNode } from "../logical/nodes.ts";
import { printExpression } from "../logical/print-expression.ts";
import { unsupported } from "../logical/refuse.ts";
import { pick } from "./calc.ts";
import type { StreamContext } from "./context.ts";
import { exchange } from "./exchange.ts";
import { joinSide, keyNames } from "./interval-join.ts";
import type { OperatorPlan, StreamPlan } from "./nodes.ts";

/** A join with one right row at most: the one of the left row's time, or of now. */
export function asofJoin(node: AsofNode, left: StreamPlan, right: StreamPlan, context: StreamContext): StreamPlan {
  const sides = [joinSide(left, node.equalities, "left"), joinSide(right, node.equalities, "right")] as const;
  const width = sides[0].plan.schema.columns.length;
  const times = timesOf(node, left, right, context);
  const own = node.left.schema.columns.length;
  const shift = (e: Expression): Expression => mapColumns(e, (c) => ({ ...c, index: c.index < own ? c.index : c.index - own + width }));
  const residual = node.residual === null ? null : shift(node.residual);
  const schema = { columns: [...sides[0].plan.schema.columns, ...sides[1].plan.schema.columns] };
  const keys = sides[0].keys;
  const joined: OperatorPlan = {
    kind: "operator",
    name: "AsofJoin",
    handle: "join",
    spec: {
      op: "asofJoin",
      join: node.join,
      leftKeys: keys,
      rightKeys: sides[1].keys,
      nullSafe: node.equalities.map((c) => c.operator === "isNotDistinct"),
      leftTime: times.left,
      rightTime: times.right,
      strict: times.strict,
      residual,
    },
    inputs: [exchange(sides[0].plan, keys), exchange(sides[1].plan, sides[1].keys)],
    schema,
    traits: {
      isChangelog: false,
      uniqueKeys: left.traits.uniqueKeys,
      times: [times.left],
      windows: new Map(),
      distribution: keys.length === 0 ? { kind: "single" } : { kind: "hash", keys },
    },
    description: [
      `${node.join}  left=[${keyNames(sides[0])}]  right=[${keyNames(sides[1])}]`,
      `latest right.${right.schema.columns[times.right]?.name} ${times.strict ? "<" : "<="} left.${left.schema.columns[times.left]?.name}`,
      ...(residual === null ? [] : [`and ${printExpression(residual, schema)}`]),
    ].join("  "),
    side: null,
    isShared: false,
  };
  const kept = [...left.schema.columns.map((_, i) => i), ...right.schema.columns.map((_, i) => width + i)];
  return pick(
    joined,
    kept,
    node.schema.columns.map((c) => c.name),
  );
}

interface AsofTimes {
  readonly left: number;
  readonly right: number;
  readonly strict: boolean;
}

/** Both sides in event time, so that the watermark says when the answer is certain. */
function timesOf(node: AsofNode, left: StreamPlan, right: StreamPlan, { locate }: StreamContext): AsofTimes {
  const at = locate("system_time", "asof");
  if (node.pick.kind === "now") throw unsupported("FOR SYSTEM_TIME AS OF PROCTIME()", at);
  if (left.traits.isChangelog || right.traits.isChangelog) throw unsupported("ASOF JOIN of changelogs", at);
  const { left: l, right: r, strict } = node.pick;
  const isTime = (e: Expression, side: StreamPlan): boolean => e.kind === "column" && side.traits.times.includes(e.index);
  if (l.kind === "column" && r.kind === "column" && isTime(l, left) && isTime(r, right)) return { left: l.index, right: r.index, strict };
  const wrong = isTime(l, left) ? { e: r, side: node.right } : { e: l, side: node.left };
  throw new SqlError({
    sqlState: "0A000",
    message: `"${printExpression(wrong.e, wrong.side.schema)}" is not an event time column: an ASOF JOIN compares two of them`,
    hint: "Declare both in their sources: WATERMARK FOR ts AS ts - INTERVAL '5' SECOND.",
    at,
  });
}
