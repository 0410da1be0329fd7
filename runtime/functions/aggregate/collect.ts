import type { Column } from "../../contract/batch.ts";
import type { AggregateCall, SortOrder } from "../../contract/job-graph.ts";
import { columnOf, valueAt } from "../../contract/rows.ts";
import type { SqlType } from "../../contract/types.ts";
import type { Value } from "../../contract/value.ts";
import { kernels, type Pointer } from "../../kernels/kernels.ts";
import { Cells } from "./cells.ts";
import type { Finish, Item } from "./collect-definition.ts";
import { collectorOf } from "./collect-registry.ts";
import { compareValues } from "./compare-values.ts";
import type { AccumulatorPlace } from "./definition.ts";
import { head_bytes, type ValueChanges, ValueChains } from "./value-chains.ts";

const cached_bytes = 8;

/**
 * An aggregate that keeps the arguments of all its rows and is computed from them, in order: for what has no incremental form,
 * or none that takes rows back. A result is kept until its group changes, so that it is computed once.
 */
export class CollectAccumulator extends ValueChains {
  readonly bytes = head_bytes + cached_bytes;
  private readonly type: SqlType;
  private readonly argumentTypes: readonly SqlType[];
  private readonly distinct: boolean;
  private readonly compare: (a: Item, b: Item) => number;
  private readonly finishBag: Finish;
  private readonly cached: Cells<{ readonly value: Value }>;

  constructor(call: AggregateCall, place: AccumulatorPlace) {
    super(call, place.offset);
    this.type = call.type;
    this.argumentTypes = call.argumentTypes;
    this.distinct = call.distinct;
    this.compare = itemOrder(call.argumentTypes, call.collect?.orders ?? []);
    this.finishBag = collectorOf(call).finish(call);
    this.cached = new Cells(place.offset + head_bytes);
  }

  finish(rows: Pointer, count: number): Column {
    const missing = [...Array(count).keys()].filter((i) => this.cached.get(rows, i) === undefined);
    if (missing.length > 0) this.compute(rows, missing);
    return columnOf(
      this.type,
      Array.from({ length: count }, (_, i) => this.cached.get(rows, i)?.value ?? null),
    );
  }

  override release(rows: Pointer, count: number): void {
    super.release(rows, count);
    this.cached.release(rows, count);
  }

  /** Whatever came or went, the results of these groups are no more. */
  protected changed({ groups, count }: ValueChanges): void {
    this.cached.release(groups, count);
  }

  private compute(rows: Pointer, missing: readonly number[]): void {
    const { staging, heap } = kernels();
    const chosen = staging.bytes(missing.length * 4);
    const { u32 } = heap();
    missing.forEach((i, k) => {
      u32[(chosen >>> 2) + k] = u32[(rows >>> 2) + i] as number;
    });
    const { columns, times, start, end } = this.valuesOf(chosen, missing.length);
    const { i64 } = heap();
    missing.forEach((_, k) => {
      const bag: Item[] = [];
      for (let at = start[k] as number; at < (end[k] as number); at++) {
        const values = columns.map((column, c) => valueAt(this.argumentTypes[c] as SqlType, column, at));
        bag.push({ values, times: this.distinct ? 1 : Number(i64[(times >>> 3) + at]) });
      }
      this.cached.set(chosen, k, { value: this.finishBag(bag.sort(this.compare)) });
    });
  }
}

/** By ORDER BY, whose expressions are the last arguments; then by all arguments, so that equal bags have one order. */
function itemOrder(types: readonly SqlType[], orders: readonly SortOrder[]): (a: Item, b: Item) => number {
  const first = types.length - orders.length;
  return (a, b) => {
    for (const [i, order] of orders.entries()) {
      const compared = compareOrdered(types[first + i] as SqlType, a.values[first + i] ?? null, b.values[first + i] ?? null, order);
      if (compared !== 0) return compared;
    }
    for (const [i, type] of types.entries()) {
      const compared = compareValues(type, a.values[i] ?? null, b.values[i] ?? null);
      if (compared !== 0) return compared;
    }
    return 0;
  };
}

function compareOrdered(type: SqlType, a: Value, b: Value, { descending, nullsFirst }: SortOrder): number {
  if (a === null || b === null) return (Number(a === null) - Number(b === null)) * (nullsFirst ? -1 : 1);
  return compareValues(type, a, b) * (descending ? -1 : 1);
}
