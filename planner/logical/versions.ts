import { isColumn } from "./conversion.ts";
import { type LogicalPlan, type ProjectNode, project, type RankNode, scan, type ScanNode } from "./nodes.ts";
import { column } from "./slots.ts";
import { tableConnector } from "./table-source.ts";

/** A plan whose rows are versions: which of its columns are their key and their event time. */
export interface Versions {
  readonly plan: LogicalPlan;
  readonly key: readonly number[];
  readonly time: number;
}

/**
 * A source with a primary key and a watermark gives versions, so does a view of the latest row per key, and a selection of their columns: those that it leaves out
 * but versions need come behind its own. null for anything else.
 */
export function versionsOf(plan: LogicalPlan): Versions | null {
  switch (plan.kind) {
    case "scan":
      return scanned(plan);
    case "project": {
      const below = versionsOf(plan.input);
      return below === null ? null : projected(plan, below);
    }
    case "rank":
      return latest(plan);
    default:
      return null;
  }
}

/** `row_number() OVER (PARTITION BY key ORDER BY time DESC) = 1`, the latest row of each key: each row below was that once. */
function latest({ input, function: ranking, partitions, orders, from, to, withRank }: RankNode): Versions | null {
  const [order, ...others] = orders;
  const key = partitions.flatMap((e) => (e.kind === "column" ? [e.index] : []));
  if (ranking !== "rowNumber" || from !== 1 || to !== 1 || withRank || key.length < partitions.length) return null;
  if (order === undefined || others.length > 0 || !order.descending || order.expression.kind !== "column") return null;
  return { plan: input, key, time: order.expression.index };
}

/** Whether the rows are those of a table or of a job's result, which change: what can be looked up at any moment. */
export function isTable(plan: LogicalPlan): boolean {
  if (plan.kind === "scan") return plan.source.connector === tableConnector && plan.source.isChangelog === true;
  return (plan.kind === "project" || plan.kind === "filter") && isTable(plan.input);
}

/** The scan with the key's columns; the watermark's is always there. */
function scanned({ source, columns }: ScanNode): Versions | null {
  if (source.watermark === null || source.primaryKey.length === 0) return null;
  const at = (name: string): number => source.columns.findIndex((c) => c.name === name);
  const key = source.primaryKey.map(at);
  // Columns of a scan ascend; those in front of others would move them.
  const all = [...columns, ...key.filter((c) => !columns.includes(c))];
  return { plan: scan(source, all), key: key.map((c) => all.indexOf(c)), time: all.indexOf(at(source.watermark.column)) };
}

function projected({ expressions, schema }: ProjectNode, below: Versions): Versions {
  const missing = [...new Set([...below.key, below.time])].filter((c) => !expressions.some((e) => isColumn(e, c)));
  const all = [...expressions, ...missing.map((c) => column(below.plan, c))];
  const names = [...schema.columns.map((c) => c.name), ...missing.map((c) => below.plan.schema.columns[c]?.name ?? "column")];
  const place = (index: number): number => all.findIndex((e) => isColumn(e, index));
  return { plan: project(below.plan, all, names), key: below.key.map(place), time: place(below.time) };
}
