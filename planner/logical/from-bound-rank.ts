import { type Expression, mapColumns } from "../../runtime/contract/expressions.ts";
import type { RankFunction } from "../../runtime/contract/ordering.ts";
import { bigint } from "../../runtime/contract/types.ts";
import type { BoundLimit, BoundOrder, BoundWindowCall } from "../bound/nodes.ts";
import { keep } from "../bound/read.ts";
import { type BoundOf, type Conversion, filterBy } from "./conversion.ts";
import { rank, type RankNode, type SortOrder } from "./nodes.ts";
import { rankRange, readsColumn } from "./rank-range.ts";
import { unsupported } from "./refuse.ts";
import { attachWindows, column, type Converted, type Slot, translate } from "./slots.ts";

const functions: Readonly<Record<string, { readonly function: RankFunction; readonly form: RankNode["form"] }>> = {
  row_number: { function: "rowNumber", form: "row_number" },
  rank: { function: "rank", form: "rank" },
  rank_dense: { function: "denseRank", form: "dense_rank" },
};

/**
 * `WHERE rn <= 3` over row_number(), rank() or dense_rank(): only rows of those ranks need be kept up to date. null when the
 * filter is of another kind. Conditions on other columns stay a filter above: the ranks are those of all rows.
 */
export function convertRankFilter(plan: BoundOf<"filter">, conversion: Conversion): Converted | null {
  const { input: window } = plan;
  const call = window.kind === "window" ? onlyCall(window.calls) : null;
  if (window.kind !== "window" || call === null) return null;
  const ranking = functions[call.name];
  const at = window.input.columns.length;
  const predicates = plan.predicates.map((p) => mapColumns(p, (c) => ({ ...c, index: Math.min(c.index, at) })));
  const range = rankRange(predicates, at);
  if (ranking === undefined || call.isAggregate || call.argumentOrders.length > 0 || range === null || range.to === null) return null;
  const isRead = plan.keep === null || plan.keep.some((c) => c >= at) || range.rest.some((e) => readsColumn(e, at));
  const ranked = rankedBy(conversion.convert(window.input, conversion), call.partitions, call.orders, {
    ...ranking,
    from: range.from,
    to: range.to,
    withRank: isRead && range.from !== range.to,
  });
  const filtered = filterBy(ranked, range.rest);
  const slots = window.columns.map((_, i) => filtered.slots[Math.min(i, at)] ?? null);
  return { ...filtered, slots: keep(slots, plan.keep) };
}

/** `SELECT row_number() OVER w AS n … QUALIFY n <= 3` arrives as the same call twice. */
function onlyCall(calls: readonly BoundWindowCall[]): BoundWindowCall | null {
  const [first, ...others] = calls.map((call) => JSON.stringify(call, (_, v: unknown) => (typeof v === "bigint" ? `${v}n` : v)));
  return others.every((other) => other === first) ? (calls[0] ?? null) : null;
}

/** ORDER BY with LIMIT. */
export function convertTopN(plan: BoundOf<"topN">, conversion: Conversion): Converted {
  return limited(conversion.convert(plan.input, conversion), plan.orders, plan.offset, plan.limit);
}

/** LIMIT; over ORDER BY the first rows, else any rows. A projection in between changes neither. */
export function convertLimit(plan: BoundOf<"limit">, conversion: Conversion): Converted {
  const { input } = plan;
  if (input.kind === "project") {
    return conversion.convert({ ...input, input: { ...plan, input: input.input, columns: input.input.columns } }, conversion);
  }
  const offset = rowsOf(plan.offset, conversion) ?? 0;
  const limit = rowsOf(plan.limit, conversion);
  if (input.kind !== "order") return limited(conversion.convert(input, conversion), [], offset, limit);
  const first = limited(conversion.convert(input.input, conversion), input.orders, offset, limit);
  return { ...first, slots: keep(first.slots, input.keep) };
}

/** The first row, in the query's order, of those that are equal in some columns. */
export function convertDistinctOn(plan: BoundOf<"distinct">, on: readonly Expression[], conversion: Conversion): Converted {
  const first = rankedBy(conversion.convert(plan.input, conversion), on, plan.orders, {
    function: "rowNumber",
    from: 1,
    to: 1,
    withRank: false,
    form: "distinct on",
  });
  return { ...first, slots: first.slots.slice(0, -1) };
}

function limited(input: Converted, orders: readonly BoundOrder[], offset: number, limit: number | null): Converted {
  const to = limit === null ? null : offset + limit;
  const first = rankedBy(input, [], orders, { function: "rowNumber", from: offset + 1, to, withRank: false, form: "limit" });
  return { ...first, slots: first.slots.slice(0, -1) };
}

function rowsOf(limit: BoundLimit, conversion: Conversion): number | null {
  if (limit.kind === "constant") return limit.rows;
  if (limit.kind === "none") return null;
  throw unsupported(
    "LIMIT or OFFSET with a percentage or a subquery",
    conversion.locate("limit", "offset"),
    "Write a constant number of rows.",
  );
}

/** The last slot is the rank: its column, its only value, or nothing if nobody reads it. */
function rankedBy(
  below: Converted,
  partitions: readonly Expression[],
  orders: readonly BoundOrder[],
  ranking: Omit<RankNode, "kind" | "input" | "schema" | "partitions" | "orders">,
): Converted {
  const input = attachWindows(below, [...partitions, ...orders.map((o) => o.expression)]);
  const plan = rank(input.plan, { ...ranking, partitions: partitionsOf(partitions, input), orders: ordersOf(orders, input) });
  return { plan, slots: [...input.slots, rankSlot(plan)], attached: input.attached };
}

function rankSlot({ withRank, from, to, ...plan }: RankNode): Slot | null {
  if (withRank) return column({ withRank, from, to, ...plan }, plan.schema.columns.length - 1);
  return from === to ? { kind: "literal", value: BigInt(from), type: bigint } : null;
}

/** Constants partition nothing. */
export const partitionsOf = (partitions: readonly Expression[], input: Converted): readonly Expression[] =>
  partitions.map((p) => translate(p, input)).filter((p) => p.kind !== "literal");

/** Constants order nothing. */
export const ordersOf = (orders: readonly BoundOrder[], input: Converted): readonly SortOrder[] =>
  orders.map((order) => ({ ...order, expression: translate(order.expression, input) })).filter((o) => o.expression.kind !== "literal");
