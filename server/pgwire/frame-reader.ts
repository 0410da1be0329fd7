import { SqlError } from "../../runtime/contract/errors.ts";

export interface Frame {
  /** The message's letter; empty for the packets before the login, which have none. */
  readonly type: string;
  /** Without letter and length. Never overwritten: whoever reads it may keep it. */
  readonly body: Buffer;
}

/** Pieces smaller than this are joined at once, so that a client sending single bytes does not cost an object per byte. */
const join_bytes_below = 8_192;

/**
 * Cuts the bytes of a socket into messages. Lengths are checked before anything is reserved for them, and memory grows only
 * with bytes that arrived.
 */
export class FrameReader {
  private chunks: Buffer[] = [];
  private buffered = 0;

  get buffered_bytes(): number {
    return this.buffered;
  }

  push(chunk: Buffer): void {
    const last = this.chunks.at(-1);
    if (last !== undefined && last.length + chunk.length < join_bytes_below)
      this.chunks[this.chunks.length - 1] = Buffer.concat([last, chunk]);
    else this.chunks.push(chunk);
    this.buffered += chunk.length;
  }

  /** A packet before the login: length, then body. */
  takePacket(length_bytes_max: number): Frame | null {
    return this.takeFrame(0, length_bytes_max);
  }

  takeMessage(length_bytes_max: number): Frame | null {
    return this.takeFrame(1, length_bytes_max);
  }

  /** The letter of the message that comes next, if its first byte is here. */
  peekType(): string | null {
    const first = this.chunks[0]?.[0];
    return first === undefined ? null : String.fromCharCode(first);
  }

  private takeFrame(type_bytes: 0 | 1, length_bytes_max: number): Frame | null {
    const header_bytes = type_bytes + 4;
    if (this.buffered < header_bytes) return null;
    const length = this.front(header_bytes).readInt32BE(type_bytes);
    if (length < 4) throw new SqlError({ sqlState: "08P01", message: "invalid message length" });
    if (length > length_bytes_max) {
      throw new SqlError({
        sqlState: "54000",
        message: `message of ${length} bytes is too long`,
        detail: `The limit is ${length_bytes_max} bytes.`,
      });
    }
    const frame_bytes = type_bytes + length;
    if (this.buffered < frame_bytes) return null;
    const bytes = this.front(frame_bytes);
    this.drop(frame_bytes);
    return {
      type: type_bytes === 0 ? "" : String.fromCharCode(bytes[0] as number),
      body: bytes.subarray(header_bytes, frame_bytes),
    };
  }

  /** The first chunk, made long enough by joining those behind it. */
  private front(needed_bytes: number): Buffer {
    let first = this.chunks[0] as Buffer;
    if (first.length >= needed_bytes) return first;
    let joined = 0;
    let count = 0;
    while (joined < needed_bytes) joined += (this.chunks[count++] as Buffer).length;
    first = Buffer.concat(this.chunks.slice(0, count), joined);
    this.chunks.splice(0, count, first);
    return first;
  }

  private drop(bytes: number): void {
    const first = this.chunks[0] as Buffer;
    if (first.length === bytes) this.chunks.shift();
    else this.chunks[0] = first.subarray(bytes);
    this.buffered -= bytes;
  }
}
