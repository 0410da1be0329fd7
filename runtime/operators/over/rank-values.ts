import { type Column, type I64Column, words } from "../../contract/batch.ts";
import { TaskFailure } from "../../contract/errors.ts";
import type { OverCall } from "../../contract/ordering.ts";
import type { FrameInput } from "./frame-bounds.ts";
import type { Positions } from "./positions.ts";

type Ranking = Extract<OverCall, { readonly kind: "rowNumber" | "rank" | "denseRank" | "percentRank" | "cumeDist" }>;

/** Ranks of all kinds: a column with a value per position. */
export function rankValues({ kind }: Ranking, positions: Positions): Column {
  switch (kind) {
    case "rowNumber":
      return counts(positions, (p) => p - startOf(positions, p) + 1);
    case "rank":
      return counts(positions, (p) => (positions.peerStart.values[p] as number) - startOf(positions, p) + 1);
    case "denseRank":
      return denseRanks(positions);
    case "percentRank":
      return shares(positions, (p) => {
        const others = sizeOf(positions, p) - 1;
        return others === 0 ? 0 : ((positions.peerStart.values[p] as number) - startOf(positions, p)) / others;
      });
    case "cumeDist":
      return shares(positions, (p) => ((positions.peerEnd.values[p] as number) - startOf(positions, p)) / sizeOf(positions, p));
  }
}

/** Adds to the ranks of the k-th partition what `before` says was counted in front of it. */
export function addCounts(ranks: Column, { starts, count }: Positions, before: (k: number) => number): void {
  const lanes = words((ranks as I64Column).values);
  for (let k = 0; k < starts.length; k++) {
    const more = before(k);
    if (more === 0) continue;
    const end = k + 1 < starts.length ? (starts.values[k + 1] as number) : count;
    for (let p = starts.values[k] as number; p < end; p++) {
      const rank = more + (lanes[2 * p] as number);
      lanes[2 * p] = rank | 0;
      lanes[2 * p + 1] = Math.floor(rank / 4_294_967_296);
    }
  }
}

/** The partition in so many buckets, the first ones larger by one. NULL where their number is NULL. Throws 22023 for none. */
export function ntileValues(buckets: number, { positions, columns }: FrameInput): Column {
  const { values, validity } = columns[buckets] as I64Column;
  const tiles = new BigInt64Array(positions.count);
  const valid = new Uint8Array(positions.count).fill(1);
  for (let p = 0; p < positions.count; p++) {
    const row = positions.rows.values[p] as number;
    if (validity !== null && validity[row] === 0) {
      valid[p] = 0;
      continue;
    }
    const asked = Number(values[row] as bigint);
    if (asked <= 0) throw new TaskFailure("user", "fail", "argument of ntile must be greater than zero", { sqlState: "22023" });
    tiles[p] = BigInt(tileOf(p - startOf(positions, p), sizeOf(positions, p), asked));
  }
  return { phys: "i64", values: tiles, validity: valid.includes(0) ? valid : null };
}

function tileOf(at: number, size: number, asked: number): number {
  const tiles = Math.min(asked, size);
  const small = Math.floor(size / tiles);
  const large = size - small * tiles;
  const inLarge = large * (small + 1);
  return at < inLarge ? 1 + Math.floor(at / (small + 1)) : 1 + large + Math.floor((at - inLarge) / small);
}

const startOf = ({ partitionStart }: Positions, p: number): number => partitionStart.values[p] as number;
const sizeOf = ({ partitionStart, partitionEnd }: Positions, p: number): number =>
  (partitionEnd.values[p] as number) - (partitionStart.values[p] as number);

/** Written by their low words: counts of positions fit. */
function counts({ count }: Positions, valueOf: (position: number) => number): I64Column {
  const values = new BigInt64Array(count);
  const words = new Int32Array(values.buffer);
  for (let p = 0; p < count; p++) words[2 * p] = valueOf(p);
  return { phys: "i64", values, validity: null };
}

function denseRanks(positions: Positions): Column {
  let rank = 0;
  return counts(positions, (p) => {
    if (p === startOf(positions, p)) rank = 1;
    else if (p === positions.peerStart.values[p]) rank++;
    return rank;
  });
}

function shares({ count }: Positions, valueOf: (position: number) => number): Column {
  const values = new Float64Array(count);
  for (let p = 0; p < count; p++) values[p] = valueOf(p);
  return { phys: "f64", values, validity: null };
}
