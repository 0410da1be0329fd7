import type { Column, ListColumn } from "../contract/batch.ts";
import { assert } from "../contract/errors.ts";
import { type ColumnBuilder, grownCapacity, type MakeColumnBuilder, type RowRange, ValidityBuilder } from "./column-builder.ts";
import { copyStrings, gatherStrings, selectedStringBytes, stringBytes } from "./copy-strings.ts";
import { framePadding_bytes, type LayoutNode } from "./frame-layout.ts";

/** Keeps the first `rows` + 1 offsets of an array that must hold `need` + 1. */
function growOffsets(offsets: Int32Array, rows: number, need: number): Int32Array {
  if (offsets.length > need) return offsets;
  const grown = new Int32Array(grownCapacity(offsets.length, need + 1));
  grown.set(offsets.subarray(0, rows + 1));
  return grown;
}

export class BytesBuilder implements ColumnBuilder {
  private rows = 0;
  /** Value i is bytes[offsets[i], offsets[i + 1]). */
  private offsets: Int32Array = new Int32Array(1);
  private bytes = new Uint8Array(0);
  private readonly validity = new ValidityBuilder();

  append(column: Column, range: RowRange): void {
    assert(column.phys === "bytes", "the column holds bytes, as its schema says");
    const { selection, from, to } = range;
    const { rows } = this;
    const at = this.offsets[rows] as number;
    this.offsets = growOffsets(this.offsets, rows, rows + to - from);
    if (selection === null) {
      const slice = from === 0 ? column : sliceBytes(column, from, to);
      this.reserve(at, at + stringBytes(slice, to - from));
      copyStrings(slice, to - from, this.bytes, at, this.offsets, rows + 1);
    } else {
      this.reserve(at, at + selectedStringBytes(column, selection, from, to));
      gatherStrings(column, selection, from, to, this.bytes, at, this.offsets, rows + 1);
    }
    this.validity.append(column.validity, range, rows);
    this.rows += to - from;
  }

  build(): Column {
    const { rows, bytes, offsets } = this;
    return {
      phys: "bytes",
      start: offsets.subarray(0, rows),
      end: offsets.subarray(1, rows + 1),
      bytes,
      validity: this.validity.build(rows),
    };
  }

  clear(): void {
    this.rows = 0;
    this.validity.clear();
  }

  variableBytes(): number {
    return this.offsets[this.rows] as number;
  }

  private reserve(have: number, need: number): void {
    if (this.bytes.length >= need + framePadding_bytes) return;
    const grown = new Uint8Array(grownCapacity(this.bytes.length, need + framePadding_bytes));
    grown.set(this.bytes.subarray(0, have));
    this.bytes = grown;
  }
}

function sliceBytes(column: Extract<Column, { phys: "bytes" }>, from: number, to: number): Extract<Column, { phys: "bytes" }> {
  return {
    phys: "bytes",
    start: column.start.subarray(from, to),
    end: column.end.subarray(from, to),
    bytes: column.bytes,
    validity: column.validity === null ? null : column.validity.subarray(from, to),
  };
}

export class ListBuilder implements ColumnBuilder {
  private rows = 0;
  private offsets: Int32Array = new Int32Array(1);
  private readonly child: ColumnBuilder;
  private readonly validity = new ValidityBuilder();

  constructor(node: LayoutNode, make: MakeColumnBuilder) {
    this.child = make(node.children[0] as LayoutNode);
  }

  append(column: Column, range: RowRange): void {
    assert(column.phys === "list", "the column is a list, as its schema says");
    const { from, to } = range;
    const { rows } = this;
    this.offsets = growOffsets(this.offsets, rows, rows + to - from);
    this.appendChildren(column, range);
    this.validity.append(column.validity, range, rows);
    this.rows += to - from;
  }

  /** Values that lie behind each other in the child go over as one run. */
  private appendChildren(column: ListColumn, range: RowRange): void {
    const { selection, from, to } = range;
    const { start, end, validity, child } = column;
    let position = this.offsets[this.rows] as number;
    let runStart = 0;
    let runEnd = 0;
    const flush = (): void => {
      if (runEnd > runStart) this.child.append(child, { selection: null, from: runStart, to: runEnd });
    };
    for (let k = from; k < to; k++) {
      const row = selection === null ? k : (selection[k] as number);
      const s = start[row] as number;
      const e = validity !== null && validity[row] === 0 ? s : (end[row] as number);
      if (e > s) {
        if (s !== runEnd) {
          flush();
          runStart = s;
        }
        runEnd = e;
      }
      position += e - s;
      this.offsets[this.rows + 1 + k - from] = position;
    }
    flush();
  }

  build(): Column {
    const { rows, offsets } = this;
    return {
      phys: "list",
      start: offsets.subarray(0, rows),
      end: offsets.subarray(1, rows + 1),
      child: this.child.build(),
      childRows: offsets[rows] as number,
      validity: this.validity.build(rows),
    };
  }

  clear(): void {
    this.rows = 0;
    this.validity.clear();
    this.child.clear();
  }

  variableBytes(): number {
    // Children of a fixed width count as 16 bytes, the widest there is.
    return (this.offsets[this.rows] as number) * 16 + this.child.variableBytes();
  }
}

export class StructBuilder implements ColumnBuilder {
  private rows = 0;
  private readonly fields: readonly ColumnBuilder[];
  private readonly validity = new ValidityBuilder();

  constructor(node: LayoutNode, make: MakeColumnBuilder) {
    this.fields = node.children.map(make);
  }

  append(column: Column, range: RowRange): void {
    assert(column.phys === "struct", "the column is a struct, as its schema says");
    this.fields.forEach((field, k) => {
      field.append(column.fields[k] as Column, range);
    });
    this.validity.append(column.validity, range, this.rows);
    this.rows += range.to - range.from;
  }

  build(): Column {
    return { phys: "struct", fields: this.fields.map((field) => field.build()), validity: this.validity.build(this.rows) };
  }

  clear(): void {
    this.rows = 0;
    this.validity.clear();
    for (const field of this.fields) field.clear();
  }

  variableBytes(): number {
    return this.fields.reduce((sum, field) => sum + field.variableBytes(), 0);
  }
}
