import { IntList } from "./int-list.ts";
import { TimerHeap } from "./timer-heap.ts";

/** 16.384 ms: of a fast stream a slice has hundreds of rows, and a watermark seldom falls into the same one many times. */
const slice_bits = 14n;
const slice_us = 2 ** Number(slice_bits);
const highWord_slices = 2 ** (32 - Number(slice_bits));
const spare_max = 64;

/**
 * Items by time for those who take all that are due at once, in any order: lists by slices of time, and a heap of the slices. So
 * an item costs no step in a heap. Items are not removed early: who takes one checks whether it still holds.
 */
export class TimeSlices {
  readonly #due = new TimerHeap();
  readonly #slices = new Map<number, Slice>();
  readonly #spare: Slice[] = [];
  #last: Slice | null = null;

  /** The time at row `row` of a column, given as its words. */
  pushFrom(lanes: Int32Array, row: number, item: number): void {
    const low = lanes[2 * row] as number;
    const high = lanes[2 * row + 1] as number;
    const number = high * highWord_slices + (low >>> Number(slice_bits));
    const slice = this.#last?.number === number ? this.#last : this.#slice(number);
    slice.items.push(item);
    slice.offsets.push(low & (slice_us - 1));
  }

  /** Takes the items up to `time`, at which they may still be in any order. */
  takeUntil(time: bigint, into: IntList): void {
    const lastSlice = time >> slice_bits;
    for (let first = this.#due.first; first !== null && first <= lastSlice; first = this.#due.first) {
      const slice = this.#slices.get(Number(first)) as Slice;
      if (first === lastSlice) return takeSome(slice, Number(time - (first << slice_bits)), into);
      for (let k = 0; k < slice.items.length; k++) into.push(slice.items.values[k] as number);
      this.#end(slice);
    }
  }

  #slice(number: number): Slice {
    const known = this.#slices.get(number);
    if (known !== undefined) {
      this.#last = known;
      return known;
    }
    const slice = this.#spare.pop() ?? { number, items: new IntList(), offsets: new IntList() };
    slice.number = number;
    this.#slices.set(number, slice);
    this.#due.push(BigInt(number), 0);
    this.#last = slice;
    return slice;
  }

  #end(slice: Slice): void {
    this.#due.pop();
    this.#slices.delete(slice.number);
    if (this.#last === slice) this.#last = null;
    slice.items.clear();
    slice.offsets.clear();
    if (this.#spare.length < spare_max) this.#spare.push(slice);
  }
}

interface Slice {
  number: number;
  readonly items: IntList;
  /** µs since the slice's begin. */
  readonly offsets: IntList;
}

/** Takes the items of a slice up to an offset, inclusive; the slice stays, even if it is empty then. */
function takeSome({ items, offsets }: Slice, offset_us: number, into: IntList): void {
  let kept = 0;
  for (let k = 0; k < items.length; k++) {
    if ((offsets.values[k] as number) <= offset_us) into.push(items.values[k] as number);
    else {
      items.values[kept] = items.values[k] as number;
      offsets.values[kept++] = offsets.values[k] as number;
    }
  }
  items.length = kept;
  offsets.length = kept;
}
