import type { Batch, Column } from "../../contract/batch.ts";
import type { BadRow, ReadResult } from "../../contract/connector.ts";
import { messageOf, TaskFailure } from "../../contract/errors.ts";
import { valueAt } from "../../contract/rows.ts";
import { sliceBatch } from "../../contract/slice-batch.ts";
import type { QueryResult } from "../../contract/store.ts";
import { formatType, integer, type Schema, varchar } from "../../contract/types.ts";
import type { ParquetQuery } from "./parquet-query.ts";
import type { SplitReader } from "./split-reader.ts";

export interface ParquetSplit {
  readonly result: QueryResult;
  readonly query: ParquetQuery;
  readonly path: string;
  readonly from: number;
  readonly schema: Schema;
  readonly bad: (row: BadRow) => void;
}

/** Reads the rows of one split in file order; its position is the number of the next row. */
export class ParquetSplitReader implements SplitReader {
  readonly hasLines = false;
  private readonly split: ParquetSplit;
  private row: number;
  /** The number of the last batch's first row. */
  private first = 0;
  /** A batch with bad rows goes out in pieces between them. */
  private rest: { readonly batch: Batch; readonly at: number } | null = null;

  constructor(split: ParquetSplit) {
    this.split = split;
    this.row = split.from;
  }

  read(): ReadResult | Promise<ReadResult> {
    return this.rest === null ? this.fetch() : this.piece(this.rest.batch, this.rest.at);
  }

  numberOf(row: number): number {
    return this.first + row + 1;
  }

  position(): string {
    return String(this.row);
  }

  async close(): Promise<void> {
    this.split.result.close();
  }

  private async fetch(): Promise<ReadResult> {
    const batch = await this.next();
    if (batch === null) return { kind: "end" };
    if (this.split.query.checked) return this.piece(batch, 0);
    this.first = this.row;
    this.row += batch.rows;
    return { kind: "batch", batch: { ...batch, columns: batch.columns.slice(0, this.split.schema.columns.length) } };
  }

  private async next(): Promise<Batch | null> {
    try {
      return await this.split.result.next();
    } catch (cause) {
      throw new TaskFailure("external", "retry", `cannot read "${this.split.path}": ${messageOf(cause)}`, { cause });
    }
  }

  /** The rows from `at` up to the next bad one. */
  private piece(batch: Batch, at: number): ReadResult | Promise<ReadResult> {
    const bad = batch.columns.at(-2) as Column;
    let from = at;
    while (from < batch.rows && isValid(bad, from)) this.report(batch, from++);
    let to = from;
    while (to < batch.rows && !isValid(bad, to)) to++;
    this.first = this.row;
    this.row += to - from;
    this.rest = to < batch.rows ? { batch, at: to } : null;
    if (to === from) return this.fetch();
    const columns = batch.columns.slice(0, this.split.schema.columns.length);
    return { kind: "batch", batch: sliceBatch({ ...batch, columns }, from, to) };
  }

  private report(batch: Batch, row: number): void {
    const number = valueAt(integer, batch.columns.at(-2) as Column, row) as number;
    const raw = String(valueAt(varchar, batch.columns.at(-1) as Column, row));
    const field = this.split.schema.columns[number];
    const type = field === undefined ? "" : formatType(field.type);
    const reason = `row ${this.row}: column "${field?.name ?? ""}" is no ${type}`;
    this.row++;
    this.split.bad({ file: this.split.path, line: 0, reason, raw });
  }
}

const isValid = (column: Column, row: number): boolean => column.validity === null || column.validity[row] === 1;
