import type { Column } from "../contract/batch.ts";
import { assert } from "../contract/errors.ts";
import { limits } from "../contract/limits.ts";
import { kernels, type Pointer } from "../kernels/kernels.ts";
import { type KeyLayout, type KeyWords } from "./key-layout.ts";

const mode_insert = 1;
const mode_mark = 2;
const expected_max = 1 << 20;

/** `insert`: groups that are new get a row; `mark`: the rows count as changed for the next checkpoint. */
export interface LookupMode {
  readonly insert: boolean;
  readonly mark: boolean;
}

/** The rows of a batch to look up: its row numbers as a staged u32 array (0: from `first` on), and how many. */
export interface RowSelection {
  readonly selection: Pointer;
  readonly first: number;
  readonly count: number;
}

/**
 * A hash table from key columns to packed rows in linear memory: [header | key words | accumulators].
 *
 * A row is known by its address and never moves while it lives, so the aggregates' passes take arrays of addresses and do not
 * care which tables the rows are of. SQL's grouping equality holds: NULL = NULL, NaN = NaN, -0 = 0, strings by bytes.
 * New rows' accumulators are zero. Arrays of row addresses are staged (u32), under a mark of the caller.
 */
export class GroupTable {
  readonly keys: KeyLayout;
  private readonly table: Pointer;
  /** Gets frozen rows before they change; null: none are frozen. */
  private changing: ((rows: Pointer, count: number) => void) | null = null;

  /** `expected`: how many groups it will likely have; a guess that saves growing. */
  constructor(keys: KeyLayout, accumulator_bytes: number, expected = 0) {
    this.keys = keys;
    this.table = kernels().run.tableCreate(keys.keyWords, accumulator_bytes, keys.stringMask, Math.min(expected, expected_max)) >>> 0;
  }

  /** Live groups. */
  get size(): number {
    return kernels().run.tableSize(this.table) >>> 0;
  }

  /** Writes the address of row i's group to rows[i], for the selected i; 0 for an unknown group when not inserting. */
  lookup(words: KeyWords, selected: RowSelection, mode: LookupMode, rows: Pointer): void {
    const { run } = kernels();
    const { selection, first, count } = selected;
    const flags = (mode.insert ? mode_insert : 0) | (mode.mark ? mode_mark : 0);
    const nulls = words.nulls === 0 ? 0 : words.nulls + first * 4;
    const into = rows + first * 4;
    const [a, b] = words.words;
    if (a !== undefined && b === undefined) run.lookupOne(this.table, a + first * 8, nulls, selection, count, flags, into);
    else if (a !== undefined && b !== undefined && words.words.length === 2)
      run.lookupTwo(this.table, a + first * 8, b + first * 8, nulls, selection, count, flags, into);
    else run.lookupMany(this.table, this.stagePointers(words.words, first), nulls, selection, count, flags, into);
    if (this.changing !== null) this.giveMet(this.changing);
  }

  /** The same for the keys of rows of another table with this key layout. */
  lookupRows(sources: Pointer, count: number, mode: LookupMode, rows: Pointer): void {
    kernels().run.lookupRows(this.table, sources, count, (mode.insert ? mode_insert : 0) | (mode.mark ? mode_mark : 0), rows);
    if (this.changing !== null) this.giveMet(this.changing);
  }

  /** Encodes and looks up the first `rows` rows; returns the staged addresses. */
  find(columns: readonly Column[], rows: number, mode: LookupMode): Pointer {
    const into = kernels().staging.bytes(rows * 4);
    this.lookup(this.keys.encode(columns, rows), { selection: 0, first: 0, count: rows }, mode, into);
    return into;
  }

  /** Live rows in order of their birth, from a position (0 at first), at most `capacity`; `next` is where to go on, null at the end. */
  rows(position: number, capacity: number, into: Pointer): { readonly count: number; readonly next: number | null } {
    const { run } = kernels();
    const count = run.tableRows(this.table, position, into, capacity);
    const next = run.tableRowsNext.value >>> 0;
    return { count, next: next < run.tableUsed(this.table) >>> 0 ? next : null };
  }

  /** Every live row, staged. */
  allRows(): { readonly rows: Pointer; readonly count: number } {
    const rows = kernels().staging.bytes(this.size * 4);
    return { rows, count: this.rows(0, this.size, rows).count };
  }

  keyColumns(rows: Pointer, count: number): Column[] {
    return this.keys.decode(rows, count);
  }

  /** Removes groups; their rows may be handed out again at once. */
  erase(rows: Pointer, count: number): void {
    this.meet(rows, count);
    kernels().run.tableErase(this.table, rows, count);
  }

