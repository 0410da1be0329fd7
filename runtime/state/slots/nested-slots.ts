import type { Column } from "../../contract/batch.ts";
import { assert } from "../../contract/errors.ts";
import { type ColumnBuilder, grownCapacity } from "../../exchange/column-builder.ts";
import { gatherStrings, selectedStringBytes } from "../../exchange/copy-strings.ts";
import { framePadding_bytes, type LayoutNode } from "../../exchange/frame-layout.ts";
import { makeColumnBuilder } from "../../exchange/batch-builder.ts";
import { grownInts, type Placing, type SlotColumn, SlotValidity } from "./slot-column.ts";

/** Less than this is not worth moving what remains. */
const garbage_min = 4_096;

/** Where the value of each slot lies in a heap that is only appended to, and how much of the heap no slot has any more. */
abstract class HeapSlots implements SlotColumn {
  protected start: Int32Array = new Int32Array(0);
  protected end: Int32Array = new Int32Array(0);
  protected readonly validity = new SlotValidity();
  #garbage = 0;

  put(source: Column, placing: Placing): void {
    if (this.#garbage >= garbage_min && this.#garbage * 2 > this.heapSize()) {
      this.compact();
      this.#garbage = 0;
    }
    this.start = grownInts(this.start, placing.capacity);
    this.end = grownInts(this.end, placing.capacity);
    this.append(source, placing);
    this.validity.put(source.validity, placing);
  }

  release(slots: Int32Array, count: number): void {
    const { start, end } = this;
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number;
      this.#garbage += (end[slot] as number) - (start[slot] as number);
      start[slot] = 0;
      end[slot] = 0;
    }
  }

  abstract view(end: number): Column;
  protected abstract heapSize(): number;
  protected abstract append(source: Column, placing: Placing): void;
  /** Moves the values of all slots to the front of a fresh heap. */
  protected abstract compact(): void;
}

export class BytesSlots extends HeapSlots {
  #bytes = new Uint8Array(0);
  #used = 0;
  #ends: Int32Array = new Int32Array(0);

  override view(end: number): Column {
    return {
      phys: "bytes",
      start: this.start.subarray(0, end),
      end: this.end.subarray(0, end),
      bytes: this.#bytes,
      validity: this.validity.view(end),
    };
  }

  protected override heapSize(): number {
    return this.#used;
  }

  protected override append(source: Column, { rows, slots, count }: Placing): void {
    assert(source.phys === "bytes", "the column holds bytes, as its schema says");
    this.#reserve(this.#used + selectedStringBytes(source, rows, 0, count));
    const ends = grownInts(this.#ends, count);
    this.#ends = ends;
    const used = gatherStrings(source, rows, 0, count, this.#bytes, this.#used, ends, 0);
    let at = this.#used;
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number;
      this.start[slot] = at;
      at = ends[i] as number;
      this.end[slot] = at;
    }
    this.#used = used;
  }

  protected override compact(): void {
    const { start, end } = this;
    const bytes = new Uint8Array(this.#bytes.length);
    let at = 0;
    for (let slot = 0; slot < start.length; slot++) {
      const from = start[slot] as number;
      const to = end[slot] as number;
      if (to === from) continue;
      bytes.set(this.#bytes.subarray(from, to), at);
      start[slot] = at;
      at += to - from;
      end[slot] = at;
    }
    this.#bytes = bytes;
    this.#used = at;
  }

  #reserve(need: number): void {
    if (this.#bytes.length >= need + framePadding_bytes) return;
    assert(need < 2 ** 31, "the strings of one column of one subtask's state take less than 2 GiB");
    const grown = new Uint8Array(Math.min(grownCapacity(this.#bytes.length, need + framePadding_bytes), 2 ** 31 + framePadding_bytes));
    grown.set(this.#bytes.subarray(0, this.#used));
    this.#bytes = grown;
  }
}

export class ListSlots extends HeapSlots {
  readonly #node: LayoutNode;
  #items: ColumnBuilder;
  #used = 0;

  constructor(node: LayoutNode) {
    super();
    this.#node = node.children[0] as LayoutNode;
    this.#items = makeColumnBuilder(this.#node);
  }

  override view(end: number): Column {
    return {
      phys: "list",
      start: this.start.subarray(0, end),
      end: this.end.subarray(0, end),
      child: this.#items.build(),
      childRows: this.#used,
      validity: this.validity.view(end),
    };
  }

  protected override heapSize(): number {
    return this.#used;
  }

  protected override append(source: Column, { rows, slots, count }: Placing): void {
    assert(source.phys === "list", "the column is a list, as its schema says");
    for (let i = 0; i < count; i++) {
      const row = rows[i] as number;
      const from = source.start[row] as number;
      const isNull = source.validity !== null && source.validity[row] === 0;
      this.#place(slots[i] as number, source.child, from, isNull ? from : (source.end[row] as number));
    }
  }

  protected override compact(): void {
    const items = this.#items.build();
    this.#items = makeColumnBuilder(this.#node);
    this.#used = 0;
    for (let slot = 0; slot < this.start.length; slot++) {
      const from = this.start[slot] as number;
      const to = this.end[slot] as number;
      if (to > from) this.#place(slot, items, from, to);
    }
  }

  #place(slot: number, items: Column, from: number, to: number): void {
    if (to > from) this.#items.append(items, { selection: null, from, to });
    this.start[slot] = this.#used;
    this.#used += to - from;
    this.end[slot] = this.#used;
  }
}

export class StructSlots implements SlotColumn {
  readonly #fields: readonly SlotColumn[];
  readonly #validity = new SlotValidity();

  constructor(fields: readonly SlotColumn[]) {
    this.#fields = fields;
  }

  put(source: Column, placing: Placing): void {
    assert(source.phys === "struct", "the column is a struct, as its schema says");
    for (const [k, field] of this.#fields.entries()) field.put(source.fields[k] as Column, placing);
    this.#validity.put(source.validity, placing);
  }

  release(slots: Int32Array, count: number): void {
    for (const field of this.#fields) field.release(slots, count);
  }

  view(end: number): Column {
    return { phys: "struct", fields: this.#fields.map((field) => field.view(end)), validity: this.#validity.view(end) };
  }
}
