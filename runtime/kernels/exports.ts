type Pointer = number;

/** What runtime/kernels/assembly/index.ts exports; its comments say what each does. Addresses come back signed: `>>> 0`. */
export interface KernelExports {
  allocate(bytes: number): Pointer;
  free(pointer: Pointer, bytes: number): void;
  memoryUsed(): number;

  dictionaryCreate(): Pointer;
  dictionarySize(dictionary: Pointer): number;
  dictionaryCollect(dictionary: Pointer): void;
  dictionaryFree(dictionary: Pointer): void;
  stringRange(starts: Pointer, ends: Pointer, validity: Pointer, rows: number): number;
  readonly rangeFrom: { readonly value: number };
  readonly rangeTo: { readonly value: number };
  stringWords(dictionary: Pointer, starts: Pointer, ends: Pointer, base: Pointer, validity: Pointer, rows: number, words: Pointer): void;
  wordsBytes(words: Pointer, rows: number): number;
  wordsToStrings(words: Pointer, rows: number, target: Pointer, starts: Pointer, ends: Pointer): void;

  tableCreate(keyWords: number, accumulatorBytes: number, stringMask: number, expected: number): Pointer;
  tableFree(table: Pointer): void;
  tableSize(table: Pointer): number;
  tableUsed(table: Pointer): number;
  tableRows(table: Pointer, position: number, rows: Pointer, capacity: number): number;
  readonly tableRowsNext: { readonly value: number };
  tableErase(table: Pointer, rows: Pointer, count: number): void;
  tableMark(table: Pointer, rows: Pointer, count: number): void;
  tableDirtyCount(table: Pointer): number;
  tableDirtyRows(table: Pointer, rows: Pointer): number;
  tableFreeze(table: Pointer): void;
  tableFrozenCount(table: Pointer): number;
  tableTakeFrozen(table: Pointer, rows: Pointer, capacity: number): number;
  tableMeet(table: Pointer, rows: Pointer, count: number): void;
  tableMetCount(table: Pointer): number;
  tableTakeMet(table: Pointer, rows: Pointer): void;
  rowsSetStored(rows: Pointer, count: number): void;
  rowsStored(rows: Pointer, count: number, into: Pointer): number;
  rowsTouch(rows: Pointer, count: number, stamp: number, into: Pointer): number;

  lookupOne(table: Pointer, words: Pointer, nulls: Pointer, selection: Pointer, count: number, mode: number, rows: Pointer): void;
  lookupTwo(table: Pointer, a: Pointer, b: Pointer, nulls: Pointer, selection: Pointer, count: number, mode: number, rows: Pointer): void;
  lookupMany(table: Pointer, words: Pointer, nulls: Pointer, selection: Pointer, count: number, mode: number, rows: Pointer): void;
  lookupRows(table: Pointer, sources: Pointer, count: number, mode: number, rows: Pointer): void;

  widenI32(values: Pointer, rows: number, words: Pointer): void;
  widenU8(values: Pointer, rows: number, words: Pointer): void;
  floatKeys(values: Pointer, rows: number, words: Pointer): void;
  floatOrder(values: Pointer, rows: number, words: Pointer): void;
  floatsOfOrder(words: Pointer, rows: number): void;
  applyNulls(validity: Pointer, rows: number, bit: number, nulls: Pointer, words: Pointer): void;
  andMask(a: Pointer, b: Pointer, rows: number, into: Pointer): void;
  gather64(rows: Pointer, count: number, offset: number, into: Pointer): void;
  gather32(rows: Pointer, count: number, offset: number, into: Pointer): void;
  gatherSet(rows: Pointer, count: number, offset: number, into: Pointer): number;
  gatherKeyValidity(rows: Pointer, count: number, bit: number, into: Pointer): number;
  narrowI32(words: Pointer, rows: number, into: Pointer): void;
  narrowU8(words: Pointer, rows: number, into: Pointer): void;
  rowsPositive(rows: Pointer, count: number, offset: number, into: Pointer): number;
  rowsZero(rows: Pointer, count: number, offset: number, into: Pointer): number;
  negate64(words: Pointer, rows: number): void;
  scatterConstant(rows: Pointer, count: number, offset: number, value: bigint): void;

  addCount(rows: Pointer, count: number, offset: number, mask: Pointer, weights: Pointer): void;
  addCounters(rows: Pointer, count: number, offset: number, values: Pointer): void;
  sumI64(rows: Pointer, count: number, offset: number, values: Pointer, mask: Pointer): void;
  sumI64Weighted(rows: Pointer, count: number, offset: number, values: Pointer, mask: Pointer, weights: Pointer): void;
  sumI128(rows: Pointer, count: number, offset: number, lo: Pointer, hi: Pointer, counts: Pointer, mask: Pointer, weights: Pointer): number;
  sumF64(rows: Pointer, count: number, offset: number, values: Pointer, counts: Pointer, mask: Pointer, weights: Pointer): void;
  productF64(rows: Pointer, count: number, offset: number, values: Pointer, counts: Pointer, mask: Pointer): void;
  minI64(rows: Pointer, count: number, offset: number, values: Pointer, mask: Pointer): void;
  maxI64(rows: Pointer, count: number, offset: number, values: Pointer, mask: Pointer): void;
  keepValue(
    rows: Pointer,
    count: number,
    offset: number,
    words: Pointer,
    second: Pointer,
    validity: Pointer,
    mask: Pointer,
    first: number,
    strings: number,
  ): void;
  keepExtreme(
    rows: Pointer,
    count: number,
    offset: number,
    words: Pointer,
    second: Pointer,
    mask: Pointer,
    order: number,
    greatest: number,
    won: Pointer,
  ): void;
  releaseValues(rows: Pointer, count: number, offset: number): void;
  gatherValueState(rows: Pointer, count: number, offset: number, into: Pointer): number;
  combineBits(rows: Pointer, count: number, offset: number, values: Pointer, mask: Pointer, operation: number): void;
  varianceF64(rows: Pointer, count: number, offset: number, values: Pointer, mask: Pointer, weights: Pointer): void;
  mergeVariance(rows: Pointer, count: number, offset: number, counts: Pointer, means: Pointer, m2s: Pointer): void;

  selectMask(mask: Pointer, rows: number, selection: Pointer): number;
  addDistinct(
    values: Pointer,
    groups: Pointer,
    count: number,
    offset: number,
    head: number,
    times: Pointer,
    mask: Pointer,
    signs: Pointer,
  ): void;
  endedValues(values: Pointer, count: number, offset: number, mask: Pointer, into: Pointer): number;
  chainRanges(groups: Pointer, count: number, head: number, offset: number, least: bigint, starts: Pointer, ends: Pointer): number;
  chainRows(
    groups: Pointer,
    count: number,
    head: number,
    offset: number,
    least: bigint,
    owners: Pointer,
    into: Pointer,
    intoOwners: Pointer,
  ): void;
  signMask(signs: Pointer, rows: number, least: number, mask: Pointer): void;

  sliceRuns(times: Pointer, rows: number, size: bigint, offset: bigint, ends: Pointer, from: Pointer): number;
  numberSlices(ends: Pointer, runs: number, slots: Pointer, slotMask: number, numbers: Pointer, distinct: Pointer): number;
  selectSlices(from: Pointer, numbers: Pointer, runs: number, rows: number, count: number, starts: Pointer, selection: Pointer): void;
}
