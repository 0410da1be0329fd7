import type { Code } from "./code.ts";

/** 64-bit lanes to and from doubles through eight bytes of memory: `Number(big)` and `BigInt(number)` cost 30 ns each. */
const scratch = new BigInt64Array(1);
const scratchWords = new Int32Array(scratch.buffer);

/** The low and high 32-bit words of a BigInt, as names of two int32 numbers. */
export function wordsOfBig(code: Code, big: string): readonly [low: string, high: string] {
  code.line(`${code.constant(scratch)}[0] = ${big};`);
  return [code.local(`${code.constant(scratchWords)}[0]`), code.local(`${code.constant(scratchWords)}[1]`)];
}

/** The BigInt as the nearest double. */
export function numberOfBig(code: Code, big: string): string {
  const [low, high] = wordsOfBig(code, big);
  return code.local(`${high} * 4294967296 + (${low} >>> 0)`);
}

/** A double that holds an integer within 2^53, or any double within 2^63 that is an integer, as a BigInt. */
export function bigOfNumber(code: Code, number: string): string {
  const words = code.constant(scratchWords);
  code.line(`${words}[0] = ${number}; ${words}[1] = Math.floor(${number} * 2.3283064365386963e-10);`);
  return code.local(`${code.constant(scratch)}[0]`);
}

/** The two lanes of a BigInt of up to 128 bits. */
export function lanesOfBig(code: Code, big: string): readonly [low: string, high: string] {
  const value = code.local(big);
  return [code.local(`BigInt.asIntN(64, ${value})`), code.local(`BigInt.asIntN(64, ${value} >> 64n)`)];
}
