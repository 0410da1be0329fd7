import { assert, SqlError } from "../../runtime/contract/errors.ts";
import type { Expression } from "../../runtime/contract/expressions.ts";
import type { Frame, FrameBound, Offset } from "../../runtime/contract/ordering.ts";
import { bigint, sameType } from "../../runtime/contract/types.ts";
import { isInterval } from "../../runtime/contract/value.ts";
import type { LogicalOverCall } from "../logical/nodes.ts";
import { unsupported } from "../logical/refuse.ts";
import type { ColumnList } from "./columns.ts";
import type { StreamContext } from "./context.ts";

const excludes: Readonly<Record<string, Frame["exclude"]>> = {
  "": "nothing",
  NO_OTHER: "nothing",
  CURRENT_ROW: "currentRow",
  GROUP: "group",
  TIES: "ties",
};

/** DuckDB's frame with its offsets as constants or columns. */
export function frameOf(call: LogicalOverCall, columns: ColumnList, context: StreamContext): Frame {
  const exclude = excludes[call.exclude];
  assert(exclude !== undefined, `a frame excludes ${call.exclude}`);
  return {
    start: boundOf(call.start, call.startExpression, columns, context),
    end: boundOf(call.end, call.endExpression, columns, context),
    exclude,
  };
}

function boundOf(name: string, expression: Expression | null, columns: ColumnList, context: StreamContext): FrameBound {
  if (name === "UNBOUNDED_PRECEDING") return { kind: "unboundedPreceding" };
  if (name === "UNBOUNDED_FOLLOWING") return { kind: "unboundedFollowing" };
  const [, from, unit] = /^(CURRENT_ROW|EXPR_PRECEDING|EXPR_FOLLOWING)_(ROWS|RANGE|GROUPS)$/.exec(name) ?? [];
  if (from === undefined || unit === undefined) throw unsupported(`the frame ${name}`, context.locate("rows", "range", "groups", "over"));
  if (from === "CURRENT_ROW") return { kind: "currentRow", unit: unit.toLowerCase() as "rows" | "range" | "groups" };
  assert(expression !== null, "a frame with an offset has it");
  if (unit === "RANGE") {
    requireForward(expression, context);
    return { kind: "value", column: columns.add(expression, "frame"), span_us: spanOf(expression) };
  }
  const offset = offsetOf(expression, columns, "frame_offset");
  return { kind: from === "EXPR_PRECEDING" ? "preceding" : "following", unit: unit === "ROWS" ? "rows" : "groups", offset };
}

/** A count of rows: a constant where it is one. */
export function offsetOf(e: Expression, columns: ColumnList, name: string): Offset {
  if (e.kind === "literal" && (typeof e.value === "bigint" || typeof e.value === "number")) return { constant: Number(e.value) };
  const counted: Expression = sameType(e.type, bigint) ? e : { kind: "cast", argument: e, type: bigint, tryCast: false };
  return { column: columns.add(counted, name) };
}

/** The boundary is the sort key more or less an offset. */
function requireForward(boundary: Expression, context: StreamContext): void {
  const offset = boundary.kind === "call" ? boundary.arguments[1] : undefined;
  if (offset?.kind !== "literal" || offset.value === null) return;
  const { value } = offset;
  const isNegative = isInterval(value)
    ? BigInt(value.months) * 30n * day_us + BigInt(value.days) * day_us + value.micros < 0n
    : (typeof value === "number" || typeof value === "bigint") && value < 0;
  if (!isNegative) return;
  throw new SqlError({
    sqlState: "22023",
    message: "the offset of a RANGE frame must not be negative",
    at: context.locate("range", "over"),
  });
}

const day_us = 86_400_000_000n;

/** How far back `ts - INTERVAL '1' HOUR` is, if it is always as far. */
function spanOf(boundary: Expression): bigint | null {
  if (boundary.kind !== "call" || boundary.name !== "-") return null;
  const [, distance] = boundary.arguments;
  if (distance?.kind !== "literal" || distance.value === null || !isInterval(distance.value) || distance.value.months !== 0) return null;
  return BigInt(distance.value.days) * day_us + distance.value.micros;
}
