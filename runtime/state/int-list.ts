import { grownInts } from "./slots/slot-column.ts";

/** A list of 32-bit integers that grows, without a number object for any. */
export class IntList {
  values: Int32Array = new Int32Array(16);
  length = 0;

  push(value: number): void {
    if (this.length === this.values.length) this.values = grownInts(this.values, this.length + 1);
    this.values[this.length++] = value;
  }

  /** Takes the last one off; -1 when there is none. */
  pop(): number {
    return this.length === 0 ? -1 : (this.values[--this.length] as number);
  }

  clear(): void {
    this.length = 0;
  }
}
