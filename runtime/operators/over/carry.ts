import type { Batch, Column, I64Column } from "../../contract/batch.ts";
import type { AggregateCall } from "../../contract/job-graph.ts";
import type { StateDelta, StateTableSpec } from "../../contract/operator.ts";
import { bigint, type Field } from "../../contract/types.ts";
import { accumulatorSchema } from "../../functions/aggregate/registry.ts";
import { kernels, type Pointer } from "../../kernels/kernels.ts";
import { stageIntegers } from "../../kernels/stage-column.ts";
import { AggregateLayout, AggregateTable } from "../../state/aggregate-table.ts";
import { FrozenGroups } from "../../state/frozen-groups.ts";
import { GoneKeys } from "../../state/gone-keys.ts";
import { gathered, setStored, staged, stagedRows } from "../../state/group-table.ts";
import { GroupTtl } from "../../state/group-ttl.ts";
import { rowHeader_bytes } from "../../state/key-layout.ts";
import type { CarriedRows } from "./frame-tree.ts";

/** Behind the accumulators: how many rows, and how many groups of peers, were answered. */
const counters: readonly Field[] = [
  { name: "rows", type: bigint },
  { name: "peer_groups", type: bigint },
];
const counters_bytes = 16;

export function carrySpec(name: string, keys: readonly Field[], calls: readonly AggregateCall[]): StateTableSpec {
  return {
    name,
    version: 1,
    columns: [...keys, ...accumulatorSchema(calls), ...counters],
    keyColumns: keys.length,
    redistribution: { kind: "keyed", distribution: keys.map((_, i) => i) },
  };
}

/** What of each partition is carried on from the rows answered to the next ones: aggregates over all of them, and their number. */
export class Carry {
  readonly layout: AggregateLayout;
  readonly #name: string;
  readonly #table: AggregateTable;
  readonly #ttl: GroupTtl | null;
  readonly #gone: GoneKeys;

  /** `name`: of the state table; `ttl_ms`: partitions that were not asked for so long begin anew. */
  constructor(name: string, keys: readonly Field[], calls: readonly AggregateCall[], ttl_ms: number | undefined) {
    this.#name = name;
    this.layout = new AggregateLayout(
      keys.map(({ type }) => type),
      calls,
      counters_bytes + (ttl_ms === undefined ? 0 : GroupTtl.bytes),
    );
    this.#table = new AggregateTable(this.layout);
    this.#ttl = ttl_ms === undefined ? null : new GroupTtl(ttl_ms, this.#table, this.layout.extraOffset + counters_bytes);
    this.#gone = new GoneKeys(this.layout.keys.types);
  }

  /** The partitions of key columns, each once; new ones begin with nothing. Under a staging mark. */
  partitions(keys: readonly Column[], count: number, now_ms: number): CarriedRows {
    const rows = this.#table.group(keys, count);
    if (this.#ttl !== null) this.#reset(this.#ttl.touch(rows, count, now_ms));
    return { rows, clear: () => this.#clear(rows, count) };
  }

  /** Forgets partitions whose time is over. */
  expire(now_ms: number): void {
    const ttl = this.#ttl;
    if (ttl === null) return;
    staged(() => {
      const over = ttl.expired(now_ms);
      if (over.length === 0) return;
      const rows = stagedRows(over);
      this.#table.meet(rows, over.length);
      this.#reset(over);
      const stored = kernels().staging.bytes(over.length * 4);
      const count = this.#table.storedRows(rows, over.length, stored);
      this.#gone.add(this.layout.keys.decode(stored, count), count);
      this.#table.erase(rows, over.length);
    });
  }

  /** Rows answered before, and peer groups, of the k-th partition. */
  counted({ rows }: CarriedRows, k: number): readonly [number, number] {
    const at = this.#countersOf(rows, k);
    const { i32 } = kernels().heap();
    return [countAt(i32, at), countAt(i32, at + 2)];
  }

  count({ rows }: CarriedRows, k: number, answered: number, peerGroups: number): void {
    const at = this.#countersOf(rows, k);
    const { i32 } = kernels().heap();
    putCount(i32, at, countAt(i32, at) + answered);
    putCount(i32, at + 2, countAt(i32, at + 2) + peerGroups);
  }

  /** The deletes are borrowed. Under a staging mark. */
  takeDelta(): StateDelta {
    const deletes = this.#gone.take(() => this.#changedKeys());
    const rest = FrozenGroups.of([{ table: this.#table, tag: null }], (rows, count) => this.#stateRows(rows, count));
    return { table: this.#name, puts: null, deletes, rest };
  }

  restore(batch: Batch): void {
    const keys = this.layout.keys.types.length;
    staged(() => {
      const rows = this.#table.find(batch.columns.slice(0, keys), batch.rows, { insert: true, mark: false });
      this.layout.aggregates.merge(rows, batch.rows, batch.columns.slice(keys, -counters.length));
      for (const [i, offset] of [0, 8].entries()) {
        const column = batch.columns[batch.columns.length - counters.length + i] as I64Column;
        kernels().run.addCounters(rows, batch.rows, this.layout.extraOffset + offset, stageIntegers(column, batch.rows));
      }
      setStored(rows, batch.rows);
    });
  }

  free(): void {
    this.#gone.free();
    this.#table.free();
    this.layout.free();
  }

  #stateRows(rows: Pointer, count: number): Batch {
    const { keys, aggregates, extraOffset } = this.layout;
    const counts = [0, 8].map((offset): Column => ({ phys: "i64", values: gathered(rows, count, extraOffset + offset), validity: null }));
    return { rows: count, columns: [...keys.decode(rows, count), ...aggregates.store(rows, count), ...counts], weights: null };
  }

  #changedKeys(): Batch | null {
    const rows = kernels().staging.bytes(this.#table.dirtyCount * 4);
    const count = this.#table.dirtyRows(rows);
    return count === 0 ? null : { rows: count, columns: this.layout.keys.decode(rows, count), weights: null };
  }

  /** As an index of 32-bit words. */
  #countersOf(rows: Pointer, k: number): number {
    const row = kernels().heap().u32[(rows >>> 2) + k] as number;
    return (row + this.layout.extraOffset) >>> 2;
  }

  /** Partitions begin anew. */
  #reset(over: readonly number[]): void {
    if (over.length === 0) return;
    this.#clear(stagedRows(over), over.length);
    const { i64 } = kernels().heap();
    for (const row of over) i64.fill(0n, (row + this.layout.extraOffset) >>> 3, (row + this.layout.extraOffset + counters_bytes) >>> 3);
  }

  /** Takes the accumulators back to nothing. */
  #clear(rows: Pointer, count: number): void {
    const { aggregates, keys, extraOffset } = this.layout;
    if (aggregates.holdsMore) aggregates.release(rows, count);
    const { u32, u8 } = kernels().heap();
    for (let k = 0; k < count; k++) {
      const row = u32[(rows >>> 2) + k] as number;
      u8.fill(0, row + rowHeader_bytes + 8 * keys.keyWords, row + extraOffset);
    }
  }
}

const word = 4_294_967_296;

/** A 64-bit count as a number: rows are fewer than 2^53. */
const countAt = (i32: Int32Array, at: number): number => (i32[at + 1] as number) * word + ((i32[at] as number) >>> 0);

function putCount(i32: Int32Array, at: number, count: number): void {
  i32[at] = count | 0;
  i32[at + 1] = Math.floor(count / word);
}
