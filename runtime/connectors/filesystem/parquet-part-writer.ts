import type { Batch } from "../../contract/batch.ts";
import { messageOf, TaskFailure } from "../../contract/errors.ts";
import { columnOf } from "../../contract/rows.ts";
import { formatType, type Schema, varchar } from "../../contract/types.ts";
import { type LocalDuckdb, openLocal } from "../../duckdb/local.ts";
import { BatchBuilder } from "../../exchange/batch-builder.ts";
import { opColumn } from "../../formats/row-encoder.ts";
import type { PartWriter } from "./part-writer.ts";
import { quoteName, quoteText } from "../../contract/quote.ts";

/** Rows are kept in memory until the checkpoint, as a Parquet file is written at once. */
export class ParquetPartWriter implements PartWriter {
  private readonly schema: Schema;
  private readonly changelog: boolean;
  private rows: BatchBuilder;
  private duckdb: LocalDuckdb | null = null;

  constructor(schema: Schema, changelog: boolean) {
    this.schema = schema;
    this.changelog = changelog;
    this.rows = new BatchBuilder(schema);
  }

  write(batch: Batch): void {
    const selection = repeatedRows(batch);
    this.rows.append(batch, { selection, from: 0, to: selection?.length ?? batch.rows });
  }

  async finish(path: string): Promise<boolean> {
    if (this.rows.rows === 0) return false;
    const duckdb = (this.duckdb ??= await openLocal());
    try {
      await duckdb.run(`CREATE OR REPLACE TABLE part (${this.columns().join(", ")})`);
      await duckdb.append("part", [this.withOp(this.rows.build())]);
      await duckdb.run(`COPY part TO ${quoteText(path)} (FORMAT parquet)`);
      await duckdb.run("DROP TABLE part");
    } catch (cause) {
      throw new TaskFailure("external", "retry", `cannot write "${path}": ${messageOf(cause)}`, { cause });
    }
    this.rows = new BatchBuilder(this.schema);
    return true;
  }

  async close(): Promise<void> {
    await this.duckdb?.close();
    this.duckdb = null;
  }

  private columns(): string[] {
    const columns = this.schema.columns.map(({ name, type }) => `${quoteName(name)} ${formatType(type)}`);
    return this.changelog ? [`"${opColumn}" VARCHAR`, ...columns] : columns;
  }

  private withOp(batch: Batch): Batch {
    if (!this.changelog) return { ...batch, weights: null };
    const ops = Array.from({ length: batch.rows }, (_, i) => ((batch.weights?.[i] ?? 1) < 0 ? "-D" : "+I"));
    return { rows: batch.rows, columns: [columnOf(varchar, ops), ...batch.columns], weights: null };
  }
}

/** A row of weight n stands there n times; null when all rows stand there once. */
function repeatedRows({ rows, weights }: Batch): Int32Array | null {
  if (weights === null || weights.subarray(0, rows).every((weight) => weight === 1 || weight === -1)) return null;
  const selection: number[] = [];
  for (let row = 0; row < rows; row++) for (let copy = Math.abs(weights[row] as number); copy > 0; copy--) selection.push(row);
  return Int32Array.from(selection);
}
