// A hash table of packed rows. A row is [hash u32, nulls u32, stamp u32, flags u32 | key words | accumulators] and never moves
// while it lives, so its address is its identity: kernels take arrays of row addresses, whatever tables the rows are of.
import { allocate, allocateBlock, blockLog, free, freeBlock } from "./memory";
import { releaseWord, retainWord } from "./dictionary";

export const row_header_bytes: usize = 16;
export const flag_stored: u32 = 2;
export const flag_erased: u32 = 4;
// Two flags take turns: one says that a row changed since the last freeze, the other that it had changed before it and is not written yet.
const flag_evenTurn: u32 = 1;
const flag_oddTurn: u32 = 8;
const flag_turns: u32 = 9;

// Header: slots @0, mask @4, size @8, used @12 (rows handed out), keyWords @16, stride @20, freeRow @24, stringMask @28,
// dirty list @32, dirty flag @44, pages @48, frozen list @160, met list @172. A list is address, count, capacity.
// Page k holds 32 * 2^k rows, so that no growth copies rows.
const table_bytes: usize = 184;
const dirty_at: usize = 32;
const dirtyFlag_at: usize = 44;
const pages_at: usize = 48;
const frozen_at: usize = 160;
const met_at: usize = 172;
const page_rows_log: u32 = 5;
const slots_min: u32 = 64;
// Up to here a quarter of the slots is filled, beyond it half: a second probe costs a mispredicted branch, slots cost cache.
const sparseSlots_max: u32 = 131072;

@inline export function tableSlots(table: usize): usize {
  return <usize>load<u32>(table);
}
@inline export function tableMask(table: usize): u32 {
  return load<u32>(table, 4);
}
@inline export function tableKeyWords(table: usize): u32 {
  return load<u32>(table, 16);
}
/** The flag of rows that changed since the last freeze. */
@inline export function tableDirtyFlag(table: usize): u32 {
  return load<u32>(table, dirtyFlag_at);
}

/** `stringMask` has bit c set where key word c is a string word. `accumulatorBytes` is a multiple of 8. `expected`: groups to come. */
export function tableCreate(keyWords: u32, accumulatorBytes: u32, stringMask: u32, expected: u32): usize {
  const table = allocate(table_bytes);
  memory.fill(table, 0, table_bytes);
  store<u32>(table, keyWords, 16);
  store<u32>(table, <u32>row_header_bytes + keyWords * 8 + accumulatorBytes, 20);
  store<u32>(table, stringMask, 28);
  store<u32>(table, flag_evenTurn, dirtyFlag_at);
  let slots = slots_min;
  while (roomOf(slots) < expected) slots <<= 1;
  newSlots(table, slots);
  return table;
}

/** Groups that may fill so many slots. */
@inline function roomOf(slots: u32): u32 {
  return slots <= sparseSlots_max ? slots >> 2 : slots >> 1;
}

function newSlots(table: usize, count: u32): void {
  const slots = allocate(<usize>count << 3);
  memory.fill(slots, 0, <usize>count << 3);
  store<u32>(table, <u32>slots);
  store<u32>(table, count - 1, 4);
}

export function tableSize(table: usize): u32 {
  return load<u32>(table, 8);
}

/** Positions for `tableRows`: rows ever handed out, erased ones included. */
export function tableUsed(table: usize): u32 {
  return load<u32>(table, 12);
}

@inline function pageOf(position: u32): u32 {
  return 31 - clz<u32>((position >> page_rows_log) + 1);
}

@inline function rowAt(table: usize, position: u32): usize {
  const page = pageOf(position);
  const first = ((<u32>1 << page) - 1) << page_rows_log;
  return <usize>load<u32>(table + pages_at + (<usize>page << 2)) + <usize>(position - first) * <usize>load<u32>(table, 20);
}

