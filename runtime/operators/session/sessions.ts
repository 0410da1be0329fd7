import type { Batch, Column } from "../../contract/batch.ts";
import { assert } from "../../contract/errors.ts";
import type { SessionAggregateSpec } from "../../contract/job-graph.ts";
import type { Field, Schema } from "../../contract/types.ts";
import { bigint } from "../../contract/types.ts";
import type { StagedColumns } from "../../functions/aggregate/input.ts";
import { kernels, type Pointer } from "../../kernels/kernels.ts";
import { AggregateLayout, AggregateTable } from "../../state/aggregate-table.ts";
import { FrozenGroups } from "../../state/frozen-groups.ts";
import { GroupTable, staged } from "../../state/group-table.ts";
import { KeyLayout, rowHeader_bytes } from "../../state/key-layout.ts";
import { windowTime_us } from "../window/geometry.ts";
import { SessionList } from "./session-list.ts";
import { TimerHeap } from "../../state/timer-heap.ts";

const headIndex_bytes = 8;
/** Of a session: how many rows it has, and its place in the last cut. */
const rowCount_bytes = 8;
const place_bytes = 8;

/** What of changed sessions a snapshot copies, by their place in it; the rest is in their packed rows. */
export interface SessionCut {
  /** Addresses of the keys' rows. */
  readonly keys: Uint32Array;
  readonly starts: BigInt64Array;
  readonly ends: BigInt64Array;
}

/**
 * Open sessions per key. A key's packed row holds the index of its first session; a session's accumulators lie in a packed row
 * of their own, found by its number. Rows of a batch are first assigned to sessions one by one, then added to all at once:
 * so a merge inside a batch only redirects rows.
 */
export class Sessions {
  readonly list = new SessionList();
  readonly keys: KeyLayout;
  readonly layout: AggregateLayout;
  readonly #keyTable: GroupTable;
  readonly #rowTable: AggregateTable;
  readonly #gap_us: bigint;
  readonly #headAt: number;
  readonly #timers = new TimerHeap();
  /** Sessions merged away in the batch under way. */
  #merged: number[] = [];
  /** Indexes that were changed since the last snapshot; those that ended meanwhile are among them. */
  #dirty: number[] = [];
  /** Keys that only late rows had: they go with the batch. */
  readonly #bare = new Set<number>();
  #serial = 0n;

  constructor(spec: SessionAggregateSpec, input: Schema) {
    this.keys = new KeyLayout(spec.keys.map((key) => (input.columns[key] as Field).type));
    this.#keyTable = new GroupTable(this.keys, headIndex_bytes);
    this.layout = new AggregateLayout([bigint], spec.aggregates, rowCount_bytes + place_bytes);
    this.#rowTable = new AggregateTable(this.layout);
    this.#gap_us = spec.gap_us;
    this.#headAt = rowHeader_bytes + 8 * this.keys.keyWords;
  }

  /** Addresses of the keys of a batch. */
  keysOf(columns: readonly Column[], rows: number): Pointer {
    return this.#keyTable.find(columns, rows, { insert: true, mark: false });
  }

