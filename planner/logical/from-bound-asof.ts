import { assert, SqlError } from "../../runtime/contract/errors.ts";
import { columnsOf, type Expression, mapColumns } from "../../runtime/contract/expressions.ts";
import type { JoinKind } from "../../runtime/contract/job-graph.ts";
import type { AsofComparison } from "../../runtime/contract/time-joins.ts";
import type { BoundJoin, BoundPlan } from "../bound/nodes.ts";
import { keep } from "../bound/read.ts";
import { conjunction, type Conversion, exactly, namesOf } from "./conversion.ts";
import { asof, type AsofNode, type AsofPick, type JoinCondition, type LogicalPlan, project } from "./nodes.ts";
import { unsupported } from "./refuse.ts";
import { column, type Converted } from "./slots.ts";
import { isTable, versionsOf } from "./versions.ts";

/** A join's conditions as they were split; `residual` and `kept` (the columns it gives) count in left ++ right. */
export interface SaidJoin {
  readonly kind: JoinKind;
  readonly conditions: readonly JoinCondition[];
  readonly residual: Expression | null;
  readonly kept: readonly number[];
}

const isEquality = ({ operator }: JoinCondition): boolean => operator === "=" || operator === "isNotDistinct";

/** ASOF JOIN: equalities and one inequality. */
export function convertAsof(said: SaidJoin, plan: BoundJoin, conversion: Conversion): Converted {
  const type = outerTypeOf(said, conversion);
  const [inequality] = said.conditions.filter((c) => !isEquality(c));
  assert(inequality !== undefined, "an ASOF join has an inequality");
  const pick: AsofPick = {
    kind: "time",
    left: inequality.left,
    right: inequality.right,
    comparison: asofComparison(inequality.operator),
    isVersion: false,
  };
  const left = exactly(conversion.convert(plan.left, conversion), namesOf(plan.left.columns));
  const right = exactly(conversion.convert(plan.right, conversion), namesOf(plan.right.columns));
  const node = asof(type, left, right, said.conditions.filter(isEquality), pick, said.residual);
  return { plan: node, slots: said.kept.map((i): Expression => column(node, i)), attached: [] };
}

function asofComparison(operator: JoinCondition["operator"]): AsofComparison {
  assert(operator === ">=" || operator === ">" || operator === "<=" || operator === "<", "the inequality of an ASOF join has a direction");
  return operator;
}

/** The marker comparison that FOR SYSTEM_TIME AS OF becomes (front/rewrite/system-time.ts). */
const isMarker = ({ right }: JoinCondition): boolean => right.kind === "call" && right.name === "mr_version";

export const isVersionJoin = (conditions: readonly JoinCondition[]): boolean => conditions.some(isMarker);

/** FOR SYSTEM_TIME AS OF: each left row with the version of its key at its time, or with what the table holds now. */
export function convertVersionJoin(said: SaidJoin, plan: BoundJoin, conversion: Conversion): Converted {
  const type = outerTypeOf(said, conversion);
  const marker = said.conditions.find(isMarker)?.left;
  assert(marker?.kind === "call", "the left side of the comparison is a marker, too");
  const isNow = marker.name === "mr_lookup";
  const width = plan.left.columns.length;
  const base = belowConditions(plan.right);
  const left = exactly(conversion.convert(plan.left, conversion), namesOf(plan.left.columns));
  const read = exactly(conversion.convert(base.plan, conversion), namesOf(base.plan.columns));
  if (isNow) requireTable(read, conversion);
  const versions = isNow ? null : requireVersions(read, conversion);
  const all = versions?.plan ?? read;
  const shift = (e: Expression): Expression => mapColumns(e, (c) => ({ ...c, index: base.columns[c.index] ?? -1 }));
  const conditions = said.conditions.filter((c) => !isMarker(c)).map((c) => ({ ...c, right: shift(c.right) }));
  const isKey = (c: JoinCondition): boolean =>
    isEquality(c) && (versions === null || (c.right.kind === "column" && versions.key.includes(c.right.index)));
  const keys = conditions.filter(isKey);
  requireKeys(keys, versions, all, conversion);
  const toBase = (index: number): number => (index < width ? index : width + (base.columns[index - width] ?? -1));
  const residuals = [
    ...conditions.filter((c) => !isKey(c)).map((c) => comparison(c, width)),
    ...(said.residual === null ? [] : [mapColumns(said.residual, (c) => ({ ...c, index: toBase(c.index) }))]),
    ...base.predicates.map((p) => mapColumns(p, (c) => ({ ...c, index: c.index + width }))),
  ];
  const time = asOfTime(marker.arguments[0]);
  const pick: AsofPick =
    versions === null
      ? { kind: "now" }
      : { kind: "time", left: time, right: column(all, versions.time), comparison: ">=", isVersion: true };
  const node = narrowed({ type, left, right: all, keys, pick, residual: conjunction(residuals) }, said.kept.map(toBase));
  return node;
}

