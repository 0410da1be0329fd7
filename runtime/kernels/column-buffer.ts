import type { BytesColumn, Column, Validity } from "../contract/batch.ts";
import { kernels, type Pointer } from "./kernels.ts";

const rounded = (count: number): number => Math.max(64, 2 ** Math.ceil(Math.log2(Math.max(count, 1))));

/**
 * Reads one column out of linear memory into arrays that it keeps and reuses: a column is good until the next call.
 * `validity` is a staged mask with `valid` ones of `rows`; all ones (or address 0) give a column without validity.
 */
export class ColumnBuffer {
  private first: BigInt64Array = new BigInt64Array(0);
  private second: BigInt64Array = new BigInt64Array(0);
  private narrow: Int32Array = new Int32Array(0);
  private ends: Int32Array = new Int32Array(0);
  private octets: Uint8Array = new Uint8Array(0);
  private valid: Uint8Array = new Uint8Array(0);

  validity(mask: Pointer, valid: number, rows: number): Validity {
    if (mask === 0 || valid === rows) return null;
    if (this.valid.length < rows) this.valid = new Uint8Array(rounded(rows));
    this.valid.set(
      kernels()
        .heap()
        .u8.subarray(mask, mask + rows),
    );
    return this.valid;
  }

  i64(words: Pointer, rows: number, validity: Validity): Column {
    return { phys: "i64", values: this.words64(words, rows), validity };
  }

  f64(words: Pointer, rows: number, validity: Validity): Column {
    const bits = this.words64(words, rows);
    return { phys: "f64", values: new Float64Array(bits.buffer, 0, bits.length), validity };
  }

  i128(lo: Pointer, hi: Pointer, rows: number, validity: Validity): Column {
    const low = this.words64(lo, rows);
    if (this.second.length < rows) this.second = new BigInt64Array(rounded(rows));
    this.second.set(
      kernels()
        .heap()
        .i64.subarray(hi >>> 3, (hi >>> 3) + rows),
    );
    return { phys: "i128", lo: low, hi: this.second, validity };
  }

  i32(words: Pointer, rows: number, validity: Validity): Column {
    const { run, staging, heap } = kernels();
    const narrowed = staging.bytes(rows * 4);
    run.narrowI32(words, rows, narrowed);
    if (this.narrow.length < rows) this.narrow = new Int32Array(rounded(rows));
    this.narrow.set(heap().i32.subarray(narrowed >>> 2, (narrowed >>> 2) + rows));
    return { phys: "i32", values: this.narrow, validity };
  }

  u8(words: Pointer, rows: number, validity: Validity): Column {
    const { run, staging, heap } = kernels();
    const narrowed = staging.bytes(rows);
    run.narrowU8(words, rows, narrowed);
    this.room(rows);
    this.octets.set(heap().u8.subarray(narrowed, narrowed + rows));
    return { phys: "u8", values: this.octets, validity };
  }

  /** A staged mask as a BOOLEAN column. */
  flags(mask: Pointer, rows: number): Column {
    this.room(rows);
    this.octets.set(
      kernels()
        .heap()
        .u8.subarray(mask, mask + rows),
    );
    return { phys: "u8", values: this.octets, validity: null };
  }

  /** String words (assembly/dictionary.ts) to a bytes column. */
  strings(words: Pointer, rows: number, validity: Validity): BytesColumn {
    const { run, staging, heap } = kernels();
    const total = run.wordsBytes(words, rows) >>> 0;
    const bytes = staging.bytes(total);
    const starts = staging.bytes(rows * 4);
    const ends = staging.bytes(rows * 4);
    run.wordsToStrings(words, rows, bytes, starts, ends);
    this.room(total + 16);
    if (this.narrow.length < rows) this.narrow = new Int32Array(rounded(rows));
    if (this.ends.length < rows) this.ends = new Int32Array(rounded(rows));
    const { u8, i32 } = heap();
    this.octets.set(u8.subarray(bytes, bytes + total));
    this.narrow.set(i32.subarray(starts >>> 2, (starts >>> 2) + rows));
    this.ends.set(i32.subarray(ends >>> 2, (ends >>> 2) + rows));
    return { phys: "bytes", start: this.narrow, end: this.ends, bytes: this.octets, validity };
  }

  private words64(words: Pointer, rows: number): BigInt64Array {
    if (this.first.length < rows) this.first = new BigInt64Array(rounded(rows));
    this.first.set(
      kernels()
        .heap()
        .i64.subarray(words >>> 3, (words >>> 3) + rows),
    );
    return this.first;
  }

  private room(bytes: number): void {
    if (this.octets.length < bytes) this.octets = new Uint8Array(rounded(bytes));
  }
}