  /**
   * The session that a row belongs to: sessions it touches are merged, else a new one is opened. 0 when it is late: it touches no
   * open session and its own would have fired.
   */
  assign(key: number, time: bigint, fired: bigint): number {
    const { list } = this;
    const end = time + this.#gap_us;
    let found = 0;
    let before = 0;
    for (let s = this.#head(key); s !== 0; ) {
      const next = list.next[s] as number;
      if ((list.start[s] as bigint) > end || (list.end[s] as bigint) < time) before = s;
      else if (found === 0) {
        found = s;
        before = s;
        this.#widen(s, time, end);
      } else {
        this.#mergeInto(found, s, key, before);
      }
      s = next;
    }
    if (found !== 0) return found;
    if (end - windowTime_us > fired) return this.open(key, time, end);
    if (this.#head(key) === 0) this.#bare.add(key);
    return 0;
  }

  open(key: number, start: bigint, end: bigint): number {
    const session = this.list.create(key, start, end);
    this.list.next[session] = this.#head(key);
    this.#setHead(key, session);
    this.#touch(session);
    this.#timers.push(end, session);
    return session;
  }

  /** Adds rows to their sessions (0: none), and what merged sessions held to those they were merged into. */
  add(sessions: Int32Array, rows: number, columns: StagedColumns): void {
    const addresses = this.addressesOf(sessions, rows);
    this.#rowTable.meet(addresses, rows);
    this.layout.aggregates.add(addresses, columns);
    kernels().run.addCount(addresses, rows, this.layout.extraOffset, 0, columns.weights);
    this.#finishMerges();
    for (const key of this.#bare) if (this.#head(key) === 0) this.#eraseKey(key);
    this.#bare.clear();
  }

  /** Living sessions that changed since the last call. */
  takeDirty(): readonly number[] {
    const { list } = this;
    const changed = this.#dirty.filter((session) => {
      const living = list.root[session] === session && list.isDirty[session] === 1;
      list.isDirty[session] = 0;
      return living;
    });
    this.#dirty = [];
    return changed;
  }

  /** The changed sessions as they are now, to be written later. Under a staging mark. */
  freeze(
    changed: readonly number[],
    write: (cut: SessionCut, places: Uint32Array, rows: Pointer, count: number) => Batch,
  ): FrozenGroups<null> {
    const { list } = this;
    const rows = this.addressesOf(changed, changed.length);
    const cut = {
      keys: Uint32Array.from(changed, (session) => list.key[session] as number),
      starts: BigInt64Array.from(changed, (session) => list.start[session] as bigint),
      ends: BigInt64Array.from(changed, (session) => list.end[session] as bigint),
    };
    const placeAt = this.layout.extraOffset + rowCount_bytes;
    const { u32 } = kernels().heap();
    for (let place = 0; place < changed.length; place++) u32[((u32[(rows >>> 2) + place] as number) + placeAt) >>> 2] = place;
    this.#rowTable.mark(rows, changed.length);
    const frozen = FrozenGroups.of([{ table: this.#rowTable, tag: null }], (of, count) => {
      const places = kernels().staging.bytes(count * 4);
      kernels().run.gather32(of, count, placeAt, places);
      const own = kernels()
        .heap()
        .u32.slice(places >>> 2, (places >>> 2) + count);
      return write(cut, own, of, count);
    });
    assert(frozen !== null, "sessions that are marked have changed");
    return frozen;
  }

  /** Adds stored accumulators, row i to sessions[i]. */
  merge(sessions: Int32Array, rows: number, accumulators: readonly Column[], counts: Pointer): void {
    const addresses = this.addressesOf(sessions, rows);
    this.layout.aggregates.merge(addresses, rows, accumulators);
    kernels().run.addCounters(addresses, rows, this.layout.extraOffset, counts);
  }

  /** Addresses of the accumulators of living sessions, staged; made where a session has none yet. */
  addressesOf(sessions: ArrayLike<number>, count: number): Pointer {
    const { list } = this;
    const fresh: number[] = [];
    for (let i = 0; i < count; i++) {
      const root = list.rootOf(sessions[i] as number);
      if (list.row[root] === 0) {
        list.row[root] = 1; // taken: each once
        fresh.push(root);
      }
    }
    if (fresh.length > 0) this.#makeRows(fresh);
    const addresses = kernels().staging.bytes(count * 4);
    const { u32 } = kernels().heap();
    for (let i = 0; i < count; i++) u32[(addresses >>> 2) + i] = list.row[list.rootOf(sessions[i] as number)] as number;
    return addresses;
  }

  keyAddressesOf(sessions: readonly number[]): Pointer {
    const addresses = kernels().staging.bytes(sessions.length * 4);
    const { u32 } = kernels().heap();
    sessions.forEach((session, i) => {
      u32[(addresses >>> 2) + i] = this.list.key[session] as number;
    });
    return addresses;
  }

  /** The next session whose window is over at `watermark`, by ascending end; 0 when there is none. */
  nextFired(watermark: bigint): number {
    const { list } = this;
    for (let time = this.#timers.first; time !== null && time - windowTime_us <= watermark; time = this.#timers.first) {
      const session = this.#timers.pop();
      if (list.root[session] !== session) {
        list.release(session); // merged away; its timer was the last that knew it
        continue;
      }
      const end = list.end[session] as bigint;
      if (end === time) return session;
      this.#timers.push(end, session);
    }
    return 0;
  }

  /** Ends fired sessions and gives up what they held. */
  end(sessions: readonly number[]): void {
    if (sessions.length === 0) return;
    staged(() => {
      const rows = this.addressesOf(sessions, sessions.length);
      // With their keys, which may end with them.
      this.#rowTable.meet(rows, sessions.length);
      for (const session of sessions) this.#unlink(session);
      this.#rowTable.erase(rows, sessions.length);
      for (const session of sessions) this.list.release(session);
    });
  }

  free(): void {
    this.#rowTable.free();
    this.#keyTable.free();
    this.layout.free();
    this.keys.free();
  }

  #widen(session: number, start: bigint, end: bigint): void {
    const { list } = this;
    if (start < (list.start[session] as bigint)) list.start[session] = start;
    if (end > (list.end[session] as bigint)) list.end[session] = end;
    this.#touch(session);
  }

