import type { Batch } from "../contract/batch.ts";
import type { Schema } from "../contract/types.ts";
import { IntList } from "./int-list.ts";
import { slotColumnsOf } from "./slots/make-slots.ts";
import type { SlotColumn } from "./slots/slot-column.ts";

/** Rows in columns, each in a numbered slot that it keeps. Slots given back are used again, so that numbers stay dense. */
export class RowStore {
  /** Slots below it have been used. */
  end = 0;
  readonly #columns: readonly SlotColumn[];
  readonly #free = new IntList();
  #view: Batch | null = null;

  constructor(schema: Schema) {
    this.#columns = slotColumnsOf(schema);
  }

  /** Copies the batch's rows `selection[0, count)`; writes to `into` the slot of each. */
  place(batch: Batch, selection: Int32Array, count: number, into: Int32Array): void {
    for (let i = 0; i < count; i++) into[i] = this.#free.length > 0 ? this.#free.pop() : this.end++;
    const placing = { rows: selection, slots: into, count, capacity: this.end };
    for (const [c, column] of this.#columns.entries()) {
      const source = batch.columns[c];
      if (source !== undefined) column.put(source, placing);
    }
    this.#view = null;
  }

  /** Gives slots back: what they hold is not to be read again. */
  release(slots: IntList): void {
    for (const column of this.#columns) column.release(slots.values, slots.length);
    for (let i = 0; i < slots.length; i++) this.#free.push(slots.values[i] as number);
  }

  /** The columns of all slots, valid until the next `place`. */
  rows(): Batch {
    this.#view ??= { rows: this.end, columns: this.#columns.map((column) => column.view(this.end)), weights: null };
    return this.#view;
  }
}
