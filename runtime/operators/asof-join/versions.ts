import type { Batch, Column } from "../../contract/batch.ts";
import { type Watermark, watermark_min } from "../../contract/operator.ts";
import type { RowTable } from "../../state/row-table.ts";
import { PartitionTtl } from "../../state/partition-ttl.ts";
import { TimerHeap } from "../../state/timer-heap.ts";

const none = -1;

/**
 * The versions of each key: those after the watermark, and the last one up to it (the key's floor), which is what rows that are
 * still to come can ask for. A late version becomes the floor at once: so what is late follows from the rows and the watermark alone,
 * and is the same after a restore.
 */
export class Versions {
  readonly #table: RowTable;
  readonly #time: number;
  readonly #times = new TimerHeap();
  /** By group: the last version up to the watermark. */
  readonly #floors = new Map<number, number>();
  readonly #ttl: PartitionTtl | null;
  #watermark: Watermark = watermark_min;

  constructor(table: RowTable, time: number, ttl_ms: number | undefined) {
    this.#table = table;
    this.#time = time;
    this.#ttl = ttl_ms === undefined ? null : new PartitionTtl(ttl_ms, table, (group) => this.#floors.delete(group));
  }

  /** Forgets the keys that had no new version for their time to live. */
  expire(now_ms: number): void {
    this.#ttl?.expire(now_ms);
  }

  /** Adds versions; returns how many came too late to be asked for. */
  add(batch: Batch, now_ms: number): number {
    const { rows, count } = this.#table.add(batch);
    const times = this.#timesOf(this.#table.rows());
    let late = 0;
    for (let i = 0; i < count; i++) {
      const row = rows[i] as number;
      const group = this.#table.groupOf(row);
      this.#ttl?.touch(group, now_ms);
      const floor = this.#floors.get(group) ?? none;
      if (floor !== none && (times[row] as bigint) < (times[floor] as bigint)) {
        this.#table.remove(row);
        late++;
        continue;
      }
      this.#replaceEqual(row, group, times);
      if ((times[row] as bigint) <= this.#watermark) this.#raiseFloor(group, row);
      else this.#times.push(times[row] as bigint, row);
    }
    return late;
  }

  /** Takes up the rows of the table after a restore. */
  open(now_ms: number): void {
    this.#ttl?.touchAll(now_ms);
    const times = this.#timesOf(this.#table.rows());
    for (const row of this.#table.liveRows()) this.#times.push(times[row] as bigint, row);
  }

  /** The last version of a group up to a time (before it when `strict`); -1 when there is none. */
  at(group: number, time: bigint, strict: boolean): number {
    const times = this.#timesOf(this.#table.rows());
    let found = none;
    for (let row = this.#table.firstOf(group); row >= 0; row = this.#table.nextOf(row)) {
      const version = times[row] as bigint;
      if (version > time || (strict && version === time)) continue;
      if (found === none || version > (times[found] as bigint)) found = row;
    }
    return found;
  }

  /** Whether what was known at `time` may be forgotten: the floor is younger. */
  isForgotten(group: number, time: bigint, strict: boolean): boolean {
    const floor = this.#floors.get(group);
    if (floor === undefined) return false;
    const version = this.#timesOf(this.#table.rows())[floor] as bigint;
    return version > time || (strict && version === time);
  }

  /** Forgets the versions that a younger one up to the watermark has superseded. */
  advance(watermark: Watermark): void {
    if (watermark > this.#watermark) this.#watermark = watermark;
    const times = this.#timesOf(this.#table.rows());
    for (let due = this.#times.first; due !== null && due <= watermark; due = this.#times.first) {
      const row = this.#times.pop();
      // The entry of a version that was replaced; its slot may be another's by now.
      if (this.#table.countOf(row) === 0 || times[row] !== due) continue;
      this.#raiseFloor(this.#table.groupOf(row), row);
    }
  }

  /** `row` is the last version of its group up to the watermark now. */
  #raiseFloor(group: number, row: number): void {
    const floor = this.#floors.get(group) ?? none;
    if (floor === row) return;
    if (floor !== none) this.#table.remove(floor);
    this.#floors.set(group, row);
  }

  /** A version replaces the one of the same time that came before it; a group lists its rows in order of arrival. */
  #replaceEqual(added: number, group: number, times: BigInt64Array): void {
    for (let row = this.#table.firstOf(group); row >= 0 && row !== added; ) {
      const next = this.#table.nextOf(row);
      if (times[row] === times[added]) {
        this.#table.remove(row);
        if (this.#floors.get(group) === row) this.#floors.set(group, added);
      }
      row = next;
    }
  }

  #timesOf(rows: Batch): BigInt64Array {
    return (rows.columns[this.#time] as Extract<Column, { phys: "i64" }>).values;
  }
}
