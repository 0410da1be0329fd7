import { describe, expect, it } from "vitest";
import { words } from "../contract/batch.ts";
import { TimerHeap } from "./timer-heap.ts";

const edges = [-(2n ** 63n), -1n, 0n, 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n + 1n, 2n ** 63n - 1n];

/** Times that repeat, far apart and close together, from a linear congruence. */
function timesOf(count: number): BigInt64Array {
  let seed = 7;
  return BigInt64Array.from({ length: count }, (_, i) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) | 0;
    return i % 7 === 0 ? (edges[(seed >>> 8) % edges.length] as bigint) : BigInt(seed >> 20);
  });
}

describe("TimerHeap", () => {
  it("gives its items in the order of their times", () => {
    const times = timesOf(5_000);
    const heap = new TimerHeap();
    const lanes = words(times);
    times.forEach((time, item) => (item % 2 === 0 ? heap.push(time, item) : heap.pushFrom(lanes, item, item)));
    const taken: bigint[] = [];
    for (let item = heap.popUntil(2n ** 63n - 1n); item >= 0; item = heap.popUntil(2n ** 63n - 1n)) taken.push(times[item] as bigint);
    expect(taken).toEqual([...times].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
    expect(heap.first).toBe(null);
  });

  it("gives none that is later than asked", () => {
    const heap = new TimerHeap();
    for (const [item, time] of edges.entries()) heap.push(time, item);
    for (const [item, time] of edges.entries()) {
      expect(heap.first).toBe(time);
      expect(item === 0 ? -1 : heap.popUntil(time - 1n)).toBe(-1);
      expect(heap.popUntil(time)).toBe(item);
    }
    heap.push(5n, 1);
    heap.clear();
    expect(heap.popUntil(9n)).toBe(-1);
  });

  it("everything up to a bound beyond all times, and nothing up to one before them", () => {
    const heap = new TimerHeap();
    heap.push(2n ** 63n - 1n, 1);
    heap.push(-(2n ** 63n), 2);
    expect(heap.popUntil(-(2n ** 63n) - 1n)).toBe(-1);
    expect([heap.popUntil(2n ** 63n), heap.popUntil(2n ** 63n)]).toEqual([2, 1]);
  });
});
