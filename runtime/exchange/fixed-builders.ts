import { type Column, words } from "../contract/batch.ts";
import { assert } from "../contract/errors.ts";
import { type ColumnBuilder, grownCapacity, type RowRange, ValidityBuilder } from "./column-builder.ts";

// One class for each lane type, so that each gather loop sees one array class only (kernels.md, pitfall 2).

class U8Lane {
  values = new Uint8Array(0);

  append(source: Uint8Array, range: RowRange, at: number): void {
    const { selection, from, to } = range;
    const values = this.reserve(at, at + to - from);
    if (selection === null) values.set(source.subarray(from, to), at);
    else for (let k = from; k < to; k++) values[at + k - from] = source[selection[k] as number] as number;
  }

  private reserve(have: number, need: number): Uint8Array {
    if (this.values.length < need) {
      const grown = new Uint8Array(grownCapacity(this.values.length, need));
      grown.set(this.values.subarray(0, have));
      this.values = grown;
    }
    return this.values;
  }
}

class I32Lane {
  values = new Int32Array(0);

  append(source: Int32Array, range: RowRange, at: number): void {
    const { selection, from, to } = range;
    const values = this.reserve(at, at + to - from);
    if (selection === null) values.set(source.subarray(from, to), at);
    else for (let k = from; k < to; k++) values[at + k - from] = source[selection[k] as number] as number;
  }

  private reserve(have: number, need: number): Int32Array {
    if (this.values.length < need) {
      const grown = new Int32Array(grownCapacity(this.values.length, need));
      grown.set(this.values.subarray(0, have));
      this.values = grown;
    }
    return this.values;
  }
}

/** Gathers 64-bit values as two 32-bit words each: no BigInt is made, whatever tier runs the loop. */
class I64Lane {
  values = new BigInt64Array(0);
  private targetWords: Int32Array = new Int32Array(0);

  append(source: BigInt64Array, range: RowRange, at: number): void {
    const { selection, from, to } = range;
    this.reserve(at, at + to - from);
    if (selection === null) {
      this.values.set(source.subarray(from, to), at);
      return;
    }
    const target = this.targetWords;
    const from32 = words(source);
    for (let k = from, t = 2 * at; k < to; k++, t += 2) {
      const s = 2 * (selection[k] as number);
      target[t] = from32[s] as number;
      target[t + 1] = from32[s + 1] as number;
    }
  }

  private reserve(have: number, need: number): void {
    if (this.values.length >= need) return;
    const grown = new BigInt64Array(grownCapacity(this.values.length, need));
    grown.set(this.values.subarray(0, have));
    this.values = grown;
    this.targetWords = words(grown);
  }
}

class F64Lane {
  values = new Float64Array(0);

  append(source: Float64Array, range: RowRange, at: number): void {
    const { selection, from, to } = range;
    const values = this.reserve(at, at + to - from);
    if (selection === null) values.set(source.subarray(from, to), at);
    else for (let k = from; k < to; k++) values[at + k - from] = source[selection[k] as number] as number;
  }

  private reserve(have: number, need: number): Float64Array {
    if (this.values.length < need) {
      const grown = new Float64Array(grownCapacity(this.values.length, need));
      grown.set(this.values.subarray(0, have));
      this.values = grown;
    }
    return this.values;
  }
}

abstract class FixedBuilder implements ColumnBuilder {
  protected rows = 0;
  protected readonly validity = new ValidityBuilder();

  append(column: Column, range: RowRange): void {
    this.appendLanes(column, range);
    this.validity.append(column.validity, range, this.rows);
    this.rows += range.to - range.from;
  }

  clear(): void {
    this.rows = 0;
    this.validity.clear();
  }

  variableBytes(): number {
    return 0;
  }

  abstract build(): Column;
  protected abstract appendLanes(column: Column, range: RowRange): void;
}

export class U8Builder extends FixedBuilder {
  private readonly lane = new U8Lane();

  protected override appendLanes(column: Column, range: RowRange): void {
    assert(column.phys === "u8", "the column is u8, as its schema says");
    this.lane.append(column.values, range, this.rows);
  }

  override build(): Column {
    return { phys: "u8", values: this.lane.values.subarray(0, this.rows), validity: this.validity.build(this.rows) };
  }
}

export class I32Builder extends FixedBuilder {
  private readonly lane = new I32Lane();

  protected override appendLanes(column: Column, range: RowRange): void {
    assert(column.phys === "i32", "the column is i32, as its schema says");
    this.lane.append(column.values, range, this.rows);
  }

  override build(): Column {
    return { phys: "i32", values: this.lane.values.subarray(0, this.rows), validity: this.validity.build(this.rows) };
  }
}

export class I64Builder extends FixedBuilder {
  private readonly lane = new I64Lane();

  protected override appendLanes(column: Column, range: RowRange): void {
    assert(column.phys === "i64", "the column is i64, as its schema says");
    this.lane.append(column.values, range, this.rows);
  }

  override build(): Column {
    return { phys: "i64", values: this.lane.values.subarray(0, this.rows), validity: this.validity.build(this.rows) };
  }
}

export class I128Builder extends FixedBuilder {
  private readonly lo = new I64Lane();
  private readonly hi = new I64Lane();

  protected override appendLanes(column: Column, range: RowRange): void {
    assert(column.phys === "i128", "the column is i128, as its schema says");
    this.lo.append(column.lo, range, this.rows);
    this.hi.append(column.hi, range, this.rows);
  }

  override build(): Column {
    const { rows } = this;
    return {
      phys: "i128",
      lo: this.lo.values.subarray(0, rows),
      hi: this.hi.values.subarray(0, rows),
      validity: this.validity.build(rows),
    };
  }
}

export class F64Builder extends FixedBuilder {
  private readonly lane = new F64Lane();

  protected override appendLanes(column: Column, range: RowRange): void {
    assert(column.phys === "f64", "the column is f64, as its schema says");
    this.lane.append(column.values, range, this.rows);
  }

  override build(): Column {
    return { phys: "f64", values: this.lane.values.subarray(0, this.rows), validity: this.validity.build(this.rows) };
  }
}

export class IntervalBuilder extends FixedBuilder {
  private readonly months = new I32Lane();
  private readonly days = new I32Lane();
  private readonly micros = new I64Lane();

  protected override appendLanes(column: Column, range: RowRange): void {
    assert(column.phys === "interval", "the column is an interval, as its schema says");
    this.months.append(column.months, range, this.rows);
    this.days.append(column.days, range, this.rows);
    this.micros.append(column.micros, range, this.rows);
  }

  override build(): Column {
    const { rows } = this;
    return {
      phys: "interval",
      months: this.months.values.subarray(0, rows),
      days: this.days.values.subarray(0, rows),
      micros: this.micros.values.subarray(0, rows),
      validity: this.validity.build(rows),
    };
  }
}
