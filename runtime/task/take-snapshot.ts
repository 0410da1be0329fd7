import type { Batch } from "../contract/batch.ts";
import { assert } from "../contract/errors.ts";
import type { FrameCodec } from "../contract/frame.ts";
import { limits } from "../contract/limits.ts";
import type { DeltaRest, OperatorSnapshot, ResultDelta, StateDelta, StateTableSpec } from "../contract/operator.ts";
import type { StateFrames, TaskSnapshot } from "../contract/rpc.ts";
import type { Schema } from "../contract/types.ts";
import { makeFrameCodec } from "../exchange/frame-codec.ts";
import type { Chain, ChainedOperator } from "./chain.ts";

export type SnapshotFrames = Pick<TaskSnapshot, "state" | "results"> & { readonly rows: number; readonly bytes: number };

/** How much of a snapshot is encoded while the task stands still for it, and in one step afterwards. */
export interface SnapshotPieces {
  readonly atOnce_rows: number;
  readonly piece_rows: number;
}

/**
 * The changes of a chain since its last snapshot, as frames. What is little is encoded when it is made, the synchronous part of a
 * checkpoint; the rest piece by piece between batches, or before rows change.
 */
export class ChainSnapshot {
  readonly #pieces: SnapshotPieces;
  readonly #state: StateFrames[] = [];
  readonly #results = new Map<string, ArrayBuffer[]>();
  /** What is not encoded yet. */
  #rests: DeltaRest[] = [];
  #rows = 0;
  #bytes = 0;

  constructor(chain: Chain, checkpoint: number, pieces: SnapshotPieces) {
    this.#pieces = pieces;
    for (const chained of chain.operators) {
      const snapshot: OperatorSnapshot | undefined = chained.operator.snapshot?.(checkpoint);
      // Batches are borrowed until the next operator is asked.
      for (const delta of snapshot?.deltas ?? []) this.#add(chained, delta);
      for (const delta of snapshot?.results ?? []) this.#addResult(chained, delta);
    }
    while (!this.isEncoded && this.#rows < pieces.atOnce_rows && this.#bytes < limits.snapshotAtOnce_bytes_max) this.encode();
  }

  get isEncoded(): boolean {
    return this.#rests.length === 0;
  }

  /** The next piece. */
  encode(): void {
    const [rest] = this.#rests;
    if (rest?.write(this.#pieces.piece_rows) === false) this.#rests.shift();
  }

  encodeAll(): void {
    while (!this.isEncoded) this.encode();
  }

  /** All of it; call when it is encoded. */
  frames(): SnapshotFrames {
    assert(this.isEncoded, "a snapshot is handed over whole");
    const results = [...this.#results].filter(([, frames]) => frames.length > 0).map(([table, frames]) => ({ table, frames }));
    return { state: this.#state, results, rows: this.#rows, bytes: this.#bytes };
  }

  /** The task ends. */
  drop(): void {
    for (const rest of this.#rests) rest.drop();
    this.#rests = [];
  }

  #add({ node, tables }: ChainedOperator, delta: StateDelta): void {
    const spec = tables.find((table) => table.name === delta.table);
    assert(spec !== undefined, `${node.name} has no state table ${delta.table}`);
    const codec = makeFrameCodec(rowSchema(spec));
    const add = (puts: ArrayBuffer | null, deletes: ArrayBuffer | null): void => {
      if (puts !== null || deletes !== null) this.#state.push({ uid: node.uid, table: delta.table, puts, deletes });
    };
    add(this.#frameOf(codec, delta.puts), this.#frameOf(makeFrameCodec(keySchema(spec)), delta.deletes));
    const { rest = null } = delta;
    if (rest === null) return;
    rest.giveTo((puts) => add(this.#frameOf(codec, puts), null));
    this.#rests.push(rest);
  }

  #addResult({ node }: ChainedOperator, { table, rest }: ResultDelta): void {
    const codec = makeFrameCodec(node.spec.op === "sink" ? node.spec.schema : node.output);
    const frames = this.#results.get(table) ?? [];
    this.#results.set(table, frames);
    rest.giveTo((rows) => {
      const frame = this.#frameOf(codec, rows);
      if (frame !== null) frames.push(frame);
    });
    this.#rests.push(rest);
  }

  /** In a buffer of its size: it is stored once, and not used again. */
  #frameOf(codec: FrameCodec, batch: Batch | null): ArrayBuffer | null {
    if (batch === null || batch.rows === 0) return null;
    const frame = codec.encode(batch, new ArrayBuffer(codec.measure(batch)));
    this.#rows += batch.rows;
    this.#bytes += frame.byteLength;
    return frame;
  }
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

export const rowSchema = (spec: StateTableSpec): Schema => ({ columns: spec.columns });

const keySchema = (spec: StateTableSpec): Schema => ({ columns: spec.columns.slice(0, spec.keyColumns) });
