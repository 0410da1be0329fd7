import type { Column } from "../../contract/batch.ts";
import type { ReaderContext, ReadResult, SourceReader, SplitPosition } from "../../contract/connector.ts";
import { assert, TaskFailure } from "../../contract/errors.ts";
import { splitOwner } from "../../contract/hash.ts";
import type { SourceSpec } from "../../contract/job-graph.ts";
import type { RowOrigin } from "../../contract/operator.ts";
import { OptionReader } from "../options.ts";
import { filesystemSourceOptions } from "./descriptor.ts";
import { fileMetadata } from "./file-metadata.ts";
import { type FoundFile, findFiles } from "./find-files.ts";
import { ParquetReader } from "./parquet-reader.ts";
import type { FileReader, FileSplit, SplitReader } from "./split-reader.ts";
import { TextReader } from "./text-reader.ts";

const wait: ReadResult = { kind: "wait" };
const end: ReadResult = { kind: "end" };

/** Reads this subtask's splits one after the other, by file name and row; with `watch`, looks for more from time to time. */
export class FilesystemReader implements SourceReader {
  private readonly context: ReaderContext;
  private readonly path: string;
  private readonly watch: boolean;
  private readonly watchInterval_ms: number;
  private readonly files: FileReader;
  /** Splits of each file that has been looked at, this subtask's only. */
  private readonly splits = new Map<string, readonly FileSplit[]>();
  private readonly position = new Map<string, string>();
  /** Size of a file when its split was last read to the end: it is not read again before it has grown. */
  private readonly readSize_bytes = new Map<string, number>();
  private queue: FileSplit[] = [];
  /** The first split of the queue, where opening ahead is worth it: so its first rows are decoded while the last ones of another are used. */
  private ahead: { readonly split: FileSplit; readonly reader: Promise<SplitReader> } | null = null;
  private current: { readonly split: FileSplit; readonly reader: SplitReader } | null = null;
  private lookedAt_ms = 0;

  constructor(spec: SourceSpec, context: ReaderContext) {
    const options = new OptionReader(filesystemSourceOptions, spec.options);
    this.context = context;
    this.path = options.text("path") as string;
    this.watch = options.boolean("watch");
    this.watchInterval_ms = options.duration_us("watch_interval") / 1_000;
    this.files =
      options.text("format") === "parquet"
        ? new ParquetReader(spec, context, this.watch)
        : new TextReader(spec, context, options, this.watch);
  }

  async open(restored: readonly SplitPosition[]): Promise<void> {
    for (const { split, position } of restored) this.position.set(split, position);
    await this.look();
  }

  read(): ReadResult | Promise<ReadResult> {
    if (this.current === null) return this.next();
    const result = this.current.reader.read();
    return "kind" in result ? this.settle(result) : result.then((read) => this.settle(read));
  }

  positions(): readonly SplitPosition[] {
    this.remember();
    const own = [...this.splits.values()].flat();
    return own.flatMap(({ name }) => {
      const position = this.position.get(name);
      return position === undefined ? [] : [{ split: name, position }];
    });
  }

  originOf(row: number): RowOrigin | null {
    if (this.current === null) return null;
    const { split, reader } = this.current;
    return { file: split.file.path, line: reader.hasLines ? reader.numberOf(row) : 0 };
  }

  metadata(key: string, rows: number): Column {
    assert(this.current !== null, "a batch is of the split under way");
    return fileMetadata(key, this.current.split.file, this.current.reader, rows);
  }

  async close(): Promise<void> {
    await this.current?.reader.close();
    await this.ahead?.reader.then((reader) => reader.close()).catch(() => undefined);
    await this.files.close();
  }

  private settle(result: ReadResult): ReadResult | Promise<ReadResult> {
    return result.kind === "end" ? this.leave().then(() => this.next()) : result;
  }

  private async leave(): Promise<void> {
    this.remember();
    const current = this.current;
    this.current = null;
    if (current === null) return;
    this.readSize_bytes.set(current.split.name, current.split.file.size_bytes);
    await current.reader.close();
  }

  private remember(): void {
    if (this.current !== null) this.position.set(this.current.split.name, this.current.reader.position());
  }

  /** Opens the next split; its first batch comes with the next call. */
  private async next(): Promise<ReadResult> {
    if (this.queue.length === 0 && this.watch && this.isTimeToLook()) await this.look();
    const split = this.queue.shift();
    if (split === undefined) return this.watch ? wait : end;
    const ahead = this.ahead;
    this.ahead = null;
    this.current = { split, reader: await (ahead?.split === split ? ahead.reader : this.openSplit(split)) };
    this.openAhead();
    return this.read();
  }

  private async openSplit(split: FileSplit): Promise<SplitReader> {
    return this.files.openSplit(split, this.position.get(split.name) ?? null);
  }

  private openAhead(): void {
    const [split] = this.queue;
    if (split === undefined || !this.files.opensAhead) return;
    const reader = this.openSplit(split);
    reader.catch(() => undefined); // whoever takes it meets the failure
    this.ahead = { split, reader };
  }

  private isTimeToLook(): boolean {
    return this.context.world.clock.monotonic_ms() - this.lookedAt_ms >= this.watchInterval_ms;
  }

  private async look(): Promise<void> {
    this.lookedAt_ms = this.context.world.clock.monotonic_ms();
    const files = findFiles(this.path, this.context.places);
    if (files.length === 0 && !this.watch) {
      throw new TaskFailure("external", "retry", `there are no files in "${this.path}"`, { sqlState: "58P01" });
    }
    for (const file of files) {
      for (const split of await this.ownSplits(file)) if (this.hasMore(split)) this.queue.push(split);
    }
  }

  private hasMore(split: FileSplit): boolean {
    if (this.readSize_bytes.get(split.name) === split.file.size_bytes) return false;
    const position = this.position.get(split.name);
    return position === undefined || this.files.hasMore(split, position);
  }

  private async ownSplits(file: FoundFile): Promise<readonly FileSplit[]> {
    const known = this.splits.get(file.path);
    const all = known ?? (await this.files.splitsOf(file));
    if (all === null) return [];
    const { parallelism, subtaskIndex } = this.context;
    const first = splitOwner(file.path, parallelism);
    const own = all.filter(({ index }) => known !== undefined || (first + index) % parallelism === subtaskIndex);
    const current = own.map((split) => ({ ...split, file }));
    this.splits.set(file.path, current);
    return current;
  }
}