function freshRow(table: usize): usize {
  const position = load<u32>(table, 12);
  const page = table + pages_at + (<usize>pageOf(position) << 2);
  if (!load<u32>(page)) store<u32>(page, <u32>allocate(<usize>load<u32>(table, 20) << (page_rows_log + pageOf(position))));
  store<u32>(table, position + 1, 12);
  return rowAt(table, position);
}

// The next free row is linked through its first key word.
function takeRow(table: usize): usize {
  const row = <usize>load<u32>(table, 24);
  if (!row) return freshRow(table);
  store<u32>(table, load<u32>(row, row_header_bytes), 24);
  return row;
}

function growSlots(table: usize): void {
  const old = tableSlots(table);
  const oldCount = <usize>tableMask(table) + 1;
  newSlots(table, <u32>oldCount * 2);
  const slots = tableSlots(table);
  const mask = tableMask(table);
  for (let i: usize = 0; i < oldCount; i++) {
    const slot = load<u64>(old + (i << 3));
    if (slot >> 32 == 0) continue;
    let p = <u32>slot & mask;
    while (load<u32>(slots + (<usize>p << 3), 4)) p = (p + 1) & mask;
    store<u64>(slots + (<usize>p << 3), slot);
  }
  free(old, oldCount << 3);
}

/** A new row, cleared, whose key the caller stores and then calls `retainKey`. May replace the table's slots. */
export function insertRow(table: usize, hash: u32, nulls: u32): usize {
  const size = load<u32>(table, 8) + 1;
  if (size > roomOf(tableMask(table) + 1)) growSlots(table);
  store<u32>(table, size, 8);
  const row = takeRow(table);
  memory.fill(row, 0, <usize>load<u32>(table, 20));
  store<u32>(row, hash);
  store<u32>(row, nulls, 4);
  const slots = tableSlots(table);
  const mask = tableMask(table);
  let p = hash & mask;
  while (load<u32>(slots + (<usize>p << 3), 4)) p = (p + 1) & mask;
  store<u64>(slots + (<usize>p << 3), (<u64>row << 32) | <u64>hash);
  return row;
}

export function retainKey(table: usize, row: usize): void {
  let strings = load<u32>(table, 28);
  while (strings) {
    retainWord(load<u64>(row + (<usize>ctz(strings) << 3), row_header_bytes));
    strings &= strings - 1;
  }
}

function releaseKey(table: usize, row: usize): void {
  let strings = load<u32>(table, 28);
  while (strings) {
    releaseWord(load<u64>(row + (<usize>ctz(strings) << 3), row_header_bytes));
    strings &= strings - 1;
  }
}

function push(list: usize, row: usize): void {
  const count = load<u32>(list, 4);
  const capacity = load<u32>(list, 8);
  if (count == capacity) growList(list, capacity);
  store<u32>(<usize>load<u32>(list) + (<usize>count << 2), <u32>row);
  store<u32>(list, count + 1, 4);
}

function growList(list: usize, capacity: u32): void {
  const log = capacity ? blockLog(<usize>capacity << 3) : 8;
  const grown = allocateBlock(log);
  if (capacity) memory.copy(grown, load<u32>(list), <usize>capacity << 2);
  freeList(list);
  store<u32>(list, <u32>grown);
  store<u32>(list, <u32>1 << (log - 2), 8);
}

function freeList(list: usize): void {
  const capacity = <usize>load<u32>(list, 8);
  if (capacity) freeBlock(<usize>load<u32>(list), blockLog(capacity << 2));
}

/** The row is about to change: if it is frozen, it is met, which is to be written before. */
@inline function meetRow(table: usize, row: usize): void {
  const flags = load<u32>(row, 12);
  const frozen = tableDirtyFlag(table) ^ flag_turns;
  if ((flags & frozen) == 0) return;
  store<u32>(row, (flags & ~frozen) | flag_stored, 12);
  push(table + met_at, row);
}

