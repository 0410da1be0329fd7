/**
 * Backend messages are written one behind the other into one growing buffer; the length of each is filled in at its end.
 * `buffer` and `at` are open to the row encoders, which write cells without a call per byte.
 */
export class MessageWriter {
  buffer: Buffer;
  at = 0;
  private lengthAt = 0;

  constructor(initial_bytes = 8_192) {
    this.buffer = Buffer.allocUnsafe(initial_bytes);
  }

  /** Makes room for `bytes` more bytes. */
  reserve(bytes: number): void {
    if (this.at + bytes > this.buffer.length) this.grow(bytes);
  }

  private grow(bytes: number): void {
    const larger = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.at + bytes));
    this.buffer.copy(larger, 0, 0, this.at);
    this.buffer = larger;
  }

  /** Starts a message; `type` is its one letter. */
  begin(type: string): this {
    this.reserve(5);
    this.buffer[this.at] = type.charCodeAt(0);
    this.lengthAt = this.at + 1;
    this.at += 5;
    return this;
  }

  end(): void {
    this.buffer.writeInt32BE(this.at - this.lengthAt, this.lengthAt);
  }

  u8(value: number): this {
    this.reserve(1);
    this.buffer[this.at++] = value;
    return this;
  }

  i16(value: number): this {
    this.reserve(2);
    this.at = this.buffer.writeInt16BE(value, this.at);
    return this;
  }

  /** For counts that the protocol reads as unsigned. */
  u16(value: number): this {
    this.reserve(2);
    this.at = this.buffer.writeUInt16BE(value, this.at);
    return this;
  }

  i32(value: number): this {
    this.reserve(4);
    this.at = this.buffer.writeInt32BE(value | 0, this.at);
    return this;
  }

  i64(value: bigint): this {
    this.reserve(8);
    this.at = this.buffer.writeBigInt64BE(value, this.at);
    return this;
  }

  f32(value: number): this {
    this.reserve(4);
    this.at = this.buffer.writeFloatBE(value, this.at);
    return this;
  }

  f64(value: number): this {
    this.reserve(8);
    this.at = this.buffer.writeDoubleBE(value, this.at);
    return this;
  }

  raw(bytes: Uint8Array): this {
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.at);
    this.at += bytes.length;
    return this;
  }

  /** Zero-terminated; a zero inside would end it early and shift the rest of the message, so it is left out. */
  cstring(text: string): this {
    const clean = text.includes("\0") ? text.replaceAll("\0", "") : text;
    this.reserve(clean.length * 3 + 1);
    this.at += this.buffer.write(clean, this.at, "utf8");
    this.buffer[this.at++] = 0;
    return this;
  }

  /** A cell: length, then UTF-8. */
  text(text: string): void {
    this.reserve(text.length * 3 + 4);
    const bytes = this.buffer.write(text, this.at + 4, "utf8");
    this.buffer.writeInt32BE(bytes, this.at);
    this.at += bytes + 4;
  }

  /** Hands over what was written and starts afresh. Small replies are copied so that the buffer is kept. */
  take(): Buffer {
    const written = this.buffer.subarray(0, this.at);
    if (this.at * 4 <= this.buffer.length) {
      this.at = 0;
      return Buffer.from(written);
    }
    this.buffer = Buffer.allocUnsafe(this.buffer.length);
    this.at = 0;
    return written;
  }
}
