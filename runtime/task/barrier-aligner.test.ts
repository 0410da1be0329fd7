import { expect, test } from "vitest";
import { BarrierAligner, type AlignmentStep } from "./barrier-aligner.ts";

/** Only what is asked for. */
const asked = (step: AlignmentStep): Record<string, unknown> =>
  Object.fromEntries(Object.entries(step).filter(([, value]) => value !== false && value !== null));

test("a channel is blocked from its barrier to the last one", () => {
  const aligner = new BarrierAligner(3);
  expect(asked(aligner.barrier(1, 1))).toEqual({ block: true });
  expect(asked(aligner.barrier(0, 1))).toEqual({ block: true });
  expect(asked(aligner.barrier(2, 1))).toEqual({ unblock: true, complete: 1 });
});

test("one channel needs no alignment", () => {
  expect(asked(new BarrierAligner(1).barrier(0, 7))).toEqual({ unblock: true, complete: 7 });
});

test("a barrier that is older than the last checkpoint, or than the one under way, is ignored", () => {
  const aligner = new BarrierAligner(2);
  aligner.barrier(0, 5);
  expect(asked(aligner.barrier(1, 4))).toEqual({});
  expect(asked(aligner.barrier(1, 5))).toEqual({ unblock: true, complete: 5 });
  expect(asked(aligner.barrier(0, 5))).toEqual({});
  expect(asked(aligner.barrier(0, 3))).toEqual({});
});

test("a newer barrier gives the older checkpoint up and starts its own", () => {
  const aligner = new BarrierAligner(3);
  aligner.barrier(0, 1);
  aligner.barrier(1, 1);
  expect(asked(aligner.barrier(2, 2))).toEqual({ block: true, unblock: true, declined: 1 });
  expect(asked(aligner.barrier(0, 2))).toEqual({ block: true });
  expect(asked(aligner.barrier(1, 2))).toEqual({ unblock: true, complete: 2 });
});

test("the end of a channel lowers the number of barriers awaited", () => {
  const aligner = new BarrierAligner(3);
  aligner.barrier(0, 1);
  expect(asked(aligner.end(1))).toEqual({});
  expect(asked(aligner.end(2))).toEqual({ unblock: true, complete: 1 });
  expect(asked(aligner.barrier(0, 2))).toEqual({ unblock: true, complete: 2 });
  expect(asked(aligner.end(0))).toEqual({});
});

test("an aborted checkpoint unblocks, and its barriers that come later are ignored", () => {
  const aligner = new BarrierAligner(2);
  aligner.barrier(0, 1);
  expect(asked(aligner.abort(1))).toEqual({ unblock: true });
  expect(asked(aligner.barrier(1, 1))).toEqual({});
  expect(asked(aligner.barrier(1, 2))).toEqual({ block: true });
  expect(asked(aligner.abort(1))).toEqual({});
  expect(asked(aligner.barrier(0, 2))).toEqual({ unblock: true, complete: 2 });
});

test("an abort that overtakes the first barrier holds for all of them", () => {
  const aligner = new BarrierAligner(2);
  aligner.abort(3);
  expect(asked(aligner.barrier(0, 3))).toEqual({});
  expect(asked(aligner.barrier(1, 3))).toEqual({});
});
