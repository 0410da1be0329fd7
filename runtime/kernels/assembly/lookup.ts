// Key words to rows. `words` are columns of 64-bit words, `nulls` a bit set of NULL key columns per row (0: none has a NULL),
// `selection` the batch's row numbers to look up (0: the rows from 0 to count). Row i's address goes to rows[i].
import { hashEnd, hashStep, hashWord } from "./hash";
import { insertRow, markRow, retainKey, row_header_bytes, tableDirtyFlag, tableKeyWords, tableMask, tableSlots } from "./table";

/** Insert groups that are new; else their address is 0. */
const mode_insert: i32 = 1;
/** Mark the rows as changed. */
const mode_mark: i32 = 2;

@inline function finishRow(table: usize, row: usize, mode: i32, rows: usize, j: usize): void {
  if ((mode & mode_mark) != 0 && row != 0 && (load<u32>(row, 12) & tableDirtyFlag(table)) == 0) markRow(table, row);
  store<u32>(rows + (j << 2), <u32>row);
}

export function lookupOne(table: usize, words: usize, nulls: usize, selection: usize, count: i32, mode: i32, rows: usize): void {
  let slots = tableSlots(table);
  let mask = tableMask(table);
  for (let i: usize = 0; i < <usize>count; i++) {
    const j = selection ? <usize>load<u32>(selection + (i << 2)) : i;
    const word = load<u64>(words + (j << 3));
    const rowNulls = nulls ? load<u32>(nulls + (j << 2)) : 0;
    const hash = hashWord(word, rowNulls);
    let p = hash & mask;
    let row: usize = 0;
    while (true) {
      const slot = slots + (<usize>p << 3);
      row = <usize>load<u32>(slot, 4);
      if (!row) break;
      if (load<u32>(slot) == hash && load<u64>(row, row_header_bytes) == word && load<u32>(row, 4) == rowNulls) break;
      p = (p + 1) & mask;
    }
    if (!row && (mode & mode_insert) != 0) {
      row = insertRow(table, hash, rowNulls);
      store<u64>(row, word, row_header_bytes);
      retainKey(table, row);
      slots = tableSlots(table);
      mask = tableMask(table);
    }
    finishRow(table, row, mode, rows, j);
  }
}

export function lookupTwo(table: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32, mode: i32, rows: usize): void {
  let slots = tableSlots(table);
  let mask = tableMask(table);
  for (let i: usize = 0; i < <usize>count; i++) {
    const j = selection ? <usize>load<u32>(selection + (i << 2)) : i;
    const first = load<u64>(a + (j << 3));
    const second = load<u64>(b + (j << 3));
    const rowNulls = nulls ? load<u32>(nulls + (j << 2)) : 0;
    const hash = hashEnd(hashStep(hashStep(<u64>rowNulls, first), second));
    let p = hash & mask;
    let row: usize = 0;
    while (true) {
      const slot = slots + (<usize>p << 3);
      row = <usize>load<u32>(slot, 4);
      if (!row) break;
      if (
        load<u32>(slot) == hash &&
        load<u64>(row, row_header_bytes) == first &&
        load<u64>(row, row_header_bytes + 8) == second &&
        load<u32>(row, 4) == rowNulls
      )
        break;
      p = (p + 1) & mask;
    }
    if (!row && (mode & mode_insert) != 0) {
      row = insertRow(table, hash, rowNulls);
      store<u64>(row, first, row_header_bytes);
      store<u64>(row, second, row_header_bytes + 8);
      retainKey(table, row);
      slots = tableSlots(table);
      mask = tableMask(table);
    }
    finishRow(table, row, mode, rows, j);
  }
}

@inline function wordAt(words: usize, c: usize, j: usize): u64 {
  return load<u64>(<usize>load<u32>(words + (c << 2)) + (j << 3));
}

function equalKey(row: usize, words: usize, keyWords: usize, j: usize): bool {
  for (let c: usize = 0; c < keyWords; c++) if (load<u64>(row + (c << 3), row_header_bytes) != wordAt(words, c, j)) return false;
  return true;
}

/** `words` is an array of the addresses of the key words' columns; there may be none (one group). */
export function lookupMany(table: usize, words: usize, nulls: usize, selection: usize, count: i32, mode: i32, rows: usize): void {
  const keyWords = <usize>tableKeyWords(table);
  for (let i: usize = 0; i < <usize>count; i++) {
    const j = selection ? <usize>load<u32>(selection + (i << 2)) : i;
    const rowNulls = nulls ? load<u32>(nulls + (j << 2)) : 0;
    let state: u64 = rowNulls;
    for (let c: usize = 0; c < keyWords; c++) state = hashStep(state, wordAt(words, c, j));
    const hash = hashEnd(state);
    const mask = tableMask(table);
    let p = hash & mask;
    let row: usize = 0;
    while (true) {
      const slot = tableSlots(table) + (<usize>p << 3);
      row = <usize>load<u32>(slot, 4);
      if (!row || (load<u32>(slot) == hash && load<u32>(row, 4) == rowNulls && equalKey(row, words, keyWords, j))) break;
      p = (p + 1) & mask;
    }
    if (!row && (mode & mode_insert) != 0) {
      row = insertRow(table, hash, rowNulls);
      for (let c: usize = 0; c < keyWords; c++) store<u64>(row + (c << 3), wordAt(words, c, j), row_header_bytes);
      retainKey(table, row);
    }
    finishRow(table, row, mode, rows, j);
  }
}

function sameKey(a: usize, b: usize, keyWords: usize): bool {
  for (let c: usize = 0; c < keyWords; c++) if (load<u64>(a + (c << 3), row_header_bytes) != load<u64>(b + (c << 3), row_header_bytes)) return false;
  return true;
}

/** The rows of `table` with the keys of `sources`, rows of a table with the same key columns and dictionary. */
export function lookupRows(table: usize, sources: usize, count: i32, mode: i32, rows: usize): void {
  const keyWords = <usize>tableKeyWords(table);
  for (let i: usize = 0; i < <usize>count; i++) {
    const source = <usize>load<u32>(sources + (i << 2));
    const hash = load<u32>(source);
    const rowNulls = load<u32>(source, 4);
    const mask = tableMask(table);
    let p = hash & mask;
    let row: usize = 0;
    while (true) {
      const slot = tableSlots(table) + (<usize>p << 3);
      row = <usize>load<u32>(slot, 4);
      if (!row || (load<u32>(slot) == hash && load<u32>(row, 4) == rowNulls && sameKey(row, source, keyWords))) break;
      p = (p + 1) & mask;
    }
    if (!row && (mode & mode_insert) != 0) {
      row = insertRow(table, hash, rowNulls);
      memory.copy(row + row_header_bytes, source + row_header_bytes, keyWords << 3);
      retainKey(table, row);
    }
    finishRow(table, row, mode, rows, i);
  }
}
