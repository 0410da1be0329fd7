import { kernels, type Pointer } from "../../kernels/kernels.ts";

/** Helpers over packed rows; all results are staged. */

/** The 64-bit words at `offset` of rows. */
export function gathered(rows: Pointer, count: number, offset: number): Pointer {
  const { run, staging } = kernels();
  const words = staging.bytes(count * 8);
  run.gather64(rows, count, offset, words);
  return words;
}

/** The same with their signs changed. */
export function negated(rows: Pointer, count: number, offset: number): Pointer {
  const words = gathered(rows, count, offset);
  kernels().run.negate64(words, count);
  return words;
}

/** A mask of the rows whose word at `offset` is not 0, and how many they are. */
export function gatheredSet(rows: Pointer, count: number, offset: number): { readonly mask: Pointer; readonly set: number } {
  const { run, staging } = kernels();
  const mask = staging.bytes(count);
  const set = run.gatherSet(rows, count, offset, mask);
  return { mask, set };
}
