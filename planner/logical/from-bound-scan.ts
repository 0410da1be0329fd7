import { assert, SqlError } from "../../runtime/contract/errors.ts";
import { columnsOf, type Expression, mapColumns } from "../../runtime/contract/expressions.ts";
import type { BoundScan } from "../bound/nodes.ts";
import { structExtract } from "../bound/expressions.ts";
import type { SourceObject } from "../catalog.ts";
import { sourceOf } from "./table-source.ts";
import { type Conversion, filterBy } from "./conversion.ts";
import { scan } from "./nodes.ts";
import { column, type Converted, plain, type Slot } from "./slots.ts";

/** A scan reads the columns asked for, those of its filters, and the watermark's: event time must be seen before any filter. */
export function convertScan(plan: BoundScan, conversion: Conversion): Converted {
  const source = readSource(plan, conversion);
  conversion.sources.add(source);
  const wanted = new Set(plan.sources.flatMap((s) => s?.column ?? []));
  for (const predicate of plan.filters) columnsOf(predicate, wanted);
  const watermark = source.columns.findIndex((c) => c.name === source.watermark?.column);
  if (watermark >= 0) wanted.add(watermark);
  if (wanted.size === 0) wanted.add(narrowest(source));
  const positions = [...wanted].sort((a, b) => a - b);
  const base = plain(scan(source, positions));
  const over = filterBy(
    base,
    plan.filters.map((p) => mapColumns(p, (c) => ({ ...c, index: positions.indexOf(c.index) }))),
  );
  return { ...over, slots: plan.sources.map((s) => (s === null ? null : slotOf(s, positions, base))) };
}

function slotOf(from: NonNullable<BoundScan["sources"][number]>, positions: readonly number[], base: Converted): Slot {
  const whole: Expression = column(base.plan, positions.indexOf(from.column));
  return from.path.reduce<Expression>((value, field) => structExtract(value, field), whole);
}

/** count(*) needs rows, not columns: one that is physical, to be read. */
function narrowest(source: SourceObject): number {
  const at = Math.max(
    0,
    source.columns.findIndex((c) => c.computed === null && c.metadata === null),
  );
  assert(at < source.columns.length, "a source has a column");
  return at;
}

function readSource(plan: BoundScan, conversion: Conversion): SourceObject {
  const { name } = plan.table;
  const object = conversion.catalog.get(name) ?? conversion.catalog.sideTables().find((table) => table.name === name) ?? null;
  assert(object !== null, `"${name}" is in the catalog that was mirrored`);
  const source = sourceOf(object);
  if (source !== null) return source;
  throw new SqlError({ sqlState: "42809", message: `"${name}" is a sink: it cannot be read`, at: conversion.locate(name) });
}
