import type { ReadResult } from "../../contract/connector.ts";
import { type RowDecoder, startOfText, type TextPosition } from "../../formats/row-decoder.ts";
import type { ByteWindow } from "./byte-window.ts";
import type { SplitReader } from "./split-reader.ts";

/** Reads one file record by record. A record that the file's end cuts off counts only when the file does not grow any more. */
export class TextSplitReader implements SplitReader {
  readonly hasLines = true;
  private readonly window: ByteWindow;
  /** null: what the file begins with (a CSV header) is not there as a whole. */
  private readonly decoder: RowDecoder | null;
  private readonly growing: boolean;

  constructor(window: ByteWindow, decoder: RowDecoder | null, growing: boolean) {
    this.window = window;
    this.decoder = decoder;
    this.growing = growing;
  }

  read(): ReadResult {
    const { window, decoder } = this;
    if (decoder === null) return { kind: "end" };
    while (true) {
      const last = window.atEnd && !this.growing;
      const behind = decoder.decode(window.bytes, window.from, window.to, last);
      const used = behind - window.from;
      window.use(used);
      const batch = decoder.batch();
      if (batch.rows > 0) return { kind: "batch", batch };
      if (used === 0 && window.atEnd) return { kind: "end" };
      if (used === 0) window.fill();
    }
  }

  numberOf(row: number): number {
    return this.decoder?.lineOf(row) ?? 0;
  }

  position(): string {
    const { window, decoder } = this;
    const position: TextPosition = decoder === null ? startOfText : { offset: window.offset, line: decoder.line, array: decoder.array };
    return JSON.stringify(position);
  }

  async close(): Promise<void> {
    this.window.close();
  }
}
