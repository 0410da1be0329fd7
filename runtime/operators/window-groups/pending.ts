import type { Batch, Column } from "../../contract/batch.ts";
import type { WindowGroupAggregateSpec } from "../../contract/job-graph.ts";
import type { StateDelta } from "../../contract/operator.ts";
import type { Schema } from "../../contract/types.ts";
import { BatchBuilder } from "../../exchange/batch-builder.ts";
import { gatherBatch } from "../../expr/gather.ts";
import { kernels, type Pointer } from "../../kernels/kernels.ts";
import { GoneKeys } from "../../state/gone-keys.ts";
import { staged } from "../../state/group-table.ts";
import type { WindowGroups } from "./groups.ts";
import { groupFields, pendingTable } from "./layout.ts";

/** What is to be shown next: groups that changed, and the results to take back. */
export interface Changes {
  /** Addresses of the groups. */
  readonly groups: readonly number[];
  /** Results shown before, in the operator's output columns; null when there are none. */
  readonly retracted: Batch | null;
}

/**
 * Groups that changed since their results were last shown, each with the result as it was shown. They go into checkpoints:
 * what will be taken back must be what was shown, also after a restore.
 */
export class PendingGroups {
  readonly #groups: WindowGroups;
  readonly #schema: Schema;
  readonly #keyCount: number;
  readonly #table: string;
  #rows: BatchBuilder;
  #addresses: number[] = [];
  #ends: bigint[] = [];
  #isShown: number[] = [];
  /** Entries up to here are in the last checkpoint. */
  #stored: number[] = [];
  readonly #gone: GoneKeys;

  constructor(spec: WindowGroupAggregateSpec, input: Schema, groups: WindowGroups) {
    const table = pendingTable(spec, input);
    this.#groups = groups;
    this.#schema = { columns: table.columns };
    this.#keyCount = table.keyColumns;
    this.#table = table.name;
    this.#rows = new BatchBuilder(this.#schema);
    this.#gone = new GoneKeys(groupFields(spec, input).map(({ type }) => type));
  }

  /** Keeps the results of groups as they are, before rows are added to them. Those without rows were never shown. */
  capture(rows: Pointer, count: number, end: bigint): void {
    if (count === 0) return;
    const { layout } = this.#groups;
    const addresses = kernels()
      .heap()
      .u32.slice(rows >>> 2, (rows >>> 2) + count);
    const isShown = Uint8Array.from(addresses, (row) => (this.#groups.countOf(row) > 0n ? 1 : 0));
    const columns = [...layout.keys.decode(rows, count), flags(isShown), ...layout.aggregates.finish(rows, count)];
    this.#append({ rows: count, columns, weights: null }, addresses, () => end, 0);
  }

  /** Takes the changes of windows whose end meets the condition. */
  take(of: (end: bigint) => boolean): Changes {
    const taken = this.#addresses.flatMap((_, i) => (of(this.#ends[i] as bigint) ? [i] : []));
    if (taken.length === 0) return { groups: [], retracted: null };
    const rows = this.#rows.build();
    const shown = taken.filter((i) => this.#isShown[i] === 1);
    const retracted = shown.length === 0 ? null : this.#resultOf(gatherBatch(rows, Int32Array.from(shown), shown.length));
    const gone = Int32Array.from(taken.filter((i) => this.#stored[i] === 1));
    this.#gone.add(gatherBatch(rows, gone, gone.length).columns.slice(0, this.#keyCount), gone.length);
    const groups = taken.map((i) => this.#addresses[i] as number);
    this.#keep(new Set(taken), rows);
    return { groups, retracted };
  }

  snapshot(): StateDelta | null {
    const fresh = this.#stored.flatMap((stored, i) => (stored === 0 ? [i] : []));
    const puts = fresh.length === 0 ? null : gatherBatch(this.#rows.build(), Int32Array.from(fresh), fresh.length);
    const deletes = staged(() => this.#gone.take(() => puts));
    this.#stored.fill(1);
    return puts === null && deletes === null ? null : { table: this.#table, puts, deletes };
  }

  /** Restored entries; `rows` are the addresses of their groups. */
  restore(batch: Batch, rows: Pointer, ends: BigInt64Array): void {
    const addresses = kernels()
      .heap()
      .u32.slice(rows >>> 2, (rows >>> 2) + batch.rows);
    this.#append(batch, addresses, (i) => ends[i] as bigint, 1);
  }

  /** Addresses of the groups. */
  groups(): ReadonlySet<number> {
    return new Set(this.#addresses);
  }

  free(): void {
    this.#gone.free();
  }

  #append(batch: Batch, addresses: Uint32Array, endOf: (i: number) => bigint, stored: 0 | 1): void {
    const isShown = (batch.columns[this.#keyCount] as Extract<Column, { phys: "u8" }>).values;
    this.#rows.append(batch, { selection: null, from: 0, to: batch.rows });
    for (let i = 0; i < batch.rows; i++) {
      this.#addresses.push(addresses[i] as number);
      this.#ends.push(endOf(i));
      this.#isShown.push(isShown[i] as number);
      this.#stored.push(stored);
    }
  }

  #keep(taken: ReadonlySet<number>, rows: Batch): void {
    const kept = Int32Array.from(this.#addresses.keys()).filter((i) => !taken.has(i));
    const builder = new BatchBuilder(this.#schema);
    if (kept.length > 0) builder.append(rows, { selection: kept, from: 0, to: kept.length });
    this.#rows = builder;
    const pick = <T>(values: readonly T[]): T[] => Array.from(kept, (i) => values[i] as T);
    this.#addresses = pick(this.#addresses);
    this.#ends = pick(this.#ends);
    this.#isShown = pick(this.#isShown);
    this.#stored = pick(this.#stored);
  }

  #resultOf(batch: Batch): Batch {
    const columns = this.#groups.arrange(batch.columns.slice(0, this.#keyCount), batch.columns.slice(this.#keyCount + 1));
    return { rows: batch.rows, columns, weights: null };
  }
}

const flags = (values: Uint8Array): Column => ({ phys: "u8", values, validity: null });