/** What stands below the conditions that DuckDB pushed down to the OFFSET, its columns as the join counts them, and those conditions. */
function belowConditions(right: BoundPlan): {
  readonly plan: BoundPlan;
  readonly columns: readonly number[];
  readonly predicates: readonly Expression[];
} {
  if (right.kind === "limit") return { plan: right.input, columns: right.columns.map((_, i) => i), predicates: [] };
  if (right.kind !== "filter" && right.kind !== "project") return { plan: right, columns: right.columns.map((_, i) => i), predicates: [] };
  const below = belowConditions(right.input);
  if (right.kind === "project") {
    const columns = right.expressions.flatMap((e) => (e.kind === "column" ? [below.columns[e.index] ?? -1] : []));
    if (columns.length === right.expressions.length && below.plan !== right.input) return { ...below, columns };
    return { plan: right, columns: right.columns.map((_, i) => i), predicates: [] };
  }
  const predicates = right.predicates.map((p) => mapColumns(p, (c) => ({ ...c, index: below.columns[c.index] ?? -1 })));
  return { plan: below.plan, columns: keep(below.columns, right.keep), predicates: [...below.predicates, ...predicates] };
}

function comparison({ operator, left, right }: JoinCondition, width: number): Expression {
  const moved = mapColumns(right, (c) => ({ ...c, index: c.index + width }));
  return { kind: "compare", operator, left, right: moved, type: { id: "boolean" } };
}

interface Parts {
  readonly type: AsofNode["join"];
  readonly left: LogicalPlan;
  readonly right: LogicalPlan;
  readonly keys: readonly JoinCondition[];
  readonly pick: AsofPick;
  readonly residual: Expression | null;
}

/** Only the columns that are needed stay. */
function narrowed({ type, left, right, keys, pick, residual }: Parts, kept: readonly number[]): Converted {
  const width = left.schema.columns.length;
  const needed = new Set(kept.flatMap((c) => (c >= width ? [c - width] : [])));
  for (const { right: key } of keys) columnsOf(key, needed);
  if (pick.kind === "time") columnsOf(pick.right, needed);
  for (const c of residual === null ? [] : columnsOf(residual)) if (c >= width) needed.add(c - width);
  const columns = [...needed].sort((a, b) => a - b);
  const place = (index: number): number => (index < width ? index : width + columns.indexOf(index - width));
  const inRight = (e: Expression): Expression => mapColumns(e, (c) => ({ ...c, index: columns.indexOf(c.index) }));
  const narrow = project(
    right,
    columns.map((c) => column(right, c)),
    columns.map((c) => right.schema.columns[c]?.name ?? "column"),
  );
  const node = asof(
    type,
    left,
    narrow,
    keys.map((key) => ({ ...key, right: inRight(key.right) })),
    pick.kind === "time" ? { ...pick, right: inRight(pick.right) } : pick,
    residual === null ? null : mapColumns(residual, (c) => ({ ...c, index: place(c.index) })),
  );
  return { plan: node, slots: kept.map((c): Expression => column(node, place(c))), attached: [] };
}

function outerTypeOf({ kind }: SaidJoin, { locate }: Conversion): AsofNode["join"] {
  if (kind === "inner" || kind === "left") return kind;
  throw unsupported(`a ${kind.toUpperCase()} JOIN with rows as of a time`, locate("asof", "system_time"), "Write JOIN or LEFT JOIN.");
}

function asOfTime(time: Expression | undefined): Expression {
  assert(time !== undefined, "a marker has an argument");
  return time;
}

function requireTable(right: LogicalPlan, { locate }: Conversion): void {
  if (isTable(right)) return;
  throw new SqlError({
    sqlState: "42809",
    message: "FOR SYSTEM_TIME AS OF PROCTIME() needs a table on the right",
    hint: "That is a table (CREATE TABLE), a materialized view whose rows change, or a view of one.",
    at: locate("system_time"),
  });
}

function requireVersions(right: LogicalPlan, { locate }: Conversion): NonNullable<ReturnType<typeof versionsOf>> {
  const versions = versionsOf(right);
  if (versions !== null) return versions;
  throw new SqlError({
    sqlState: "42809",
    message: "FOR SYSTEM_TIME AS OF an event time needs a versioned table on the right",
    hint: "That is a source with PRIMARY KEY (…) NOT ENFORCED and WATERMARK FOR …, or a view that passes those columns on.",
    at: locate("system_time"),
  });
}

function requireKeys(
  keys: readonly JoinCondition[],
  versions: ReturnType<typeof versionsOf>,
  right: LogicalPlan,
  { locate }: Conversion,
): void {
  const named = (columns: readonly number[]): string => columns.map((c) => right.schema.columns[c]?.name).join(", ");
  const found = new Set(keys.flatMap((c) => (c.right.kind === "column" ? [c.right.index] : [])));
  const missing = versions === null ? [] : versions.key.filter((k) => !found.has(k));
  if (keys.length > 0 && missing.length === 0) return;
  throw new SqlError({
    sqlState: "42809",
    message:
      versions === null
        ? "FOR SYSTEM_TIME AS OF PROCTIME() needs an equality in its condition"
        : `FOR SYSTEM_TIME AS OF needs an equality for each column of the primary key: ${named(missing)} has none`,
    at: locate("system_time"),
  });
}
