import type { BytesColumn } from "../contract/batch.ts";

/** From this length on `set` is cheaper, which costs about 60 ns a call. */
const words_bytes_max = 192;

/**
 * Copies strings four bytes at a time through DataViews, which V8 compiles to plain unaligned loads and stores: three times
 * as fast as byte by byte. It may write up to 3 bytes beyond the end; targets have `framePadding_bytes` of room.
 */
class StringCopier {
  private readonly source: Uint8Array;
  private readonly target: Uint8Array;
  private readonly from: DataView;
  private readonly to: DataView;
  /** Strings that end behind this are copied byte by byte, so that nothing is read outside the buffer. */
  private readonly wordEnd_max: number;

  constructor(source: Uint8Array, target: Uint8Array) {
    this.source = source;
    this.target = target;
    this.from = new DataView(source.buffer, source.byteOffset);
    this.to = new DataView(target.buffer, target.byteOffset);
    this.wordEnd_max = this.from.byteLength - 3;
  }

  /** Copies source[start, end) to the target at `at`; returns the position behind it. */
  copy(start: number, end: number, at: number): number {
    const next = at + end - start;
    if (end - start > words_bytes_max) this.target.set(this.source.subarray(start, end), at);
    else if (end > this.wordEnd_max) this.copyBytes(start, end, at);
    else this.copyWords(start, end, at);
    return next;
  }

  private copyWords(start: number, end: number, at: number): void {
    const { from, to } = this;
    for (let s = start, t = at; s < end; s += 4, t += 4) to.setInt32(t, from.getInt32(s, true), true);
  }

  private copyBytes(start: number, end: number, at: number): void {
    const { source, target } = this;
    for (let s = start, t = at; s < end; s++, t++) target[t] = source[s] as number;
  }
}

/** Bytes of the first `rows` values, without those below a NULL. */
export function stringBytes(column: BytesColumn, rows: number): number {
  const { start, end, validity } = column;
  let total = 0;
  if (validity === null) for (let i = 0; i < rows; i++) total += (end[i] as number) - (start[i] as number);
  else for (let i = 0; i < rows; i++) if (validity[i] !== 0) total += (end[i] as number) - (start[i] as number);
  return total;
}

/** The same over `selection[from, to)`. */
export function selectedStringBytes(column: BytesColumn, selection: Int32Array, from: number, to: number): number {
  const { start, end, validity } = column;
  let total = 0;
  for (let k = from; k < to; k++) {
    const row = selection[k] as number;
    if (validity === null || validity[row] !== 0) total += (end[row] as number) - (start[row] as number);
  }
  return total;
}

/**
 * Compacts the first `rows` values into `target` at `at`, and writes where each ends to `offsets[offsetsAt + i]`.
 * Values that lie behind each other are copied as one run. A NULL takes no bytes. Returns the position behind the last.
 */
export function copyStrings(
  column: BytesColumn,
  rows: number,
  target: Uint8Array,
  at: number,
  offsets: Int32Array,
  offsetsAt: number,
): number {
  const { start, end, bytes, validity } = column;
  const copier = new StringCopier(bytes, target);
  let position = at;
  let runStart = 0;
  let runEnd = 0;
  for (let i = 0; i < rows; i++) {
    const s = start[i] as number;
    const e = validity !== null && validity[i] === 0 ? s : (end[i] as number);
    if (e > s) {
      if (s !== runEnd) {
        position = copier.copy(runStart, runEnd, position);
        runStart = s;
      }
      runEnd = e;
    }
    offsets[offsetsAt + i] = position + (runEnd - runStart);
  }
  return copier.copy(runStart, runEnd, position);
}

/** The same for the rows `selection[from, to)`, which rarely lie behind each other. */
export function gatherStrings(
  column: BytesColumn,
  selection: Int32Array,
  from: number,
  to: number,
  target: Uint8Array,
  at: number,
  offsets: Int32Array,
  offsetsAt: number,
): number {
  const { start, end, bytes, validity } = column;
  const copier = new StringCopier(bytes, target);
  let position = at;
  for (let k = from; k < to; k++) {
    const row = selection[k] as number;
    if (validity === null || validity[row] !== 0) position = copier.copy(start[row] as number, end[row] as number, position);
    offsets[offsetsAt + k - from] = position;
  }
  return position;
}
