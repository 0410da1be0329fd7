import type { ReaderContext } from "../../contract/connector.ts";
import { messageOf, TaskFailure } from "../../contract/errors.ts";
import type { SourceSpec } from "../../contract/job-graph.ts";
import { csvColumns, type CsvDialect, csvDialect } from "../../formats/csv-dialect.ts";
import { CsvDecoder } from "../../formats/csv-decoder.ts";
import { csvHeader } from "../../formats/csv-header.ts";
import { JsonDecoder } from "../../formats/json-decoder.ts";
import { type BadRecord, type RowDecoder, startOfText, type TextPosition } from "../../formats/row-decoder.ts";
import type { OptionReader } from "../options.ts";
import { ByteWindow } from "./byte-window.ts";
import type { FoundFile } from "./find-files.ts";
import type { FileReader, FileSplit, SplitReader } from "./split-reader.ts";
import { TextSplitReader } from "./text-split-reader.ts";

/** JSON and CSV: a file is one split, its position a place between two records. */
export class TextReader implements FileReader {
  readonly opensAhead = false;
  private readonly spec: SourceSpec;
  private readonly context: ReaderContext;
  private readonly watch: boolean;
  private readonly csv: CsvDialect | null;

  constructor(spec: SourceSpec, context: ReaderContext, options: OptionReader, watch: boolean) {
    this.spec = spec;
    this.context = context;
    this.watch = watch;
    this.csv = options.text("format") === "csv" ? csvDialect((name) => options.text(name)) : null;
  }

  splitsOf(file: FoundFile): readonly FileSplit[] {
    return [{ name: file.path, file, index: 0 }];
  }

  hasMore({ file: { path, size_bytes } }: FileSplit, position: string): boolean {
    const { offset } = positionOf(position);
    if (offset <= size_bytes) return offset < size_bytes;
    throw new TaskFailure(
      "external",
      "fail",
      `file "${path}" has ${size_bytes} bytes, but ${offset} of it have been read: it was replaced`,
    );
  }

  openSplit(split: FileSplit, position: string | null): SplitReader {
    const at = position === null ? startOfText : positionOf(position);
    const { path } = split.file;
    const window = new ByteWindow(split.file, this.context.metrics);
    try {
      const bad = ({ line, reason, raw }: BadRecord): void => this.context.bad({ file: path, line, reason, raw });
      const begun = this.csv === null ? this.beginJson(window, at, bad) : this.beginCsv(window, at, this.csv, path, bad);
      return new TextSplitReader(window, begun, this.watch);
    } catch (error) {
      window.close();
      throw error;
    }
  }

  async close(): Promise<void> {}

  private beginJson(window: ByteWindow, at: TextPosition, bad: (record: BadRecord) => void): RowDecoder | null {
    window.seek(at.offset === 0 ? window.byteOrderMark_bytes() : at.offset);
    return new JsonDecoder(this.spec.schema, at, bad);
  }

  /** null: the header is not there yet. */
  private beginCsv(
    window: ByteWindow,
    at: TextPosition,
    dialect: CsvDialect,
    path: string,
    bad: (record: BadRecord) => void,
  ): RowDecoder | null {
    const { schema, declared } = this.spec;
    window.seek(window.byteOrderMark_bytes());
    const header = dialect.header ? csvHeader(dialect, (enough) => window.until(enough), this.watch) : null;
    if (dialect.header && header === null) return null;
    const columns = csvColumns(schema, declared, header?.names ?? null, path);
    const headerEnd = window.offset + (header?.length_bytes ?? 0);
    window.seek(at.offset === 0 ? headerEnd : at.offset);
    const position = at.offset === 0 ? { ...at, line: 1 + (header?.lines ?? 0) } : at;
    return new CsvDecoder(schema, columns, dialect, position, bad);
  }
}

function positionOf(text: string): TextPosition {
  try {
    return JSON.parse(text) as TextPosition;
  } catch (cause) {
    throw new TaskFailure("internal", "fail", `unreadable position of a file: ${messageOf(cause)}`, { cause });
  }
}
