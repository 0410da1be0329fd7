import type { Batch } from "../contract/batch.ts";
import { TaskFailure } from "../contract/errors.ts";
import type { FrameCodec, MakeFrameCodec } from "../contract/frame.ts";
import type { Schema } from "../contract/types.ts";
import { compactLists } from "./compact-lists.ts";
import { layoutOf } from "./frame-layout.ts";
import { FrameReader } from "./frame-reader.ts";
import { FrameWriter, measureFrame } from "./frame-writer.ts";

/** Offsets are 32-bit and signed. */
const frame_bytes_max = 2 ** 31 - 1;
const frame_bytes_min = 1_024;

const powerOfTwo = (bytes: number): number => 2 ** Math.ceil(Math.log2(Math.max(bytes, frame_bytes_min)));

/** The codec for batches of one schema. Stateless: it may be shared. */
export const makeFrameCodec: MakeFrameCodec = (schema: Schema): FrameCodec => {
  const layout = layoutOf(schema);
  return {
    measure: (batch) => measureFrame(layout, compactLists(layout, batch)),
    encode: (batch, target) => {
      const compact: Batch = compactLists(layout, batch);
      const size = measureFrame(layout, compact);
      if (size > frame_bytes_max) throw new TaskFailure("user", "fail", "a batch of rows is larger than 2 GB", { sqlState: "54000" });
      const buffer = target !== null && target.byteLength >= size ? target : new ArrayBuffer(powerOfTwo(size));
      new FrameWriter(layout, buffer).write(layout, compact);
      return buffer;
    },
    decode: (buffer) => new FrameReader(layout, buffer).read(),
  };
};
