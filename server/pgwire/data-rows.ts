import type { Batch, Column } from "../../runtime/contract/batch.ts";
import type { Schema } from "../../runtime/contract/types.ts";
import { binaryCells } from "./binary-cells.ts";
import { type Format, formatAt } from "./frontend-messages.ts";
import type { MessageWriter } from "./message-writer.ts";
import { type CellWriter, writeLength } from "./cell.ts";
import { textCells } from "./text-cells.ts";

/** Writes row `row` of the batch as a DataRow. */
export type RowWriter = (row: number) => void;

/** Letter, length, number of cells. */
const header_bytes = 7;

/** Picks the writer of each cell once per batch. */
export function rowWriter(writer: MessageWriter, schema: Schema, formats: readonly Format[], batch: Batch): RowWriter {
  const cells = schema.columns.map(({ type }, index): CellWriter => {
    const column = batch.columns[index] as Column;
    return formatAt(formats, index) === "binary" ? binaryCells(writer, type, column) : textCells(writer, type, column);
  });
  const count = cells.length;
  return (row) => {
    writer.reserve(header_bytes);
    const from = writer.at;
    const buffer = writer.buffer;
    buffer[from] = 0x44; // D
    buffer[from + 5] = count >>> 8;
    buffer[from + 6] = count;
    writer.at = from + header_bytes;
    for (let c = 0; c < count; c++) (cells[c] as CellWriter)(row);
    writeLength(writer.buffer, from + 1, writer.at - from - 1);
  };
}
