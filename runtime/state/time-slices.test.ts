import { expect, it } from "vitest";
import { words } from "../contract/batch.ts";
import { IntList } from "./int-list.ts";
import { TimeSlices } from "./time-slices.ts";

const extremes = [
  -(2n ** 63n),
  -(2n ** 53n) - 1n,
  -16_385n,
  -16_384n,
  -1n,
  0n,
  16_383n,
  16_384n,
  2n ** 32n,
  2n ** 53n + 1n,
  2n ** 63n - 1n,
];

it("gives every item once, as soon as its time is reached", () => {
  let seed = 3;
  const times = BigInt64Array.from({ length: 4_000 }, (_, i) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) | 0;
    return i < extremes.length ? (extremes[i] as bigint) : BigInt(seed >> (seed & 15));
  });
  const slices = new TimeSlices();
  const lanes = words(times);
  const waiting = new Map<number, bigint>();
  const marks = [...extremes, ...Array.from({ length: 200 }, (_, i) => BigInt(i * 20_000 - 2_000_000))].sort((a, b) => (a < b ? -1 : 1));
  const taken = new IntList();
  for (const [k, mark] of marks.entries()) {
    // Late items too: what comes behind a mark is given with the next one.
    for (let item = k; item < times.length; item += marks.length) {
      slices.pushFrom(lanes, item, item);
      waiting.set(item, times[item] as bigint);
    }
    taken.clear();
    slices.takeUntil(mark, taken);
    const due = [...waiting].filter(([, time]) => time <= mark).map(([item]) => item);
    expect([...taken.values.subarray(0, taken.length)].sort((a, b) => a - b)).toEqual(due.sort((a, b) => a - b));
    for (const item of due) waiting.delete(item);
  }
  expect(waiting.size).toBe(0);
});
