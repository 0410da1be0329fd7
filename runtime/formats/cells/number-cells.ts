import { type Column, words } from "../../contract/batch.ts";
import { type Cell, CellValidity, decode_rows_max } from "./cell.ts";

const two32 = 4_294_967_296;
const none = Buffer.alloc(0);

abstract class FixedCell implements Cell {
  protected bytes: Buffer = none;
  protected readonly validity = new CellValidity();

  begin(bytes: Buffer): void {
    this.bytes = bytes;
    this.validity.begin();
  }

  putNull(row: number): void {
    this.validity.setNull(row);
  }

  /** The text of a value that the fast path does not know. */
  protected text(start: number, end: number): string {
    return this.bytes.toString("utf8", start, end);
  }

  abstract put(row: number, start: number, end: number): boolean;
  abstract column(rows: number): Column;
}

export class BooleanCell extends FixedCell {
  private readonly values = new Uint8Array(decode_rows_max);
  private readonly parse: (text: string) => boolean | null;

  constructor(parse: (text: string) => boolean | null) {
    super();
    this.parse = parse;
  }

  put(row: number, start: number, end: number): boolean {
    const value = this.parse(this.text(start, end));
    if (value === null) return false;
    this.values[row] = value ? 1 : 0;
    this.validity.setValid(row);
    return true;
  }

  column(rows: number): Column {
    return { phys: "u8", values: this.values.subarray(0, rows), validity: this.validity.build() };
  }
}

export class I32Cell extends FixedCell {
  private readonly values = new Int32Array(decode_rows_max);
  private readonly read: (bytes: Uint8Array, start: number, end: number) => number;
  private readonly lowest: number;
  private readonly highest: number;
  private readonly parse: (text: string) => number | null;

  /** `read` knows the frequent forms and gives NaN for others; `parse` knows all, and what is out of bounds. */
  constructor(
    read: (bytes: Uint8Array, start: number, end: number) => number,
    lowest: number,
    highest: number,
    parse: (text: string) => number | null,
  ) {
    super();
    this.read = read;
    this.lowest = lowest;
    this.highest = highest;
    this.parse = parse;
  }

  put(row: number, start: number, end: number): boolean {
    const plain = this.read(this.bytes, start, end);
    const value = plain >= this.lowest && plain <= this.highest ? plain : this.parse(this.text(start, end));
    if (value === null) return false;
    this.values[row] = value;
    this.validity.setValid(row);
    return true;
  }

  column(rows: number): Column {
    return { phys: "i32", values: this.values.subarray(0, rows), validity: this.validity.build() };
  }
}

export class I64Cell extends FixedCell {
  private readonly values = new BigInt64Array(decode_rows_max);
  private readonly cells = words(this.values);
  private readonly read: (bytes: Uint8Array, start: number, end: number) => number;
  private readonly parse: (text: string) => bigint | null;

  /** `read` knows the frequent forms, below 2^53, and gives NaN for others; `parse` knows all. */
  constructor(read: (bytes: Uint8Array, start: number, end: number) => number, parse: (text: string) => bigint | null) {
    super();
    this.read = read;
    this.parse = parse;
  }

  put(row: number, start: number, end: number): boolean {
    const plain = this.read(this.bytes, start, end);
    if (!Number.isNaN(plain)) {
      this.cells[2 * row] = plain | 0;
      this.cells[2 * row + 1] = Math.floor(plain / two32);
    } else {
      const value = this.parse(this.text(start, end));
      if (value === null) return false;
      this.values[row] = value;
    }
    this.validity.setValid(row);
    return true;
  }

  column(rows: number): Column {
    return { phys: "i64", values: this.values.subarray(0, rows), validity: this.validity.build() };
  }
}

export class I128Cell extends FixedCell {
  private readonly lo = new BigInt64Array(decode_rows_max);
  private readonly hi = new BigInt64Array(decode_rows_max);
  private readonly parse: (text: string) => bigint | null;

  constructor(parse: (text: string) => bigint | null) {
    super();
    this.parse = parse;
  }

  put(row: number, start: number, end: number): boolean {
    const value = this.parse(this.text(start, end));
    if (value === null) return false;
    this.lo[row] = BigInt.asIntN(64, value);
    this.hi[row] = BigInt.asIntN(64, value >> 64n);
    this.validity.setValid(row);
    return true;
  }

  column(rows: number): Column {
    return { phys: "i128", lo: this.lo.subarray(0, rows), hi: this.hi.subarray(0, rows), validity: this.validity.build() };
  }
}

export class F64Cell extends FixedCell {
  private readonly values = new Float64Array(decode_rows_max);
  private readonly read: (bytes: Uint8Array, start: number, end: number) => number;
  private readonly parse: (text: string) => number | null;

  constructor(read: (bytes: Uint8Array, start: number, end: number) => number, parse: (text: string) => number | null) {
    super();
    this.read = read;
    this.parse = parse;
  }

  put(row: number, start: number, end: number): boolean {
    const plain = this.read(this.bytes, start, end);
    const value = Number.isNaN(plain) ? this.parse(this.text(start, end)) : plain;
    if (value === null) return false;
    this.values[row] = value;
    this.validity.setValid(row);
    return true;
  }

  column(rows: number): Column {
    return { phys: "f64", values: this.values.subarray(0, rows), validity: this.validity.build() };
  }
}
