import type { Batch, I32Column, I64Column } from "../contract/batch.ts";
import type { TableFrame, TablePull } from "../contract/change-log.ts";
import type { MakeFrameCodec } from "../contract/frame.ts";
import type { StoreConnection } from "../contract/store.ts";
import { columnNames, inState, logTable, snapshotTable } from "./log-table.ts";
import type { Reader } from "./reader.ts";

/** Rows of one answer at most: some ms of reading, some frames under way. */
const pull_rows_max = 16_384;

/** The rows behind `after`, up to the end of the snapshot or of the log. Positions have no gaps, so a range of them bounds the rows. */
export async function readRows(
  connection: StoreConnection,
  reader: Reader,
  pull: TablePull,
  after: number,
  head: number,
  makeFrameCodec: MakeFrameCodec,
): Promise<readonly TableFrame[]> {
  const inSnapshot = after < reader.start;
  const last = Math.min(after + pull_rows_max, inSnapshot ? reader.start : head);
  const from = inState(inSnapshot ? snapshotTable(reader.job, reader.table) : logTable(reader.table));
  const names = columnNames(pull.declared);
  const columns = ["seq", "weight", ...pull.columns.map((c) => names[c])];
  const result = await connection.query(`SELECT ${columns.join(", ")} FROM ${from} WHERE seq > ? AND seq <= ? ORDER BY seq`, [after, last]);
  const codec = makeFrameCodec({ columns: pull.columns.flatMap((c) => pull.declared.columns[c] ?? []) });
  const frames: TableFrame[] = [];
  for (let batch = await result.next(); batch !== null; batch = await result.next()) {
    frames.push({ frame: codec.encode(weighted(batch), null), last: lastOf(batch) });
  }
  return frames;
}

function weighted({ rows, columns }: Batch): Batch {
  const [, weights, ...rest] = columns;
  return { rows, columns: rest, weights: (weights as I32Column).values.subarray(0, rows) };
}

const lastOf = ({ rows, columns }: Batch): number => Number((columns[0] as I64Column).values[rows - 1]);