/** Remembers the row as changed since the last `tableFreeze`, once. */
export function markRow(table: usize, row: usize): void {
  meetRow(table, row);
  push(table + dirty_at, row);
  store<u32>(row, load<u32>(row, 12) | tableDirtyFlag(table), 12);
}

export function tableMark(table: usize, rows: usize, count: i32): void {
  const dirty = tableDirtyFlag(table);
  for (let i: usize = 0; i < <usize>count; i++) {
    const row = <usize>load<u32>(rows + (i << 2));
    if ((load<u32>(row, 12) & dirty) == 0) markRow(table, row);
  }
}

export function tableDirtyCount(table: usize): u32 {
  return load<u32>(table + dirty_at, 4);
}

/** The changed rows, which stay changed; a place that was used again may be there twice. */
export function tableDirtyRows(table: usize, rows: usize): i32 {
  const list = <usize>load<u32>(table + dirty_at);
  const count = load<u32>(table + dirty_at, 4);
  const dirty = tableDirtyFlag(table);
  let found: i32 = 0;
  for (let i: usize = 0; i < <usize>count; i++) {
    const row = load<u32>(list + (i << 2));
    if ((load<u32>(<usize>row, 12) & (dirty | flag_erased)) != dirty) continue;
    store<u32>(rows + (<usize>found << 2), row);
    found++;
  }
  return found;
}

/** The changed rows are frozen: each is handed out by `tableTakeFrozen`, or met before it changes. None may be left from before. */
export function tableFreeze(table: usize): void {
  const dirty = table + dirty_at;
  const frozen = table + frozen_at;
  for (let at: usize = 0; at < 12; at += 4) {
    const word = load<u32>(dirty + at);
    store<u32>(dirty + at, load<u32>(frozen + at));
    store<u32>(frozen + at, word);
  }
  store<u32>(table, tableDirtyFlag(table) ^ flag_turns, dirtyFlag_at);
}

/** An upper bound of the frozen rows that are left. */
export function tableFrozenCount(table: usize): u32 {
  return load<u32>(table + frozen_at, 4);
}

/** The next up to `capacity` frozen rows, from the list's end; they count as stored afterwards. Fewer only when none are left. */
export function tableTakeFrozen(table: usize, rows: usize, capacity: i32): i32 {
  const list = table + frozen_at;
  const flag = tableDirtyFlag(table) ^ flag_turns;
  let left = load<u32>(list, 4);
  let taken: i32 = 0;
  while (left > 0 && taken < capacity) {
    const row = <usize>load<u32>(<usize>load<u32>(list) + (<usize>(--left) << 2));
    const flags = load<u32>(row, 12);
    // An erased row's place may have been taken by a new group that is in the list a second time.
    if ((flags & (flag | flag_erased)) != flag) continue;
    store<u32>(row, (flags & ~flag) | flag_stored, 12);
    store<u32>(rows + (<usize>taken << 2), <u32>row);
    taken++;
  }
  store<u32>(list, left, 4);
  return taken;
}

/** These rows are about to change without being marked, or to end. */
export function tableMeet(table: usize, rows: usize, count: i32): void {
  for (let i: usize = 0; i < <usize>count; i++) meetRow(table, <usize>load<u32>(rows + (i << 2)));
}

export function tableMetCount(table: usize): u32 {
  return load<u32>(table + met_at, 4);
}

/** Moves the met rows to `rows`. */
export function tableTakeMet(table: usize, rows: usize): void {
  const list = table + met_at;
  memory.copy(rows, load<u32>(list), <usize>load<u32>(list, 4) << 2);
  store<u32>(list, 0, 4);
}

export function rowsSetStored(rows: usize, count: i32): void {
  for (let i: usize = 0; i < <usize>count; i++) {
    const row = <usize>load<u32>(rows + (i << 2));
    store<u32>(row, load<u32>(row, 12) | flag_stored, 12);
  }
}

