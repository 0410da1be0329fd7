import { isUtf8 } from "node:buffer";
import { SqlError } from "../../runtime/contract/errors.ts";

/** Reads the fields of one message body. Every read is checked against what is there: 08P01 when it is not. */
export class MessageBody {
  private readonly bytes: Buffer;
  private at = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  get remaining_bytes(): number {
    return this.bytes.length - this.at;
  }

  u8(): number {
    this.need(1);
    return this.bytes[this.at++] as number;
  }

  i16(): number {
    return this.bytes.readInt16BE(this.advance(2));
  }

  u16(): number {
    return this.bytes.readUInt16BE(this.advance(2));
  }

  i32(): number {
    return this.bytes.readInt32BE(this.advance(4));
  }

  u32(): number {
    return this.bytes.readUInt32BE(this.advance(4));
  }

  take(length_bytes: number): Buffer {
    const from = this.advance(length_bytes);
    return this.bytes.subarray(from, from + length_bytes);
  }

  /** A zero-terminated string, strictly UTF-8. */
  cstring(): string {
    const end = this.bytes.indexOf(0, this.at);
    if (end < 0) throw new SqlError({ sqlState: "08P01", message: "invalid string in message" });
    const text = utf8Of(this.bytes.subarray(this.at, end));
    this.at = end + 1;
    return text;
  }

  /** Says that the message ends here. */
  end(): void {
    if (this.at !== this.bytes.length) throw new SqlError({ sqlState: "08P01", message: "invalid message format" });
  }

  private advance(length_bytes: number): number {
    this.need(length_bytes);
    const from = this.at;
    this.at += length_bytes;
    return from;
  }

  private need(length_bytes: number): void {
    if (length_bytes < 0 || length_bytes > this.bytes.length - this.at) {
      throw new SqlError({ sqlState: "08P01", message: "insufficient data left in message" });
    }
  }
}

/** Strict UTF-8 without zeros: a lenient decoder would let two spellings of one text pass a check and mean different things later. */
export function utf8Of(bytes: Buffer): string {
  if (!isUtf8(bytes) || bytes.includes(0)) throw new SqlError({ sqlState: "22021", message: 'invalid byte sequence for encoding "UTF8"' });
  return bytes.toString("utf8");
}