  #touch(session: number): void {
    if (this.list.isDirty[session] === 1) return;
    this.list.isDirty[session] = 1;
    this.#dirty.push(session);
  }

  #mergeInto(session: number, other: number, key: number, before: number): void {
    const { list } = this;
    this.#widen(session, list.start[other] as bigint, list.end[other] as bigint);
    const next = list.next[other] as number;
    if (before === 0) this.#setHead(key, next);
    else list.next[before] = next;
    list.root[other] = session;
    this.#merged.push(other);
  }

  /** Sessions that were merged away in this batch, for their stored rows; valid until the next batch. */
  get mergedAway(): readonly number[] {
    return this.#merged;
  }

  #finishMerges(): void {
    const { list } = this;
    const merged = this.#merged.filter((session) => list.row[session] !== 0);
    this.#merged = [];
    if (merged.length === 0) return;
    const from = kernels().staging.bytes(merged.length * 4);
    const into = this.addressesOf(merged, merged.length);
    const { u32 } = kernels().heap();
    merged.forEach((session, i) => {
      u32[(from >>> 2) + i] = list.row[session] as number;
      list.row[session] = 0;
    });
    this.#rowTable.meet(into, merged.length);
    this.layout.aggregates.mergeRows(into, from, merged.length);
    const counts = kernels().staging.bytes(merged.length * 8);
    kernels().run.gather64(from, merged.length, this.layout.extraOffset, counts);
    kernels().run.addCounters(into, merged.length, this.layout.extraOffset, counts);
    this.#rowTable.erase(from, merged.length);
  }

  #makeRows(sessions: readonly number[]): void {
    const numbers = BigInt64Array.from(sessions, () => this.#serial++);
    const rows = this.#rowTable.find([{ phys: "i64", values: numbers, validity: null }], sessions.length, { insert: true, mark: false });
    const { u32 } = kernels().heap();
    sessions.forEach((session, i) => {
      this.list.row[session] = u32[(rows >>> 2) + i] as number;
    });
  }

  #unlink(session: number): void {
    const { list } = this;
    const key = list.key[session] as number;
    const next = list.next[session] as number;
    let before = 0;
    for (let s = this.#head(key); s !== session; s = list.next[s] as number) before = s;
    if (before !== 0) list.next[before] = next;
    else this.#setHead(key, next);
    if (before === 0 && next === 0) this.#eraseKey(key);
  }

  #eraseKey(key: number): void {
    const one = kernels().staging.bytes(4);
    kernels().heap().u32[one >>> 2] = key;
    this.#keyTable.erase(one, 1);
  }

  #head(key: number): number {
    return kernels().heap().i32[(key + this.#headAt) >>> 2] as number;
  }

  #setHead(key: number, session: number): void {
    kernels().heap().i32[(key + this.#headAt) >>> 2] = session;
  }
}
