import { kernels, type Pointer } from "../../kernels/kernels.ts";

/** JavaScript values that belong to packed rows: the row's accumulator holds a number, 0 for none, that finds the value here. */
export class Cells<S> {
  private readonly offset: number;
  private readonly values: (S | undefined)[] = [undefined];
  private readonly vacant: number[] = [];

  constructor(offset: number) {
    this.offset = offset;
  }

  /** The value of rows[i]. */
  get(rows: Pointer, i: number): S | undefined {
    return this.values[this.handles[this.place(rows, i)] as number];
  }

  set(rows: Pointer, i: number, value: S): void {
    const { handles } = this;
    const place = this.place(rows, i);
    let handle = handles[place] as number;
    if (handle === 0) {
      handle = this.vacant.pop() ?? this.values.length;
      handles[place] = handle;
    }
    this.values[handle] = value;
  }

  release(rows: Pointer, count: number): void {
    const { handles } = this;
    for (let i = 0; i < count; i++) {
      const place = this.place(rows, i);
      const handle = handles[place] as number;
      if (handle === 0) continue;
      this.values[handle] = undefined;
      this.vacant.push(handle);
      handles[place] = 0;
    }
  }

  private get handles(): Uint32Array {
    return kernels().heap().u32;
  }

  private place(rows: Pointer, i: number): number {
    return ((this.handles[(rows >>> 2) + i] as number) + this.offset) >>> 2;
  }
}
