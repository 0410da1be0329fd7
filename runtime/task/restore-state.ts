import type { Batch } from "../contract/batch.ts";
import { assert } from "../contract/errors.ts";
import { sizeOf_bytes } from "../contract/frame.ts";
import type { RestoredTable } from "../contract/rpc.ts";
import type { Schema } from "../contract/types.ts";
import { BatchBuilder } from "../exchange/batch-builder.ts";
import { makeFrameCodec } from "../exchange/frame-codec.ts";
import type { Chain } from "./chain.ts";
import { rowSchema } from "./take-snapshot.ts";

/** Frames smaller than this on average become one batch: a call per frame would cost more than the copy. */
const frame_bytes_min = 65_536;

/** Hands an operator rows of one of its state tables, in as many batches as suits; of a union table all in one. */
export function restoreState(chain: Chain, { uid, table, frames }: RestoredTable): void {
  const chained = chain.operators.find(({ node }) => node.uid === uid);
  assert(chained !== undefined, `restored state of ${uid} belongs to an operator of the task`);
  const spec = chained.tables.find(({ name }) => name === table);
  assert(spec !== undefined, `${chained.node.name} has the restored state table ${table}`);
  assert(chained.operator.restore !== undefined, `${chained.node.name} restores the state that it keeps`);
  const schema = rowSchema(spec);
  if (spec.redistribution.kind === "union" || areSmall(frames)) return chained.operator.restore(table, joined(schema, frames));
  const codec = makeFrameCodec(schema);
  for (const frame of frames) chained.operator.restore(table, codec.decode(frame));
}

const areSmall = (frames: readonly ArrayBuffer[]): boolean => sizeOf_bytes(frames) < frame_bytes_min * frames.length;

function joined(schema: Schema, frames: readonly ArrayBuffer[]): Batch {
  const codec = makeFrameCodec(schema);
  if (frames.length === 1) return codec.decode(frames[0] as ArrayBuffer);
  const builder = new BatchBuilder(schema);
  for (const frame of frames) {
    const batch = codec.decode(frame);
    builder.append(batch, { selection: null, from: 0, to: batch.rows });
  }
  return builder.build();
}
