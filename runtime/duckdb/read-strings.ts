import duckdb from "@duckdb/node-bindings";
import type { BytesColumn, Validity } from "../contract/batch.ts";

const record_bytes = 16;
const inline_bytes_max = 12;
/** Heap strings closer than this are fetched in one piece: the gap between two mapped addresses within a page is mapped too. */
const gap_bytes_max = 2_048;

interface Run {
  readonly firstRow: number;
  readonly start: number;
  readonly end: number;
}

/**
 * Reads DuckDB's string_t records (length, then 12 inline bytes or a prefix and a pointer) into views.
 * Short strings stay where they are, in the copied records; long ones are fetched from DuckDB's heap in contiguous runs,
 * for each native call costs about as much as copying a kilobyte.
 */
export function readStrings(vector: duckdb.Vector, rows: number, validity: Validity): BytesColumn {
  const records = duckdb.vector_get_data(vector, rows * record_bytes);
  const fields = new Int32Array(records.buffer, records.byteOffset, rows * 4);
  const start = new Int32Array(rows);
  const end = new Int32Array(rows);
  let long = 0;
  for (let i = 0; i < rows; i++) {
    if (validity !== null && validity[i] === 0) continue;
    const length = fields[4 * i] as number;
    start[i] = i * record_bytes + 4;
    end[i] = (start[i] as number) + length;
    if (length > inline_bytes_max) long++;
  }
  if (long === 0) return { phys: "bytes", start, end, bytes: records, validity };
  const runs = longRuns(fields, rows, validity);
  return { phys: "bytes", start, end, bytes: fetchRuns(records, fields, rows, runs, start, end, validity), validity };
}

const pointerAt = (fields: Int32Array, row: number): number =>
  ((fields[4 * row + 3] as number) >>> 0) * 4_294_967_296 + ((fields[4 * row + 2] as number) >>> 0);

function longRuns(fields: Int32Array, rows: number, validity: Validity): Run[] {
  const runs: Run[] = [];
  let firstRow = -1;
  let start = 0;
  let end = 0;
  for (let i = 0; i < rows; i++) {
    const length = fields[4 * i] as number;
    if (length <= inline_bytes_max || (validity !== null && validity[i] === 0)) continue;
    const at = pointerAt(fields, i);
    if (firstRow >= 0 && at >= start && at <= end + gap_bytes_max) {
      end = Math.max(end, at + length);
      continue;
    }
    if (firstRow >= 0) runs.push({ firstRow, start, end });
    firstRow = i;
    start = at;
    end = at + length;
  }
  if (firstRow >= 0) runs.push({ firstRow, start, end });
  return runs;
}

/** Bytes = the records, then each run; start and end of the long strings are set to where they come to lie. */
function fetchRuns(
  records: Uint8Array,
  fields: Int32Array,
  rows: number,
  runs: readonly Run[],
  start: Int32Array,
  end: Int32Array,
  validity: Validity,
): Uint8Array {
  const total = runs.reduce((sum, run) => sum + run.end - run.start, 0);
  const bytes = new Uint8Array(records.length + total + 16);
  bytes.set(records);
  let at = records.length;
  for (let r = 0; r < runs.length; r++) {
    const run = runs[r] as Run;
    const pointer_offset = records.byteOffset + run.firstRow * record_bytes + 8;
    bytes.set(duckdb.get_data_from_pointer(records.buffer as ArrayBuffer, pointer_offset, run.end - run.start), at);
    const lastRow = runs[r + 1]?.firstRow ?? rows;
    for (let i = run.firstRow; i < lastRow; i++) {
      const length = fields[4 * i] as number;
      if (length <= inline_bytes_max || (validity !== null && validity[i] === 0)) continue;
      start[i] = at + pointerAt(fields, i) - run.start;
      end[i] = (start[i] as number) + length;
    }
    at += run.end - run.start;
  }
  return bytes;
}
