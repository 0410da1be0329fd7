import { describe, expect, it } from "vitest";
import type { Frame, OverCall } from "../../contract/ordering.ts";
import { bigint } from "../../contract/types.ts";
import { pieceOf } from "./piece.ts";
import { reachOf } from "./reach.ts";

const lag = (constant: number): OverCall => ({
  kind: "lag",
  value: 1,
  offset: { constant },
  fallback: null,
  ignoreNulls: false,
  type: bigint,
});
const frame: Frame = {
  start: { kind: "preceding", unit: "rows", offset: { constant: 4 } },
  end: { kind: "following", unit: "rows", offset: { constant: 2 } },
  exclude: "nothing",
};
const last = (own: Frame): OverCall => ({ kind: "lastValue", value: 1, ignoreNulls: false, frame: own, type: bigint });

describe("what of a partition is answered anew", () => {
  it.each([
    ["a lag", [lag(3)], { back: 3, forward: 0, running: false }],
    ["a frame of rows, and a lag", [last(frame), lag(9)], { back: 9, forward: 2, running: false }],
    ["row numbers", [{ kind: "rowNumber", type: bigint }, lag(1)], { back: 1, forward: 0, running: true }],
    ["shares of the partition", [{ kind: "cumeDist", type: bigint }, lag(1)], null],
    ["a frame to the partition's end", [last({ ...frame, end: { kind: "unboundedFollowing" } })], null],
  ] as const)("hangs on how far answers look: %s", (_, calls, reach) => expect(reachOf(calls)).toEqual(reach));

  // Row numbers are values; ten of them are peers.
  const list = { rows: Int32Array.from({ length: 1_000 }, (_, i) => i), length: 1_000 };
  const order = (a: number, b: number): number => a - b;
  const isPeer = (a: number, b: number): number => Math.floor(a / 10) - Math.floor(b / 10);
  it.each([
    ["rows around the changed ones", [505, 512], { back: 1, forward: 1, running: false }, { from: 490, to: 515 }],
    ["all behind, where answers go on", [505], { back: 0, forward: 0, running: true }, { from: 500, to: 1_000 }],
    ["the partition's end", [999], { back: 2, forward: 0, running: true }, { from: 980, to: 1_000 }],
    ["the partition's begin", [0], { back: 2, forward: 0, running: false }, { from: 0, to: 3 }],
  ] as const)("is a piece of it: %s", (_, changed, reach, piece) =>
    expect(pieceOf(list, Int32Array.from(changed), reach, order, isPeer)).toEqual(piece),
  );
});
