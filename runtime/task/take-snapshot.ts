import type { Batch } from "../contract/batch.ts";
import { assert } from "../contract/errors.ts";
import type { OperatorSnapshot, ResultDelta, StateDelta, StateTableSpec } from "../contract/operator.ts";
import type { ResultFrames, StateFrames, TaskSnapshot } from "../contract/rpc.ts";
import type { Schema } from "../contract/types.ts";
import type { FrameCodec } from "../contract/frame.ts";
import { makeFrameCodec } from "../exchange/frame-codec.ts";
import type { Chain, ChainedOperator } from "./chain.ts";

export interface SnapshotFrames {
  readonly state: readonly StateFrames[];
  readonly results: readonly ResultFrames[];
  readonly rows: number;
  readonly bytes: number;
}

/** The synchronous part of a checkpoint: asks every operator of the chain, and encodes at once, as the batches are borrowed. */
export function takeSnapshot(chain: Chain, checkpoint: number): SnapshotFrames {
  const state: StateFrames[] = [];
  const results = new Map<string, ArrayBuffer[]>();
  let rows = 0;
  for (const chained of chain.operators) {
    const snapshot: OperatorSnapshot | undefined = chained.operator.snapshot?.(checkpoint);
    if (snapshot === undefined) continue;
    for (const delta of snapshot.deltas) {
      rows += (delta.puts?.rows ?? 0) + (delta.deletes?.rows ?? 0);
      const frames = stateFrames(chained, delta);
      if (frames.puts !== null || frames.deletes !== null) state.push(frames);
    }
    for (const delta of snapshot.results ?? []) {
      rows += delta.batch.rows;
      addResult(results, chained, delta);
    }
  }
  const taken = { state, results: [...results].map(([table, frames]) => ({ table, frames })) };
  return { ...taken, rows, bytes: buffersOf(taken).reduce((sum, { byteLength }) => sum + byteLength, 0) };
}

/** The buffers to transfer. */
export const buffersOf = ({
  state,
  results,
  inFlight = [],
}: Pick<TaskSnapshot, "state" | "results"> & Partial<TaskSnapshot>): ArrayBuffer[] => [
  ...state.flatMap(({ puts, deletes }) => [puts, deletes]).filter((frame) => frame !== null),
  ...results.flatMap(({ frames }) => frames),
  ...inFlight.flatMap(({ rows }) => rows.map(({ frame }) => frame)),
];

function stateFrames({ node, tables }: ChainedOperator, delta: StateDelta): StateFrames {
  const spec = tables.find((table) => table.name === delta.table);
  assert(spec !== undefined, `${node.name} has no state table ${delta.table}`);
  return {
    uid: node.uid,
    table: delta.table,
    puts: frameOf(rowSchema(spec), delta.puts),
    deletes: frameOf(keySchema(spec), delta.deletes),
  };
}

function addResult(results: Map<string, ArrayBuffer[]>, { node }: ChainedOperator, delta: ResultDelta): void {
  const frame = frameOf(node.spec.op === "sink" ? node.spec.schema : node.output, delta.batch);
  if (frame === null) return;
  const frames = results.get(delta.table);
  if (frames === undefined) results.set(delta.table, [frame]);
  else frames.push(frame);
}

const frameOf = (schema: Schema, batch: Batch | null): ArrayBuffer | null =>
  batch === null || batch.rows === 0 ? null : encoded(makeFrameCodec(schema), batch);

/** In a buffer of its size: it is stored once, and not used again. */
const encoded = (codec: FrameCodec, batch: Batch): ArrayBuffer => codec.encode(batch, new ArrayBuffer(codec.measure(batch)));

export const rowSchema = (spec: StateTableSpec): Schema => ({ columns: spec.columns });

const keySchema = (spec: StateTableSpec): Schema => ({ columns: spec.columns.slice(0, spec.keyColumns) });
