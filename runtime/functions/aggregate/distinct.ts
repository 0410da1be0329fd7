import type { Column } from "../../contract/batch.ts";
import type { AggregateCall } from "../../contract/job-graph.ts";
import { kernels, type Pointer } from "../../kernels/kernels.ts";
import type { Accumulator, AccumulatorPlace } from "./definition.ts";
import { StagedColumns } from "./input.ts";
import { aggregateOf } from "./registry.ts";
import { head_bytes, type ValueChanges, ValueChains } from "./value-chains.ts";

/**
 * Any aggregate over distinct values: a value goes to the inner aggregate when it comes first, and is taken back when its last
 * row is retracted.
 */
export class DistinctAccumulator extends ValueChains {
  readonly bytes: number;
  private readonly inner: Accumulator;
  /** Whether the inner aggregate takes values back; else it is rebuilt when a value goes. */
  private readonly retracts: boolean;

  constructor(call: AggregateCall, place: AccumulatorPlace) {
    super(call, place.offset);
    // The inner aggregate reads the arguments from 0 on: it is handed the argument columns alone.
    const inner = { ...call, distinct: false, filter: null, arguments: call.arguments.map((_, i) => i) };
    this.retracts = aggregateOf(call).retractable(inner);
    this.inner = aggregateOf(call).create(inner, { ...place, offset: place.offset + head_bytes });
    this.bytes = head_bytes + this.inner.bytes;
  }

  finish(rows: Pointer, count: number): Column {
    return this.inner.finish(rows, count);
  }

  override release(rows: Pointer, count: number): void {
    super.release(rows, count);
    this.inner.release?.(rows, count);
  }

  override free(): void {
    super.free();
    this.inner.free?.();
  }

  protected changed({ groups, count, columns, signs, weighted }: ValueChanges): void {
    const { run, staging } = kernels();
    const changed = staging.bytes(count);
    run.signMask(signs, count, this.retracts ? 0 : 1, changed);
    const staged = new StagedColumns(columns, count);
    this.inner.add(groups, count, { staged, mask: changed, weights: weighted && this.retracts ? signs : 0 });
    if (weighted && !this.retracts) this.rebuild(groups, count, signs);
  }

  /** The inner aggregate anew, from the values that are left, in groups that lost one: for inner aggregates that cannot take back. */
  private rebuild(groups: Pointer, count: number, signs: Pointer): void {
    const { run, staging, heap } = kernels();
    const { i32, u32 } = heap();
    const shrunk = new Set<Pointer>();
    for (let i = 0; i < count; i++) if ((i32[(signs >>> 2) + i] as number) < 0) shrunk.add(u32[(groups >>> 2) + i] as number);
    if (shrunk.size === 0) return;
    const rows = staging.bytes(shrunk.size * 4);
    heap().u32.set([...shrunk], rows >>> 2);
    this.inner.release?.(rows, shrunk.size);
    for (let at = 0; at < this.inner.bytes; at += 8) run.scatterConstant(rows, shrunk.size, this.head + head_bytes + at, 0n);
    const { columns, owners, total } = this.valuesOf(rows, shrunk.size);
    this.inner.add(owners, total, { staged: new StagedColumns(columns, total), mask: 0, weights: 0 });
  }
}