  /** Marks rows as changed: before they are, where they may be frozen. */
  mark(rows: Pointer, count: number): void {
    kernels().run.tableMark(this.table, rows, count);
    if (this.changing !== null) this.giveMet(this.changing);
  }

  /** Of these rows, those in the last checkpoint, to `into`. */
  storedRows(rows: Pointer, count: number, into: Pointer): number {
    this.meet(rows, count);
    return kernels().run.rowsStored(rows, count, into);
  }

  /** An upper bound of the rows that changed since the last `freeze`. */
  get dirtyCount(): number {
    return kernels().run.tableDirtyCount(this.table) >>> 0;
  }

  /** Writes the changed rows to `into`, which has room for `dirtyCount`; they stay changed. */
  dirtyRows(into: Pointer): number {
    return kernels().run.tableDirtyRows(this.table, into) >>> 0;
  }

  /**
   * Takes the changed rows as they are now: they are handed out by `takeFrozen` and count as stored then, or are given to `changing` under a staging mark
   * before they change, each once. All are to be taken before the next time.
   */
  freeze(changing: (rows: Pointer, count: number) => void): void {
    assert(this.changing === null, "what was frozen is taken before the next freeze");
    const { run } = kernels();
    if (this.dirtyCount === 0) return;
    run.tableFreeze(this.table);
    this.changing = changing;
  }

  /** Moves frozen rows to `into`; fewer than `capacity` only when none are left. */
  takeFrozen(into: Pointer, capacity: number): number {
    if (this.changing === null) return 0;
    const { run } = kernels();
    const count = run.tableTakeFrozen(this.table, into, capacity);
    if (run.tableFrozenCount(this.table) === 0) this.changing = null;
    return count;
  }

  /** Rows that change without being marked. Those that are marked, erased or freed need not be told of. */
  meet(rows: Pointer, count: number): void {
    if (this.changing === null) return;
    kernels().run.tableMeet(this.table, rows, count);
    this.giveMet(this.changing);
  }

  /** Nobody waits for frozen rows any more: the table will be freed. */
  thaw(): void {
    this.changing = null;
  }

  free(): void {
    this.meetAll();
    kernels().run.tableFree(this.table);
  }

  /** Before what the rows refer to is given up. */
  protected meetAll(): void {
    for (let { changing } = this; changing !== null; { changing } = this) this.giveFrozen(changing);
  }

  private giveFrozen(changing: (rows: Pointer, count: number) => void): void {
    staged(() => {
      const rows = kernels().staging.bytes(limits.snapshotPiece_rows * 4);
      const count = this.takeFrozen(rows, limits.snapshotPiece_rows);
      if (count > 0) changing(rows, count);
    });
  }

  private giveMet(changing: (rows: Pointer, count: number) => void): void {
    const { run } = kernels();
    const count = run.tableMetCount(this.table) >>> 0;
    if (count === 0) return;
    staged(() => {
      const rows = kernels().staging.bytes(count * 4);
      run.tableTakeMet(this.table, rows);
      changing(rows, count);
    });
  }

  private stagePointers(words: readonly Pointer[], first: number): Pointer {
    const { staging, heap } = kernels();
    const pointer = staging.bytes(words.length * 4);
    heap().u32.set(
      words.map((word) => word + first * 8),
      pointer >>> 2,
    );
    return pointer;
  }
}

/** Counts rows as in the last checkpoint (after a restore). */
export const setStored = (rows: Pointer, count: number): void => kernels().run.rowsSetStored(rows, count);

/** Of these rows, those not yet stamped with `stamp` (not 0), each once, to `into`: the groups that a batch touches. */
export const touchedRows = (rows: Pointer, count: number, stamp: number, into: Pointer): number =>
  kernels().run.rowsTouch(rows, count, stamp, into);

/** Runs `body` under a staging mark. */
export function staged<T>(body: () => T): T {
  const { staging } = kernels();
  const mark = staging.mark();
  try {
    return body();
  } finally {
    staging.release(mark);
  }
}

/** Row addresses as the kernels take them: staged, under a mark of the caller. */
export function stagedRows(rows: readonly number[]): Pointer {
  const { staging, heap } = kernels();
  const into = staging.bytes(rows.length * 4);
  heap().u32.set(rows, into >>> 2);
  return into;
}

/** The 64-bit words at an offset of rows, copied. Under a staging mark. */
export function gathered(rows: Pointer, count: number, offset: number): BigInt64Array {
  const { run, staging, heap } = kernels();
  const values = staging.bytes(count * 8);
  run.gather64(rows, count, offset, values);
  return heap().i64.slice(values >>> 3, (values >>> 3) + count);
}
