import type { Column, Validity } from "../../contract/batch.ts";
import { physicalOf, type SqlType } from "../../contract/types.ts";
import { ColumnBuffer } from "../../kernels/column-buffer.ts";
import { kernels, type Pointer } from "../../kernels/kernels.ts";
import { stageF64 } from "../../kernels/stage-column.ts";
import { type KeyColumn, keyColumnOf } from "../../state/key-column.ts";
import type { StringDictionary } from "../../state/string-dictionary.ts";
import type { StagedColumns } from "./input.ts";
import { gathered } from "./row-words.ts";

/** [word 0, word 1, state]: assembly/keep.ts. */
export const keptValue_bytes = 24;
const second_at = 8;

/** One staged column of values: word 0, and word 1 (0 for types of one word). */
export interface ValueWords {
  readonly first: Pointer;
  readonly second: Pointer;
}

/** How the kernels compare: as signed words, as 128 bits, as strings. */
export type WordOrder = 0 | 1 | 2;

/** Types whose words have SQL's order. */
export const isOrdered = (type: SqlType): boolean => !["interval", "list", "struct"].includes(physicalOf(type));

/**
 * A value of one type kept in packed rows: how columns become words and rows become a column again.
 * Floats are kept as integers of the same order, so that one comparison serves all types.
 */
export class KeptValue {
  readonly order: WordOrder;
  readonly holdsStrings: boolean;
  private readonly float: boolean;
  private readonly codec: KeyColumn;
  private readonly dictionary: StringDictionary;

  constructor(type: SqlType, dictionary: StringDictionary) {
    const phys = physicalOf(type);
    this.codec = keyColumnOf(type);
    this.dictionary = dictionary;
    this.float = phys === "f64";
    this.holdsStrings = this.codec.string;
    this.order = phys === "i128" ? 1 : this.codec.string ? 2 : 0;
  }

  /** Words of an argument, staged once a batch for the integers and floats that several calls share. */
  ofInput(staged: StagedColumns, c: number): ValueWords {
    const column = staged.column(c);
    if (this.float) return { first: staged.floatOrder(c), second: 0 };
    if (this.codec.words === 1 && !this.codec.string) return { first: staged.integers(c), second: 0 };
    return this.encode(column, staged.rows);
  }

  encode(column: Column, rows: number): ValueWords {
    if (this.float) return { first: this.floatWords(column, rows), second: 0 };
    const [first, second] = this.codec.encode(column, rows, this.dictionary.pointer);
    return { first: first as Pointer, second: second ?? 0 };
  }

  /** Words of rows' kept values at `offset`. */
  ofRows(rows: Pointer, count: number, offset: number): ValueWords {
    return { first: gathered(rows, count, offset), second: this.codec.words === 2 ? gathered(rows, count, offset + second_at) : 0 };
  }

  /** A mask of the rows that keep a value, and how many do. */
  held(rows: Pointer, count: number, offset: number): { readonly mask: Pointer; readonly set: number } {
    const { run, staging } = kernels();
    const mask = staging.bytes(count);
    return { mask, set: run.gatherValueState(rows, count, offset, mask) };
  }

  /** Rows' values as a column, NULL where a row keeps none. */
  read(rows: Pointer, count: number, offset: number, buffer: ColumnBuffer): Column {
    const { mask, set } = this.held(rows, count, offset);
    const { first, second } = this.ofRows(rows, count, offset);
    if (this.float) kernels().run.floatsOfOrder(first, count);
    return this.decode(first, second, count, buffer.validity(mask, set, count), buffer);
  }

  private decode(first: Pointer, second: Pointer, count: number, validity: Validity, buffer: ColumnBuffer): Column {
    return this.codec.decode([first, second], count, validity, buffer);
  }

  private floatWords(column: Column, rows: number): Pointer {
    if (column.phys !== "f64") throw new Error("invariant: floats are kept as f64");
    const { run, staging } = kernels();
    const words = staging.bytes(rows * 8);
    run.floatOrder(stageF64(column.values, rows), rows, words);
    return words;
  }
}
