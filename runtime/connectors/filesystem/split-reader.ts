import type { ReadResult } from "../../contract/connector.ts";
import type { FoundFile } from "./find-files.ts";

/** A part of a file that one subtask reads from its start to its end. */
export interface FileSplit {
  readonly name: string;
  readonly file: FoundFile;
  /** Which part of the file, from 0: neighbours belong to different subtasks. */
  readonly index: number;
}

export interface SplitReader {
  /** `end`: everything that is there has been read; with `watch`, more may come. */
  read(): ReadResult | Promise<ReadResult>;
  /** Numbers are lines of the text; else rows of the file. */
  readonly hasLines: boolean;
  /** The number of a row of the last batch, from 1. */
  numberOf(row: number): number;
  /** Behind the last batch returned, as JSON. */
  position(): string;
  close(): Promise<void>;
}

export interface FileReader {
  /** Opening takes long, and may be done before the split in front has been read. */
  readonly opensAhead: boolean;
  /** The splits of a file, in order; null when the file is not complete yet. */
  splitsOf(file: FoundFile): readonly FileSplit[] | null | Promise<readonly FileSplit[] | null>;
  /** Whether a split holds more than the position says was read. */
  hasMore(split: FileSplit, position: string): boolean;
  openSplit(split: FileSplit, position: string | null): SplitReader | Promise<SplitReader>;
  close(): Promise<void>;
}