/** Of the given rows those that a checkpoint holds. */
export function rowsStored(rows: usize, count: i32, into: usize): i32 {
  let k: i32 = 0;
  for (let i: usize = 0; i < <usize>count; i++) {
    const row = load<u32>(rows + (i << 2));
    if ((load<u32>(<usize>row, 12) & flag_stored) == 0) continue;
    store<u32>(into + (<usize>k << 2), row);
    k++;
  }
  return k;
}

/** Of the given rows those not yet stamped with `stamp`, each once: the groups that a batch touches. */
export function rowsTouch(rows: usize, count: i32, stamp: u32, into: usize): i32 {
  let k: i32 = 0;
  for (let i: usize = 0; i < <usize>count; i++) {
    const row = load<u32>(rows + (i << 2));
    if (load<u32>(<usize>row, 8) == stamp) continue;
    store<u32>(<usize>row, stamp, 8);
    store<u32>(into + (<usize>k << 2), row);
    k++;
  }
  return k;
}

export let tableRowsNext: u32 = 0;

/** Live rows from `position` on, up to `capacity`, in order of their birth; `tableRowsNext` is where to go on. */
export function tableRows(table: usize, position: u32, rows: usize, capacity: i32): i32 {
  const used = load<u32>(table, 12);
  const stride = <usize>load<u32>(table, 20);
  let k: i32 = 0;
  while (position < used && k < capacity) {
    const page = pageOf(position);
    const end = min(used, ((<u32>2 << page) - 1) << page_rows_log);
    let row = rowAt(table, position);
    for (; position < end && k < capacity; position++, row += stride) {
      if (load<u32>(row, 12) & flag_erased) continue;
      store<u32>(rows + (<usize>k << 2), <u32>row);
      k++;
    }
  }
  tableRowsNext = position;
  return k;
}

// Backward shift: closes the hole so that no tombstones lengthen later probes.
function removeSlot(table: usize, row: usize): void {
  const slots = tableSlots(table);
  const mask = tableMask(table);
  let hole = load<u32>(row) & mask;
  while (load<u32>(slots + (<usize>hole << 3), 4) != <u32>row) hole = (hole + 1) & mask;
  let p = hole;
  while (true) {
    p = (p + 1) & mask;
    const slot = load<u64>(slots + (<usize>p << 3));
    if (slot >> 32 == 0) break;
    const home = <u32>slot & mask;
    if (((p - home) & mask) >= ((p - hole) & mask)) {
      store<u64>(slots + (<usize>hole << 3), slot);
      hole = p;
    }
  }
  store<u64>(slots + (<usize>hole << 3), 0);
}

export function tableErase(table: usize, rows: usize, count: i32): void {
  for (let i: usize = 0; i < <usize>count; i++) {
    const row = <usize>load<u32>(rows + (i << 2));
    removeSlot(table, row);
    releaseKey(table, row);
    store<u32>(row, flag_erased, 12);
    store<u32>(row, load<u32>(table, 24), row_header_bytes);
    store<u32>(table, <u32>row, 24);
  }
  store<u32>(table, load<u32>(table, 8) - <u32>count, 8);
}

function releaseKeys(table: usize): void {
  const used = load<u32>(table, 12);
  for (let position: u32 = 0; position < used; position++) {
    const row = rowAt(table, position);
    if ((load<u32>(row, 12) & flag_erased) == 0) releaseKey(table, row);
  }
}

export function tableFree(table: usize): void {
  if (load<u32>(table, 28)) releaseKeys(table);
  const stride = <usize>load<u32>(table, 20);
  for (let page: u32 = 0; page < 28; page++) {
    const block = load<u32>(table + pages_at + (<usize>page << 2));
    if (block) free(<usize>block, stride << (page_rows_log + page));
  }
  freeList(table + dirty_at);
  freeList(table + frozen_at);
  freeList(table + met_at);
  free(tableSlots(table), (<usize>tableMask(table) + 1) << 3);
  free(table, table_bytes);
}
