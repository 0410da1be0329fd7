import type { Batch } from "../contract/batch.ts";
import { assert } from "../contract/errors.ts";
import type { RestoredTable } from "../contract/rpc.ts";
import type { Schema } from "../contract/types.ts";
import { BatchBuilder } from "../exchange/batch-builder.ts";
import { makeFrameCodec } from "../exchange/frame-codec.ts";
import type { Chain } from "./chain.ts";
import { rowSchema } from "./take-snapshot.ts";

/** Hands each operator the rows of its state tables, one batch a table. */
export function restoreState(chain: Chain, restored: readonly RestoredTable[]): void {
  for (const { uid, table, frames } of restored) {
    const chained = chain.operators.find(({ node }) => node.uid === uid);
    assert(chained !== undefined, `restored state of ${uid} belongs to an operator of the task`);
    const spec = chained.tables.find(({ name }) => name === table);
    assert(spec !== undefined, `${chained.node.name} has the restored state table ${table}`);
    if (frames.length === 0) continue;
    assert(chained.operator.restore !== undefined, `${chained.node.name} restores the state that it keeps`);
    chained.operator.restore(table, joined(rowSchema(spec), frames));
  }
}

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
