import { closeSync, openSync, readSync } from "node:fs";
import type { ReaderContext } from "../../contract/connector.ts";
import { assert, messageOf, TaskFailure } from "../../contract/errors.ts";
import type { SourceSpec } from "../../contract/job-graph.ts";
import type { Value } from "../../contract/value.ts";
import { type LocalDuckdb, openLocal } from "../../duckdb/local.ts";
import type { FoundFile } from "./find-files.ts";
import { type FileColumn, fileLiteral, type ParquetQuery, parquetQuery } from "./parquet-query.ts";
import { ParquetSplitReader } from "./parquet-split-reader.ts";
import type { FileReader, FileSplit, SplitReader } from "./split-reader.ts";

/** A split is a row group, or so many small ones. A file's splits go round the subtasks, so its event time advances evenly over them. */
const split_rows_min = 122_880;

interface RowRange {
  readonly from: number;
  readonly to: number;
}

const parquetMark = "PAR1";

/** Parquet through DuckDB, which skips row groups outside a split; within one it decodes what lies before the position. */
export class ParquetReader implements FileReader {
  readonly opensAhead = true;
  private readonly spec: SourceSpec;
  private readonly context: ReaderContext;
  private readonly watch: boolean;
  /** Rows of each split, by its name. */
  private readonly ranges = new Map<string, RowRange>();
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
    const sql = `SELECT DISTINCT row_group_id, row_group_num_rows FROM parquet_metadata(${fileLiteral(file.real)}) ORDER BY row_group_id`;
    const groups = await this.ask(file, sql);
    return rangesOf(groups.map(([, rows]) => Number(rows))).map((range, index) => {
      const name = `${file.path}#${index}`;
      this.ranges.set(name, range);
      return { name, file, index };
    });
  }

  hasMore(split: FileSplit, position: string): boolean {
    return Number(position) < this.rangeOf(split).to;
  }

  async openSplit(split: FileSplit, position: string | null): Promise<SplitReader> {
    const { path, real } = split.file;
    const query = this.queries.get(path) ?? parquetQuery(this.spec.schema, await this.columnsOf(split.file), real);
    this.queries.set(path, query);
    const range = this.rangeOf(split);
    const from = position === null ? range.from : Number(position);
    const sql = `${query.select} WHERE file_row_number BETWEEN ${from} AND ${range.to - 1}`;
    const result = await this.guarded(split.file, async () => (await this.local()).stream(sql));
    return new ParquetSplitReader({ result, query, path, from, schema: this.spec.schema, bad: (row) => this.context.bad(row) });
  }

  async close(): Promise<void> {
    await this.duckdb?.close();
    this.duckdb = null;
  }

  private rangeOf(split: FileSplit): RowRange {
    const range = this.ranges.get(split.name);
    assert(range !== undefined, "a split is opened after its file was looked at");
    return range;
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

/** Runs of whole row groups, given the rows of each. */
function rangesOf(groups: readonly number[]): RowRange[] {
  const ranges: RowRange[] = [];
  let from = 0;
  let to = 0;
  groups.forEach((rows, i) => {
    to += rows;
    if (to - from < split_rows_min && i < groups.length - 1) return;
    if (to > from) ranges.push({ from, to });
    from = to;
  });
  return ranges;
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
