import { closeSync, openSync, writeSync } from "node:fs";
import type { Batch } from "../../contract/batch.ts";
import type { RowEncoder } from "../../formats/row-encoder.ts";
import { guarded } from "./staged-files.ts";

/** Writes the rows between two checkpoints to one file. */
export interface PartWriter {
  write(batch: Batch): void;
  /** Completes the file; false when there were no rows, and so is no file. */
  finish(path: string): boolean | Promise<boolean>;
  /** Without completing it. */
  close(): void | Promise<void>;
}

export class TextPartWriter implements PartWriter {
  private readonly path: string;
  private readonly encoder: RowEncoder;
  private descriptor: number | null = null;

  constructor(path: string, encoder: RowEncoder) {
    this.path = path;
    this.encoder = encoder;
  }

  write(batch: Batch): void {
    if (batch.rows === 0) return;
    guarded(this.path, () => {
      if (this.descriptor === null) {
        this.descriptor = openSync(this.path, "w");
        writeAll(this.descriptor, Buffer.from(this.encoder.header));
      }
      writeAll(this.descriptor, Buffer.from(this.encoder.encode(batch)));
    });
  }

  finish(): boolean {
    if (this.descriptor === null) return false;
    this.close();
    return true;
  }

  close(): void {
    if (this.descriptor !== null) closeSync(this.descriptor);
    this.descriptor = null;
  }
}

/** One call may write less than it was given. */
function writeAll(descriptor: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
}
