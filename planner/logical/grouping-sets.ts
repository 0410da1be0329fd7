import { SqlError } from "../../runtime/contract/errors.ts";
import type { Expression } from "../../runtime/contract/expressions.ts";
import { limits } from "../../runtime/contract/limits.ts";
import { bigint, type SqlType } from "../../runtime/contract/types.ts";
import type { BoundOf } from "./conversion.ts";
import { group } from "./group.ts";
import type { Locate } from "./locate.ts";
import { type LogicalCall, type LogicalPlan, project, union, windowColumnNames } from "./nodes.ts";
import { column, type Converted, type Slot } from "./slots.ts";

interface Parts {
  readonly input: Converted;
  readonly groups: readonly Slot[];
  readonly calls: readonly LogicalCall[];
}

/**
 * GROUPING SETS, ROLLUP and CUBE: one aggregate per set over one shared input, with NULLs for the groups that the set leaves out,
 * and the union of them all. So a set with a window's columns fires with the window, and the empty set has its row from the start.
 */
export function groupingSets(plan: BoundOf<"aggregate">, parts: Parts, locate: Locate): Converted {
  if (plan.groupingSets.length > limits.groupingSets_max) {
    throw new SqlError({
      sqlState: "54000",
      message: `a job has at most ${limits.groupingSets_max} grouping sets in one GROUP BY`,
      at: locate("cube", "rollup", "grouping"),
    });
  }
  const sets = plan.groupingSets.map((set) => oneSet(plan, parts, set));
  const [first] = sets as [LogicalPlan];
  const all = sets.length === 1 ? first : union(sets);
  let at = 0;
  const groups = parts.groups.map((slot): Slot => {
    if (slot.kind !== "window") return column(all, at++);
    const columns = slot.columns.map(() => at++);
    return { kind: "window", columns };
  });
  const others = Array.from({ length: plan.calls.length + plan.groupingFunctions.length }, (_, i) => column(all, at + i));
  return { plan: all, slots: [...groups, ...others], attached: [] };
}

/** Columns: all groups, the calls, the values of GROUPING(). */
function oneSet(plan: BoundOf<"aggregate">, { input, groups, calls }: Parts, set: readonly number[]): LogicalPlan {
  const own = [...set].sort((a, b) => a - b);
  const names = own.flatMap((g) => plan.columns[g] ?? []);
  const grouped = group(
    input,
    own.map((g) => groups[g] as Slot),
    names,
    calls,
  );
  const expressions: Expression[] = [];
  const columnNames: string[] = [];
  groups.forEach((slot, g) => {
    const place = own.indexOf(g);
    const found = place < 0 ? null : grouped.slots[place];
    if (slot.kind === "window") {
      expressions.push(
        ...slot.columns.map((c, i) =>
          found?.kind === "window"
            ? column(grouped.plan, found.columns[i] as number)
            : nullOf(input.plan.schema.columns[c]?.type ?? bigint),
        ),
      );
      columnNames.push(...windowColumnNames);
      return;
    }
    expressions.push(found == null || found.kind === "window" ? nullOf(slot.type) : found);
    columnNames.push(plan.columns[g]?.name ?? "group");
  });
  expressions.push(...calls.map((_, i) => grouped.slots[own.length + i] as Expression));
  expressions.push(...plan.groupingFunctions.map((positions) => groupingOf(positions, own)));
  columnNames.push(...plan.columns.slice(groups.length).map((c) => c.name));
  return project(grouped.plan, expressions, columnNames);
}

const nullOf = (type: SqlType): Expression => ({ kind: "literal", value: null, type });

/** A bit per argument, the first one highest; 1: the set leaves it out. */
const groupingOf = (positions: readonly number[], set: readonly number[]): Expression => ({
  kind: "literal",
  value: positions.reduce((bits, p) => 2n * bits + (set.includes(p) ? 0n : 1n), 0n),
  type: bigint,
});
