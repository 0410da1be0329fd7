import { type Column, words } from "../../contract/batch.ts";
import { assert } from "../../contract/errors.ts";
import { grownCapacity } from "../../exchange/column-builder.ts";
import { grownInts, type Placing, type SlotColumn, SlotValidity } from "./slot-column.ts";

// One loop for each lane type, so that each sees one array class only (kernels.md, pitfall 2).

function putBytes(source: Uint8Array, target: Uint8Array, { rows, slots, count }: Placing): void {
  for (let i = 0; i < count; i++) target[slots[i] as number] = source[rows[i] as number] as number;
}

function putInts(source: Int32Array, target: Int32Array, { rows, slots, count }: Placing): void {
  for (let i = 0; i < count; i++) target[slots[i] as number] = source[rows[i] as number] as number;
}

function putFloats(source: Float64Array, target: Float64Array, { rows, slots, count }: Placing): void {
  for (let i = 0; i < count; i++) target[slots[i] as number] = source[rows[i] as number] as number;
}

/** 64-bit values as two words each: no BigInt is made. */
function putLongs(source: BigInt64Array, target: BigInt64Array, { rows, slots, count }: Placing): void {
  const from = words(source);
  const to = words(target);
  for (let i = 0; i < count; i++) {
    const s = 2 * (rows[i] as number);
    const t = 2 * (slots[i] as number);
    to[t] = from[s] as number;
    to[t + 1] = from[s + 1] as number;
  }
}

function grownLongs(old: BigInt64Array, capacity: number): BigInt64Array {
  if (old.length >= capacity) return old;
  const grown = new BigInt64Array(grownCapacity(old.length, capacity));
  grown.set(old);
  return grown;
}

abstract class FixedSlots implements SlotColumn {
  protected readonly validity = new SlotValidity();

  put(source: Column, placing: Placing): void {
    this.putLanes(source, placing);
    this.validity.put(source.validity, placing);
  }

  release(): void {
    // Fixed lanes are written over.
  }

  abstract view(end: number): Column;
  protected abstract putLanes(source: Column, placing: Placing): void;
}

export class U8Slots extends FixedSlots {
  #values = new Uint8Array(0);

  protected override putLanes(source: Column, placing: Placing): void {
    assert(source.phys === "u8", "the column is u8, as its schema says");
    if (this.#values.length < placing.capacity) {
      const grown = new Uint8Array(grownCapacity(this.#values.length, placing.capacity));
      grown.set(this.#values);
      this.#values = grown;
    }
    putBytes(source.values, this.#values, placing);
  }

  override view(end: number): Column {
    return { phys: "u8", values: this.#values.subarray(0, end), validity: this.validity.view(end) };
  }
}

export class I32Slots extends FixedSlots {
  #values: Int32Array = new Int32Array(0);

  protected override putLanes(source: Column, placing: Placing): void {
    assert(source.phys === "i32", "the column is i32, as its schema says");
    this.#values = grownInts(this.#values, placing.capacity);
    putInts(source.values, this.#values, placing);
  }

  override view(end: number): Column {
    return { phys: "i32", values: this.#values.subarray(0, end), validity: this.validity.view(end) };
  }
}

export class I64Slots extends FixedSlots {
  #values: BigInt64Array = new BigInt64Array(0);

  protected override putLanes(source: Column, placing: Placing): void {
    assert(source.phys === "i64", "the column is i64, as its schema says");
    this.#values = grownLongs(this.#values, placing.capacity);
    putLongs(source.values, this.#values, placing);
  }

  override view(end: number): Column {
    return { phys: "i64", values: this.#values.subarray(0, end), validity: this.validity.view(end) };
  }
}

export class I128Slots extends FixedSlots {
  #lo: BigInt64Array = new BigInt64Array(0);
  #hi: BigInt64Array = new BigInt64Array(0);

  protected override putLanes(source: Column, placing: Placing): void {
    assert(source.phys === "i128", "the column is i128, as its schema says");
    this.#lo = grownLongs(this.#lo, placing.capacity);
    this.#hi = grownLongs(this.#hi, placing.capacity);
    putLongs(source.lo, this.#lo, placing);
    putLongs(source.hi, this.#hi, placing);
  }

  override view(end: number): Column {
    return { phys: "i128", lo: this.#lo.subarray(0, end), hi: this.#hi.subarray(0, end), validity: this.validity.view(end) };
  }
}

export class F64Slots extends FixedSlots {
  #values = new Float64Array(0);

  protected override putLanes(source: Column, placing: Placing): void {
    assert(source.phys === "f64", "the column is f64, as its schema says");
    if (this.#values.length < placing.capacity) {
      const grown = new Float64Array(grownCapacity(this.#values.length, placing.capacity));
      grown.set(this.#values);
      this.#values = grown;
    }
    putFloats(source.values, this.#values, placing);
  }

  override view(end: number): Column {
    return { phys: "f64", values: this.#values.subarray(0, end), validity: this.validity.view(end) };
  }
}

export class IntervalSlots extends FixedSlots {
  #months: Int32Array = new Int32Array(0);
  #days: Int32Array = new Int32Array(0);
  #micros: BigInt64Array = new BigInt64Array(0);

  protected override putLanes(source: Column, placing: Placing): void {
    assert(source.phys === "interval", "the column is an interval, as its schema says");
    this.#months = grownInts(this.#months, placing.capacity);
    this.#days = grownInts(this.#days, placing.capacity);
    this.#micros = grownLongs(this.#micros, placing.capacity);
    putInts(source.months, this.#months, placing);
    putInts(source.days, this.#days, placing);
    putLongs(source.micros, this.#micros, placing);
  }

  override view(end: number): Column {
    return {
      phys: "interval",
      months: this.#months.subarray(0, end),
      days: this.#days.subarray(0, end),
      micros: this.#micros.subarray(0, end),
      validity: this.validity.view(end),
    };
  }
}
