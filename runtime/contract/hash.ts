import { type Batch, type Column, type Validity, words } from "./batch.ts";

/**
 * The stable hash that decides key groups and exchange channels (semantics.md section 7). It must never change between
 * versions: restored state is found by it. MurmurHash3's mixing (Austin Appleby, public domain) over canonical words of the key.
 * Equal SQL values have equal hashes: integers are sign-extended to 64 bits, -0 = 0, all NaN are one, NULL has a hash of its own.
 * The WebAssembly twin of this function must give the same numbers.
 */
const c1 = 0xcc9e2d51 | 0;
const c2 = 0x1b873593 | 0;
const nullWord = 0x9e3779b9 | 0;

function mixWord(h: number, word: number): number {
  let k = Math.imul(word, c1);
  k = (k << 15) | (k >>> 17);
  const x = h ^ Math.imul(k, c2);
  return (Math.imul((x << 13) | (x >>> 19), 5) + 0xe6546b64) | 0;
}

function finish(h: number): number {
  let x = h ^ (h >>> 16);
  x = Math.imul(x, 0x85ebca6b);
  x ^= x >>> 13;
  x = Math.imul(x, 0xc2b2ae35);
  return x ^ (x >>> 16);
}

const floatBits = new Float64Array(1);
const floatWords = new Int32Array(floatBits.buffer);

function mixFloat(h: number, value: number): number {
  floatBits[0] = value === 0 ? 0 : Number.isNaN(value) ? Number.NaN : value;
  return mixWord(mixWord(h, floatWords[0] as number), Number.isNaN(value) ? 0x7ff80000 : (floatWords[1] as number));
}

/** Four bytes at a time, little-endian, the rest as one last word; then the length. */
function mixBytes(h: number, bytes: Uint8Array, start: number, end: number): number {
  let x = h;
  let i = start;
  for (; i + 4 <= end; i += 4) {
    x = mixWord(
      x,
      (bytes[i] as number) | ((bytes[i + 1] as number) << 8) | ((bytes[i + 2] as number) << 16) | ((bytes[i + 3] as number) << 24),
    );
  }
  let tail = 0;
  for (let shift = 0; i < end; i++, shift += 8) tail |= (bytes[i] as number) << shift;
  return mixWord(mixWord(x, tail), end - start);
}

function mixValue(h: number, column: Column, row: number): number {
  if (column.validity !== null && column.validity[row] === 0) return mixWord(h, nullWord);
  switch (column.phys) {
    case "u8":
      return mixWord(mixWord(h, column.values[row] as number), 0);
    case "i32": {
      const v = column.values[row] as number;
      return mixWord(mixWord(h, v), v >> 31);
    }
    case "i64": {
      const w = words(column.values);
      return mixWord(mixWord(h, w[2 * row] as number), w[2 * row + 1] as number);
    }
    case "i128": {
      const lo = words(column.lo);
      const hi = words(column.hi);
      const low = mixWord(mixWord(h, lo[2 * row] as number), lo[2 * row + 1] as number);
      return mixWord(mixWord(low, hi[2 * row] as number), hi[2 * row + 1] as number);
    }
    case "f64":
      return mixFloat(h, column.values[row] as number);
    case "bytes":
      return mixBytes(h, column.bytes, column.start[row] as number, column.end[row] as number);
    case "interval": {
      const w = words(column.micros);
      const x = mixWord(mixWord(h, column.months[row] as number), column.days[row] as number);
      return mixWord(mixWord(x, w[2 * row] as number), w[2 * row + 1] as number);
    }
    case "list": {
      let x = h;
      const end = column.end[row] as number;
      for (let i = column.start[row] as number; i < end; i++) x = mixValue(x, column.child, i);
      return mixWord(x, end - (column.start[row] as number));
    }
    case "struct":
      return column.fields.reduce((x, field) => mixValue(x, field, row), h);
  }
}

