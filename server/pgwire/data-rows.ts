import type { Batch, Column } from "../../runtime/contract/batch.ts";
import type { Schema } from "../../runtime/contract/types.ts";
import { binaryCells } from "./binary-cells.ts";
import { type Format, formatAt } from "./frontend-messages.ts";
import type { MessageWriter } from "./message-writer.ts";
import { type CellWriter, textCells } from "./text-cells.ts";

/** Writes row `row` of the batch as a DataRow. */
export type RowWriter = (row: number) => void;

/** Picks the writer of each cell once per batch. */
export function rowWriter(writer: MessageWriter, schema: Schema, formats: readonly Format[], batch: Batch): RowWriter {
  const cells = schema.columns.map(({ type }, index): CellWriter => {
    const column = batch.columns[index] as Column;
    return formatAt(formats, index) === "binary" ? binaryCells(writer, type, column) : textCells(writer, type, column);
  });
  const count = cells.length;
  return (row) => {
    writer.begin("D").u16(count);
    for (let c = 0; c < count; c++) (cells[c] as CellWriter)(row);
    writer.end();
  };
}
