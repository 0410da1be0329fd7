import type { Message } from "../../contract/network.ts";
import { checkSizes, decodeMessage, type FixedHeader, fixedHeader_bytes, readFixedHeader } from "./message-codec.ts";

/**
 * Puts messages together from the chunks of a stream: each part of a message is copied once, into the buffer that becomes its own.
 * Only for peers that have proved themselves: it allocates what they announce, within limits.
 */
export class MessageAssembler {
  readonly #deliver: (message: Message) => void;
  /** Parts of the message under way, of which all but the last are complete. */
  #parts: Uint8Array<ArrayBuffer>[] = [];
  #filled_bytes = 0;
  #header: FixedHeader | null = null;
  #lengths: Uint32Array | null = null;

  constructor(deliver: (message: Message) => void) {
    this.#deliver = deliver;
    this.#begin(fixedHeader_bytes);
  }

  /** Throws MessageFormatError, or what v8 throws, for a stream that cannot be read on. */
  push(chunk: Uint8Array): void {
    let read = 0;
    for (;;) {
      const part = this.#parts.at(-1) as Uint8Array<ArrayBuffer>;
      const take = Math.min(part.length - this.#filled_bytes, chunk.length - read);
      part.set(chunk.subarray(read, read + take), this.#filled_bytes);
      this.#filled_bytes += take;
      read += take;
      if (this.#filled_bytes < part.length) return;
      this.#next();
    }
  }

  /** The part under way is complete: header, lengths, body, then one part a buffer. */
  #next(): void {
    const part = this.#parts.at(-1) as Uint8Array<ArrayBuffer>;
    if (this.#header === null) {
      this.#header = readFixedHeader(part);
      this.#begin(4 * this.#header.buffers);
      return;
    }
    if (this.#lengths === null) {
      this.#lengths = new Uint32Array(part.buffer);
      checkSizes(this.#header.body_bytes, this.#lengths);
      this.#parts = [];
      this.#begin(this.#header.body_bytes);
      return;
    }
    if (this.#parts.length <= this.#header.buffers) this.#begin(this.#lengths[this.#parts.length - 1] as number);
    else this.#complete();
  }

  #complete(): void {
    const [body, ...buffers] = this.#parts;
    this.#parts = [];
    this.#header = null;
    this.#lengths = null;
    this.#begin(fixedHeader_bytes);
    this.#deliver(
      decodeMessage(
        body as Uint8Array,
        buffers.map((part) => part.buffer),
      ),
    );
  }

  #begin(bytes: number): void {
    this.#parts.push(new Uint8Array(bytes));
    this.#filled_bytes = 0;
  }
}