const isNull = (validity: Validity, row: number): boolean => validity !== null && validity[row] === 0;

/** The kinds that keys nearly always have in loops of their own; views of words are made once, not per value. */
function mixColumn(column: Column, rows: number, into: Int32Array): void {
  const { validity } = column;
  switch (column.phys) {
    case "i64":
      return mixLongs(words(column.values), validity, rows, into);
    case "i128": {
      const lo = words(column.lo);
      const hi = words(column.hi);
      for (let i = 0; i < rows; i++) {
        const h = into[i] as number;
        if (isNull(validity, i)) into[i] = mixWord(h, nullWord);
        else {
          const low = mixWord(mixWord(h, lo[2 * i] as number), lo[2 * i + 1] as number);
          into[i] = mixWord(mixWord(low, hi[2 * i] as number), hi[2 * i + 1] as number);
        }
      }
      return;
    }
    case "i32": {
      const { values } = column;
      for (let i = 0; i < rows; i++) {
        const h = into[i] as number;
        const v = values[i] as number;
        into[i] = isNull(validity, i) ? mixWord(h, nullWord) : mixWord(mixWord(h, v), v >> 31);
      }
      return;
    }
    case "bytes": {
      const { bytes, start, end } = column;
      for (let i = 0; i < rows; i++) {
        const h = into[i] as number;
        into[i] = isNull(validity, i) ? mixWord(h, nullWord) : mixBytes(h, bytes, start[i] as number, end[i] as number);
      }
      return;
    }
    default:
      for (let i = 0; i < rows; i++) into[i] = mixValue(into[i] as number, column, i);
  }
}

function mixLongs(lanes: Int32Array, validity: Validity, rows: number, into: Int32Array): void {
  if (validity === null) {
    for (let i = 0; i < rows; i++) into[i] = mixWord(mixWord(into[i] as number, lanes[2 * i] as number), lanes[2 * i + 1] as number);
    return;
  }
  for (let i = 0; i < rows; i++) {
    const h = into[i] as number;
    into[i] = validity[i] === 0 ? mixWord(h, nullWord) : mixWord(mixWord(h, lanes[2 * i] as number), lanes[2 * i + 1] as number);
  }
}

/** Hashes the key columns of each row; `into` gets one 32-bit hash per row. No keys: every row hashes alike. */
export function hashRows(batch: Batch, keys: readonly number[], into: Int32Array): void {
  into.fill(0, 0, batch.rows);
  for (const key of keys) mixColumn(batch.columns[key] as Column, batch.rows, into);
  for (let i = 0; i < batch.rows; i++) into[i] = finish(into[i] as number);
}

/** Flink's KeyGroupRangeAssignment with our hash. */
export const keyGroupOf = (hash: number, maxParallelism: number): number => (hash >>> 0) % maxParallelism;

export const operatorIndexOf = (keyGroup: number, parallelism: number, maxParallelism: number): number =>
  Math.floor((keyGroup * parallelism) / maxParallelism);

/** Inclusive. For 128 groups and parallelism 3: [0, 42], [43, 85], [86, 127]. */
export const keyGroupRange = (index: number, parallelism: number, maxParallelism: number): { first: number; last: number } => ({
  first: Math.ceil((index * maxParallelism) / parallelism),
  last: Math.ceil(((index + 1) * maxParallelism) / parallelism) - 1,
});

/** min(max(round up to a power of two(1.5 p), 128), 32768). */
export const defaultMaxParallelism = (parallelism: number): number =>
  Math.min(Math.max(2 ** Math.ceil(Math.log2(parallelism + Math.floor(parallelism / 2))), 128), 32_768);

const splitEncoder = new TextEncoder();

/** The subtask that reads a split: stable over restarts. */
export function splitOwner(split: string, parallelism: number): number {
  const bytes = splitEncoder.encode(split);
  return (finish(mixBytes(0, bytes, 0, bytes.length)) >>> 0) % parallelism;
}
