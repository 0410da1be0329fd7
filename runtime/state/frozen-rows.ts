import type { IntList } from "./int-list.ts";
import { PiecewiseRest } from "./piecewise-rest.ts";
import type { RowStore } from "./row-store.ts";
import { type RowCut, type RowTableOptions, writeState } from "./row-table-spec.ts";

const written = -1;

/**
 * Changed rows of a row table as they are when it is made, written later. Rows do not change while they live, and what does (counts,
 * attributes) was copied: so a row need only be written before its slot is given to another.
 */
export class FrozenRows extends PiecewiseRest {
  readonly #cut: RowCut;
  readonly #options: RowTableOptions;
  readonly #store: RowStore;
  /** By slot: its place in the cut, `written` for none. Made when a slot is given up first. */
  #places: Int32Array | null = null;
  /** By place. */
  readonly #isWritten: Uint8Array;
  /** Places below it are written. */
  #at = 0;

  constructor(cut: RowCut, options: RowTableOptions, store: RowStore) {
    super();
    this.#cut = cut;
    this.#options = options;
    this.#store = store;
    this.#isWritten = new Uint8Array(cut.rows.length);
  }

  write(rows_max: number): boolean {
    const places = new Int32Array(rows_max);
    let count = 0;
    for (; count < rows_max && this.#at < this.#cut.rows.length; this.#at++)
      if (this.#isWritten[this.#at] === 0) places[count++] = this.#at;
    this.#put(places.subarray(0, count));
    return this.#at < this.#cut.rows.length;
  }

  drop(): void {
    this.#at = this.#cut.rows.length;
  }

  /** Slots that are about to be given up. Returns whether all is written. */
  meet(slots: IntList): boolean {
    if (this.#at === this.#cut.rows.length) return true;
    if (slots.length === 0) return false;
    const placeOf = (this.#places ??= this.#placesBySlot());
    const met = new Int32Array(slots.length);
    let count = 0;
    for (let i = 0; i < slots.length; i++) {
      const place = placeOf[slots.values[i] as number] ?? written;
      if (place < this.#at || this.#isWritten[place] === 1) continue;
      this.#isWritten[place] = 1;
      met[count++] = place;
    }
    this.#put(met.subarray(0, count));
    return false;
  }

  #put(places: Int32Array): void {
    if (places.length > 0) this.take(writeState(this.#options, this.#cut, places, this.#store.rows()));
  }

  #placesBySlot(): Int32Array {
    const places = new Int32Array(this.#store.end).fill(written);
    const { rows } = this.#cut;
    for (let place = this.#at; place < rows.length; place++) places[rows[place] as number] = place;
    return places;
  }
}
