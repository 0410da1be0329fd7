import type { Expression } from "../../runtime/contract/expressions.ts";
import type { SortKey } from "../../runtime/contract/ordering.ts";
import type { LogicalPlan, OverNode, RankNode } from "../logical/nodes.ts";
import { printExpression } from "../logical/print-expression.ts";
import { allColumns } from "./calc.ts";
import { ColumnList } from "./columns.ts";
import type { Distribution, StreamPlan, Traits, WindowColumn } from "./nodes.ts";
import { windowBound } from "./window-columns.ts";

/** The input's own columns, behind them what partitions and sorts them, if that is not one of them. */
export interface SortedInput {
  readonly columns: ColumnList;
  readonly partition: readonly number[];
  readonly order: readonly SortKey[];
}

export function sortedInput(node: RankNode | OverNode, input: StreamPlan): SortedInput {
  const columns = new ColumnList(input);
  for (const e of allColumns(input.schema)) columns.append(e, "column");
  const partition = node.partitions.map((p, i) => columns.add(p, `partition${i + 1}`));
  const order = node.orders.map((o, i) => ({
    column: columns.add(o.expression, `order${i + 1}`),
    descending: o.descending,
    nullsFirst: o.nullsFirst,
  }));
  return { columns, partition: [...new Set(partition)], order };
}

/** Rows of a partition are on one subtask; without keys there is one partition. */
export const distributionBy = (partition: readonly number[]): Distribution =>
  partition.length === 0 ? { kind: "single" } : { kind: "hash", keys: partition };

/** Whether the watermark speaks of the first sort key: then rows of an append-only input are final once it has passed them. */
export function timeOrder(input: StreamPlan, { order }: SortedInput): number | null {
  const [first] = order;
  if (first === undefined || first.descending || input.traits.isChangelog) return null;
  return input.traits.times.includes(first.column) ? first.column : null;
}

/** The partition, with the column of its window's end among its keys. */
export interface WindowPartition {
  readonly partition: readonly number[];
  readonly windowEnd: number;
}

/** Where each partition is of one window of append-only rows: it is complete once the watermark has passed the window. null elsewhere. */
export function windowPartition(input: StreamPlan, { columns, partition }: SortedInput): WindowPartition | null {
  const window = windowOf(input, partition);
  const end = window === null ? null : windowBound(input, window.window, "window_end");
  if (end === null) return null;
  const windowEnd = columns.add(end, "window_end");
  // The end is a function of the window column that the rows are partitioned by: one more key changes no partition.
  return { windowEnd, partition: partition.includes(windowEnd) ? partition : [...partition, windowEnd] };
}

/** Windows of CUMULATE share their start, and sessions of two keys may: there only the end tells them apart. */
function windowOf(input: StreamPlan, partition: readonly number[]): WindowColumn | null {
  if (input.traits.isChangelog) return null;
  for (const key of partition) {
    const column = input.traits.windows.get(key);
    if (column === undefined) continue;
    const { kind } = column.window.spec;
    if (column.role !== "window_start" || kind === "tumble" || kind === "hop") return column;
  }
  return null;
}

/** Traits of what comes out when windows close: their columns still say when. */
export const closedWindows = ({ traits: { windows } }: StreamPlan): Pick<Traits, "isChangelog" | "times" | "windows"> => ({
  isChangelog: false,
  times: [...windows].flatMap(([column, w]) => (w.role === "window_time" ? [column] : [])),
  windows,
});

/** For notices: what the state is kept per. */
export const partitionText = (partitions: readonly Expression[], input: LogicalPlan): string =>
  partitions.length === 0 ? "" : ` by ${partitions.map((p) => printExpression(p, input.schema)).join(", ")}`;
