import type { Column } from "../contract/batch.ts";
import { SqlError } from "../contract/errors.ts";
import type { SqlType } from "../contract/types.ts";
import { ColumnBuffer } from "../kernels/column-buffer.ts";
import { kernels, type Pointer } from "../kernels/kernels.ts";
import { stageU8 } from "../kernels/stage-column.ts";
import { type KeyColumn, keyColumnOf } from "./key-column.ts";
import { StringDictionary } from "./string-dictionary.ts";

/** Header of a packed row in front of its key words (assembly/table.ts). */
export const rowHeader_bytes = 16;
const keyWords_max = 32;

/** The staged keys of a batch: one array of words per key word, one NULL bit set per row (0: no NULL in the batch). */
export interface KeyWords {
  readonly words: readonly Pointer[];
  readonly nulls: Pointer;
}

/**
 * The key columns of one operator: how they lie in packed rows, and the dictionary of their long strings, which all tables of
 * the operator share (so rows of one table can be looked up in another).
 */
export class KeyLayout {
  readonly types: readonly SqlType[];
  readonly keyWords: number;
  readonly stringMask: number;
  private readonly dictionary: StringDictionary;
  private readonly columns: readonly KeyColumn[];
  private readonly buffers: readonly ColumnBuffer[];

  constructor(types: readonly SqlType[]) {
    this.types = types;
    this.columns = types.map(keyColumnOf);
    this.buffers = types.map(() => new ColumnBuffer());
    let word = 0;
    let mask = 0;
    for (const column of this.columns) {
      if (column.string) mask |= 1 << word;
      word += column.words;
    }
    if (word > keyWords_max)
      throw new SqlError({
        sqlState: "54000",
        message: `too many key columns: their keys take ${word} words, at most ${keyWords_max} are kept`,
      });
    this.keyWords = word;
    this.stringMask = mask;
    this.dictionary = new StringDictionary();
  }

  /** Stages the keys of the first `rows` rows; good until the staging mark in force is released. */
  encode(columns: readonly Column[], rows: number): KeyWords {
    this.dictionary.collect();
    const { run } = kernels();
    const words: Pointer[] = [];
    let nulls = 0;
    for (const [c, key] of this.columns.entries()) {
      const column = columns[c] as Column;
      const own = key.encode(column, rows, this.dictionary.pointer);
      if (column.validity !== null) {
        if (nulls === 0) nulls = clearedNulls(rows);
        const validity = stageU8(column.validity, rows);
        for (const pointer of own) run.applyNulls(validity, rows, 1 << c, nulls, pointer);
      }
      words.push(...own);
    }
    return { words, nulls };
  }

  /** The key columns `from` up to `to` of rows, in arrays that are reused by the next call. */
  decode(rows: Pointer, count: number, from = 0, to = this.columns.length): Column[] {
    return this.columns.slice(from, to).map((_, i) => this.decodeColumn(rows, count, from + i));
  }

  private decodeColumn(rows: Pointer, count: number, c: number): Column {
    const { run, staging } = kernels();
    const key = this.columns[c] as KeyColumn;
    const buffer = this.buffers[c] as ColumnBuffer;
    const words = Array.from({ length: key.words }, (_, w) => {
      const pointer = staging.bytes(count * 8);
      run.gather64(rows, count, rowHeader_bytes + 8 * (this.firstWord(c) + w), pointer);
      return pointer;
    });
    const mask = staging.bytes(count);
    const valid = run.gatherKeyValidity(rows, count, 1 << c, mask);
    return key.decode(words, count, buffer.validity(mask, valid, count), buffer);
  }

  free(): void {
    this.dictionary.free();
  }

  private firstWord(c: number): number {
    return this.columns.slice(0, c).reduce((words, column) => words + column.words, 0);
  }
}

function clearedNulls(rows: number): Pointer {
  const { staging, heap } = kernels();
  const pointer = staging.bytes(rows * 4);
  heap().u8.fill(0, pointer, pointer + rows * 4);
  return pointer;
}
