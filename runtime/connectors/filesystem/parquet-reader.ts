import { closeSync, openSync, readSync } from "node:fs";
import type { ReaderContext } from "../../contract/connector.ts";
import { messageOf, TaskFailure } from "../../contract/errors.ts";
import type { SourceSpec } from "../../contract/job-graph.ts";
import type { Value } from "../../contract/value.ts";
import { type LocalDuckdb, openLocal } from "../../duckdb/local.ts";
import type { FoundFile } from "./find-files.ts";
import { type FileColumn, fileLiteral, type ParquetQuery, parquetQuery } from "./parquet-query.ts";
import { ParquetSplitReader } from "./parquet-split-reader.ts";
import type { FileReader, FileSplit, SplitReader } from "./split-reader.ts";

/** Rows of one split. A file's splits go round the subtasks, so its event time advances evenly over them. */
const split_rows = 122_880;

const parquetMark = "PAR1";

/** Parquet through DuckDB, which skips row groups outside a split (3 M rows: 5 ms to open at any row). */
export class ParquetReader implements FileReader {
  private readonly spec: SourceSpec;
  private readonly context: ReaderContext;
  private readonly watch: boolean;
  private readonly rowsOfFile = new Map<string, number>();
  private readonly queries = new Map<string, ParquetQuery>();
  private duckdb: LocalDuckdb | null = null;

  constructor(spec: SourceSpec, context: ReaderContext, watch: boolean) {
    this.spec = spec;
    this.context = context;
    this.watch = watch;
  }

  async splitsOf(file: FoundFile): Promise<readonly FileSplit[] | null> {
    if (!isComplete(file)) {
      if (this.watch) return null;
      throw new TaskFailure("user", "fail", `file "${file.path}" is not a Parquet file, or not a whole one`, { sqlState: "22000" });
    }
    const counted = await this.ask(file, `SELECT sum(num_rows)::BIGINT FROM parquet_file_metadata(${fileLiteral(file.real)})`);
    const rows = Number(counted[0]?.[0] ?? 0);
    this.rowsOfFile.set(file.path, rows);
    return Array.from({ length: Math.ceil(rows / split_rows) }, (_, index) => ({ name: `${file.path}#${index}`, file, index }));
  }

  hasMore(split: FileSplit, position: string): boolean {
    return Number(position) < this.endOf(split);
  }

  async openSplit(split: FileSplit, position: string | null): Promise<SplitReader> {
    const { path, real } = split.file;
    const query = this.queries.get(path) ?? parquetQuery(this.spec.schema, await this.columnsOf(split.file), real);
    this.queries.set(path, query);
    const from = position === null ? split.index * split_rows : Number(position);
    const to = this.endOf(split);
    const sql = `${query.select} WHERE file_row_number BETWEEN ${from} AND ${to - 1}`;
    const result = await this.guarded(split.file, async () => (await this.local()).stream(sql));
    return new ParquetSplitReader({ result, query, path, from, schema: this.spec.schema, bad: (row) => this.context.bad(row) });
  }

  async close(): Promise<void> {
    this.duckdb?.close();
    this.duckdb = null;
  }

  private endOf(split: FileSplit): number {
    return Math.min((split.index + 1) * split_rows, this.rowsOfFile.get(split.file.path) ?? 0);
  }

  private async columnsOf(file: FoundFile): Promise<readonly FileColumn[]> {
    const rows = await this.ask(file, `DESCRIBE SELECT * FROM read_parquet(${fileLiteral(file.real)})`);
    return rows.map(([name, type]) => ({ name: String(name), type: String(type) }));
  }

  private ask(file: FoundFile, sql: string): Promise<Value[][]> {
    return this.guarded(file, async () => (await (await this.local()).stream(sql)).rows());
  }

  private async local(): Promise<LocalDuckdb> {
    this.duckdb ??= await openLocal();
    return this.duckdb;
  }

  private async guarded<T>(file: FoundFile, run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (cause) {
      throw new TaskFailure("external", "retry", `cannot read "${file.path}": ${messageOf(cause)}`, { cause });
    }
  }
}

/** A Parquet file ends with a mark; one that is still being written does not. */
function isComplete(file: FoundFile): boolean {
  if (file.size_bytes < 3 * parquetMark.length) return false;
  const mark = Buffer.alloc(parquetMark.length);
  const descriptor = openSync(file.real, "r");
  try {
    readSync(descriptor, mark, 0, mark.length, file.size_bytes - mark.length);
  } finally {
    closeSync(descriptor);
  }
  return mark.toString("latin1") === parquetMark;
}
