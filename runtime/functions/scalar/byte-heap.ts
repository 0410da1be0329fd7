import { TaskFailure } from "../../contract/errors.ts";

/** Readers of strings may copy 16 bytes at a time (notes on kernels), so every buffer has that much behind its last byte. */
const padding_bytes = 16;
const heap_bytes_max = 1 << 30;

/**
 * The bytes of computed strings of one batch. The literals of the compiled expressions lie at its head for ever, so that a
 * CASE over literals stores offsets only; everything behind them is given up at the next batch.
 */
export class ByteHeap {
  bytes: Uint8Array = new Uint8Array(4_096);
  /** Where the next string goes: after a function that stored a string, the end of its result. */
  at = 0;
  /** After a function whose result is a part of its argument: the end of that part. */
  end = 0;
  #literals_bytes = 0;

  /** Forgets the strings of the last batch. */
  reset(): void {
    this.at = this.#literals_bytes;
  }

  /** Stores a literal; only while nothing but literals is stored. Returns its start; its end is `at`. */
  keep(literal: Uint8Array): number {
    this.at = this.#literals_bytes;
    const start = this.append(literal, 0, literal.length);
    this.#literals_bytes = this.at;
    return start;
  }

  /** Makes room for `bytes` more; `this.bytes` may be another array afterwards. */
  reserve(bytes: number): void {
    const wanted = this.at + bytes + padding_bytes;
    if (wanted <= this.bytes.length) return;
    if (wanted > heap_bytes_max) {
      throw new TaskFailure("user", "fail", `strings computed from one batch exceed ${heap_bytes_max} bytes`, { sqlState: "54000" });
    }
    const grown = new Uint8Array(Math.max(wanted, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.at));
    this.bytes = grown;
  }

  /** Copies bytes[start, end) behind what is stored; returns where they start, `at` is where they end. */
  append(bytes: Uint8Array, start: number, end: number): number {
    this.reserve(end - start);
    const from = this.at;
    const target = this.bytes;
    if (end - start > 64) target.set(bytes.subarray(start, end), from);
    else for (let i = start, to = from; i < end; i++, to++) target[to] = bytes[i] as number;
    this.at = from + end - start;
    return from;
  }

  /** Stores a JavaScript string of ASCII characters only. */
  appendAscii(text: string): number {
    this.reserve(text.length);
    const from = this.at;
    for (let i = 0; i < text.length; i++) this.bytes[from + i] = text.charCodeAt(i);
    this.at = from + text.length;
    return from;
  }

  /** Short texts are mostly ASCII: the loop then beats the encoder, which needs a view of the array. */
  appendText(text: string): number {
    this.reserve(text.length * 3);
    const from = this.at;
    if (text.length <= 64) {
      let i = 0;
      for (; i < text.length; i++) {
        const unit = text.charCodeAt(i);
        if (unit >= 0x80) break;
        this.bytes[from + i] = unit;
      }
      if (i === text.length) {
        this.at = from + i;
        return from;
      }
    }
    this.at += encoder.encodeInto(text, this.bytes.subarray(from)).written;
    return from;
  }
}

const encoder = new TextEncoder();
