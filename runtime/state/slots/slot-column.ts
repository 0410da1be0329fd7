import type { Column, Validity } from "../../contract/batch.ts";
import { grownCapacity } from "../../exchange/column-builder.ts";

/** Value `rows[i]` of a column goes to slot `slots[i]`, for i < count. Every slot is below `capacity`. */
export interface Placing {
  readonly rows: Int32Array;
  readonly slots: Int32Array;
  readonly count: number;
  readonly capacity: number;
}

/** One column of a row table: values in numbered slots that are written, given back and written again. */
export interface SlotColumn {
  put(source: Column, placing: Placing): void;
  /** The first `count` of `slots` will not be read again before they are put again: what they hold beside fixed lanes is given back. */
  release(slots: Int32Array, count: number): void;
  /** The slots below `end`, valid until the next `put`. What lies in a slot that is free is arbitrary. */
  view(end: number): Column;
}

/** 1 = value, 0 = NULL; there is no array until the first NULL. */
export class SlotValidity {
  #bits: Uint8Array | null = null;

  put(validity: Validity, { rows, slots, count, capacity }: Placing): void {
    if (validity === null && this.#bits === null) return;
    const bits = this.#reserve(capacity);
    if (validity === null) for (let i = 0; i < count; i++) bits[slots[i] as number] = 1;
    else for (let i = 0; i < count; i++) bits[slots[i] as number] = validity[rows[i] as number] as number;
  }

  view(end: number): Validity {
    return this.#bits === null ? null : this.#bits.subarray(0, end);
  }

  #reserve(capacity: number): Uint8Array {
    const old = this.#bits;
    if (old !== null && old.length >= capacity) return old;
    const bits = new Uint8Array(grownCapacity(old?.length ?? 0, capacity)).fill(1);
    if (old !== null) bits.set(old);
    this.#bits = bits;
    return bits;
  }
}

/** An Int32Array that holds at least `capacity` values; those of `old` are kept. */
export function grownInts(old: Int32Array, capacity: number): Int32Array {
  if (old.length >= capacity) return old;
  const grown = new Int32Array(grownCapacity(old.length, capacity));
  grown.set(old);
  return grown;
}
