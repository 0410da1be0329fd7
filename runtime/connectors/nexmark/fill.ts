import { type Column, words } from "../../contract/batch.ts";
import { type TextPool, type TextSet, textPool } from "./text-pool.ts";

/** Events of one block: a lane's step, and a multiple of an epoch, so that each kind has its rows at the same places of every block. */
export const block_events = 1_000;
/** An epoch is 50 events: a person, three auctions, 46 bids (the shares of the public benchmark). */
export const epoch_events = 50;

/** Rows [from, to) of a block, which go to the batch at `at`. `h` and `g` are two hashes of each row of the block. */
export interface BlockRows {
  readonly from: number;
  readonly to: number;
  readonly at: number;
  /** Epochs and event time before the block. */
  readonly epoch0: number;
  readonly time0_us: number;
  readonly h: Int32Array;
  readonly g: Int32Array;
}

/** Of each row of a block: its place among the block's events, that epoch, and its place in the epoch. */
export interface Places {
  readonly event: Int32Array;
  readonly epoch: Int32Array;
  readonly inEpoch: Int32Array;
}

/** Makes one column of a batch, block by block. */
export interface Fill {
  fill(rows: BlockRows): void;
  readonly column: Column;
}

/** Columns are made for batches of up to `rows_max` rows and used again for the next. */
export type MakeFill = (rows_max: number, places: Places) => Fill;

const perTwo32 = 2 ** -32;

type Loop = (rows: BlockRows) => void;

/** A BIGINT or TIMESTAMP column; each caller brings a loop of its own, so that V8 compiles it for that column alone. */
export const integers =
  (makeLoop: (cells: Int32Array, places: Places) => Loop): MakeFill =>
  (rows_max, places) => {
    const values = new BigInt64Array(rows_max);
    return { fill: makeLoop(words(values), places), column: { phys: "i64", values, validity: null } };
  };

/** A VARCHAR column of views into the pool. */
export const texts =
  (makeLoop: (start: Int32Array, end: Int32Array, pool: TextPool) => Loop): MakeFill =>
  (rows_max) => {
    const pool = textPool();
    const start = new Int32Array(rows_max);
    const end = new Int32Array(rows_max);
    return { fill: makeLoop(start, end, pool), column: { phys: "bytes", start, end, bytes: pool.bytes, validity: null } };
  };

export interface EventTime {
  /** Between two events. */
  readonly spacing_us: number;
  /** An event lies up to this much earlier than its place. */
  readonly outOfOrder_us: number;
}

export const times = ({ spacing_us, outOfOrder_us }: EventTime): MakeFill =>
  integers((cells, { event }) => {
    const offset_us = Float64Array.from(event, (place) => Math.floor(place * spacing_us));
    const spread = outOfOrder_us / 65_536;
    return ({ from, to, at, time0_us, h, g }) => {
      for (let i = from, k = at; i < to; i++, k++) {
        const early_us = Math.floor((Math.imul((h[i] as number) ^ (g[i] as number), 0x9e3779b1) >>> 16) * spread);
        const time_us = time0_us + (offset_us[i] as number) - early_us;
        cells[2 * k] = time_us | 0;
        cells[2 * k + 1] = Math.floor(time_us * perTwo32);
      }
    };
  });

/** A text of a set: the one whose number is `pick` of the row's hash. For the rare kinds of events. */
export const oneOf = (set: (pool: TextPool) => TextSet, pick: (h: number) => number): MakeFill =>
  texts((start, end, pool) => {
    const { spans } = set(pool);
    const count = spans.length / 2;
    return ({ from, to, at, h }) => {
      for (let i = from, k = at; i < to; i++, k++) {
        const text = 2 * ((pick(h[i] as number) >>> 0) % count);
        start[k] = spans[text] as number;
        end[k] = spans[text + 1] as number;
      }
    };
  });

/** `length` and up to `more` random letters. For the rare kinds of events. */
export const letters = (salt: number, length: number, more: number): MakeFill =>
  texts((start, end, { lettersAt }) => ({ from, to, at, h, g }) => {
    for (let i = from, k = at; i < to; i++, k++) {
      const random = Math.imul((h[i] as number) + salt, 0x85ebca6b) ^ (g[i] as number);
      start[k] = lettersAt + (random & 0xffff);
      end[k] = (start[k] as number) + length + (more === 0 ? 0 : (random >>> 16) % (more + 1));
    }
  });
