import type { Column } from "../../contract/batch.ts";
import { columnOf } from "../../contract/rows.ts";
import type { SqlType } from "../../contract/types.ts";
import type { Value } from "../../contract/value.ts";
import { type Cell, CellValidity, decode_rows_max } from "./cell.ts";

const none = Buffer.alloc(0);

/** Texts as views into the input. */
export class ViewCell implements Cell {
  private bytes: Buffer = none;
  private readonly start = new Int32Array(decode_rows_max);
  private readonly end = new Int32Array(decode_rows_max);
  private readonly validity = new CellValidity();

  begin(bytes: Buffer): void {
    this.bytes = bytes;
    this.validity.begin();
  }

  put(row: number, start: number, end: number): boolean {
    this.start[row] = start;
    this.end[row] = end;
    this.validity.setValid(row);
    return true;
  }

  putNull(row: number): void {
    this.start[row] = 0;
    this.end[row] = 0;
    this.validity.setNull(row);
  }

  column(rows: number): Column {
    const { start, end, bytes, validity } = this;
    return { phys: "bytes", start: start.subarray(0, rows), end: end.subarray(0, rows), bytes, validity: validity.build() };
  }
}

/** Values of the types that few rows have: kept as values until the batch is built. */
export class ValueCell implements Cell {
  private bytes: Buffer = none;
  private readonly type: SqlType;
  private readonly parse: (text: string) => Value;
  private readonly values: Value[] = [];

  constructor(type: SqlType, parse: (text: string) => Value) {
    this.type = type;
    this.parse = parse;
  }

  begin(bytes: Buffer): void {
    this.bytes = bytes;
    this.values.length = 0;
  }

  put(row: number, start: number, end: number): boolean {
    const value = this.parse(this.bytes.toString("utf8", start, end));
    this.values[row] = value;
    return value !== null;
  }

  putNull(row: number): void {
    this.values[row] = null;
  }

  column(rows: number): Column {
    return columnOf(this.type, this.values.slice(0, rows));
  }
}
