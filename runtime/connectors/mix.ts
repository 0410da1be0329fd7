/** Mixes 32 bits so that each depends on all (lowbias32, Ellis Hamilton and Chris Wellons, public domain). */
export function mix(x: number): number {
  let y = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  y = Math.imul(y ^ (y >>> 15), 0x735a2d97);
  return y ^ (y >>> 15);
}

const two32 = 4_294_967_296;

/** A hash of a seed and a number below 2^53. */
export const mixNumber = (seed: number, n: number): number => mix(mix(seed ^ (n | 0)) ^ Math.floor(n / two32));

/** The low and high words of an integer below 2^53, into a 64-bit cell seen as two words. */
export function storeInteger(cells: Int32Array, row: number, value: number): void {
  cells[2 * row] = value | 0;
  cells[2 * row + 1] = Math.floor(value / two32);
}
