import type { Batch } from "./batch.ts";
import type { Schema } from "./types.ts";

/**
 * A batch as one transferable ArrayBuffer, for MessagePorts, TCP and checkpoints. Strings are compacted, children of lists too.
 * Layout: header words, then each column's arrays, 8-aligned; 16 bytes of padding at the end for overshooting copies.
 */
export interface FrameCodec {
  /** Bytes the batch needs. */
  measure(batch: Batch): number;
  /** Writes into `target` if it is large enough, else into a new buffer of the next power of two. Returns the buffer used. */
  encode(batch: Batch, target: ArrayBuffer | null): ArrayBuffer;
  /** Views into the buffer: valid while the buffer is. */
  decode(buffer: ArrayBuffer): Batch;
}

/** Of all the buffers. */
export const sizeOf_bytes = (frames: readonly ArrayBuffer[]): number => frames.reduce((sum, { byteLength }) => sum + byteLength, 0);

export type MakeFrameCodec = (schema: Schema) => FrameCodec;
