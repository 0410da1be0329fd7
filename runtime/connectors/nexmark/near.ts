/** 64-bit integers that lie close together, written as two words without a BigInt or a division for each. */
export interface Near {
  /** The words of an integer a little below them all. */
  readonly low: number;
  readonly high: number;
}

/** Values may lie this far below, and as far above, what `nearBy` was given. */
const reach = 8_192;
const two32 = 4_294_967_296;
const signBit = -0x8000_0000;

export function nearBy(value: number): Near {
  const origin = value - reach;
  return { low: origin | 0, high: Math.floor(origin / two32) };
}

/** Writes value + `offset` to a 64-bit cell seen as two words. */
export function storeNear(cells: Int32Array, row: number, near: Near, offset: number): void {
  const low = (near.low + offset + reach) | 0;
  cells[2 * row] = low;
  cells[2 * row + 1] = (low ^ signBit) < (near.low ^ signBit) ? near.high + 1 : near.high;
}

/** The offset from the newest id to the first one, 1, if it is in reach. */
export const lowest = (newest: number): number => Math.max(1 - newest, -reach);
