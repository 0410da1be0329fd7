import type { BytesColumn } from "../contract/batch.ts";

/** Below this length a loop beats `set`, which costs about 60 ns a call. */
const loop_bytes_max = 48;

/** Copies bytes[start, end) to `target` at `at`; returns the position behind them. */
export function copyRun(bytes: Uint8Array, start: number, end: number, target: Uint8Array, at: number): number {
  const length = end - start;
  if (length > loop_bytes_max) target.set(bytes.subarray(start, end), at);
  else for (let i = 0; i < length; i++) target[at + i] = bytes[start + i] as number;
  return at + length;
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
  let position = at;
  let runStart = 0;
  let runEnd = 0;
  for (let i = 0; i < rows; i++) {
    const s = start[i] as number;
    const e = validity !== null && validity[i] === 0 ? s : (end[i] as number);
    if (e > s) {
      if (s !== runEnd) {
        position = copyRun(bytes, runStart, runEnd, target, position);
        runStart = s;
      }
      runEnd = e;
    }
    offsets[offsetsAt + i] = position + (runEnd - runStart);
  }
  return copyRun(bytes, runStart, runEnd, target, position);
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
  let position = at;
  for (let k = from; k < to; k++) {
    const row = selection[k] as number;
    if (validity === null || validity[row] !== 0) position = copyRun(bytes, start[row] as number, end[row] as number, target, position);
    offsets[offsetsAt + k - from] = position;
  }
  return position;
}
