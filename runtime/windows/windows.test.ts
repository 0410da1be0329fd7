import { describe, expect, it } from "vitest";
import type { WindowSpec } from "../contract/job-graph.ts";
import { randomOf } from "../../sql-tests/runner/random.ts";
import { parseTime } from "../../sql-tests/runner/harness-text.ts";
import { assignSliceEnds, assignWindows, invalidWindow, printWindow, sliceLength_us } from "./registry.ts";
import { mergeSessions, sessionsTouch, sessionWindow } from "./session.ts";
import { reducedOffset, sliceStart } from "./slice.ts";

const minute = 60_000_000n;
const second = 1_000_000n;
const tumble = (size_us: bigint, offset_us = 0n): WindowSpec => ({ kind: "tumble", size_us, offset_us });
const windows = (spec: WindowSpec, time: bigint): string[] => assignWindows(spec, time).map((w) => `${w.start_us}..${w.end_us}`);

describe("window assignment (semantics.md, section 1)", () => {
  const at = parseTime("2021-06-30T00:00:04");
  it.each([
    [0n, "2021-06-30T00:00:00"],
    [-16n, "2021-06-29T23:54:00"],
    [-6n, "2021-06-29T23:54:00"],
    [4n, "2021-06-29T23:54:00"],
    [-4n, "2021-06-29T23:56:00"],
    [6n, "2021-06-29T23:56:00"],
    [16n, "2021-06-29T23:56:00"],
  ])("10 minutes at an offset of %s minutes start at %s", (offset, start) => {
    const from = parseTime(start);
    expect(windows(tumble(10n * minute, offset * minute), at)).toEqual([`${from}..${from + 10n * minute}`]);
  });

  it("rounds down before 1970", () => expect(windows(tumble(5n * second), -1_000n)).toEqual([`${-5n * second}..0`]));

  it("puts a row into size / slide hopping windows", () =>
    expect(windows({ kind: "hop", size_us: 10n, slide_us: 5n, offset_us: 0n }, 7n)).toEqual(["0..10", "5..15"]));

  it("holds a hopping row at the start of its last window", () =>
    expect(windows({ kind: "hop", size_us: 10n, slide_us: 5n, offset_us: 0n }, 10n)).toEqual(["5..15", "10..20"]));

  it("grows cumulating windows from the row's step to the size", () =>
    expect(windows({ kind: "cumulate", maxSize_us: 15n, step_us: 5n, offset_us: 0n }, 6n)).toEqual(["0..10", "0..15"]));

  it("starts cumulating windows anew after the size", () =>
    expect(windows({ kind: "cumulate", maxSize_us: 15n, step_us: 5n, offset_us: 1n }, 0n)).toEqual(["-14..1"]));

  it("merges sessions exactly a gap apart, and no others", () => {
    expect(sessionsTouch(sessionWindow(0n, 10n), sessionWindow(10n, 10n))).toBe(true);
    expect(sessionsTouch(sessionWindow(0n, 10n), sessionWindow(11n, 10n))).toBe(false);
    expect(mergeSessions(sessionWindow(8n, 10n), sessionWindow(0n, 10n))).toEqual({ start_us: 0n, end_us: 18n });
  });

  it("says what is wrong with sizes", () => {
    expect(invalidWindow(tumble(0n))).toMatch(/positive/);
    expect(invalidWindow({ kind: "hop", size_us: 10n, slide_us: 3n, offset_us: 0n })).toMatch(/multiple/);
    expect(invalidWindow({ kind: "cumulate", maxSize_us: 10n, step_us: 3n, offset_us: 0n })).toMatch(/multiple/);
    expect(invalidWindow(tumble(1n))).toBeNull();
  });

  it("prints itself", () => {
    expect(printWindow(tumble(90n * minute, 5n * second))).toBe("tumble(1h30m, offset 5s)");
    expect(printWindow({ kind: "hop", size_us: 10n * second, slide_us: 2n * second, offset_us: 0n })).toBe("hop(2s, 10s)");
    expect(printWindow({ kind: "cumulate", maxSize_us: 86_400n * second, step_us: 500_000n, offset_us: 0n })).toBe("cumulate(500ms, 1d)");
  });
});

describe("slices of a batch", () => {
  const random = randomOf(3);
  const within = (range: number): bigint => BigInt(Math.floor((random() - 0.5) * range));
  const limit = 2n ** 53n;
  const times = BigInt64Array.from([
    ...Array.from({ length: 500 }, () => within(4e15)),
    ...Array.from({ length: 500 }, () => within(100)),
    ...Array.from({ length: 100 }, (_, i) => limit - 50n + BigInt(i)),
    ...Array.from({ length: 100 }, (_, i) => -limit - 50n + BigInt(i)),
    2n ** 62n,
    -(2n ** 62n),
  ]);

  it.each([
    [1n, 0n],
    [7n, 3n],
    [10_000_000n, 0n],
    [10_000_000n, -16_000_000n],
    [3_600_000_000n, 999_999_999_999n],
    [2n ** 53n, 5n],
    [999_999_999_989n, 1n],
  ])("of length %s at offset %s equal the exact arithmetic", (size_us, offset_us) => {
    const ends = new BigInt64Array(times.length);
    assignSliceEnds(times, times.length, tumble(size_us, offset_us), ends);
    expect([...ends]).toEqual(Array.from(times, (time) => sliceStart(time, size_us, offset_us) + size_us));
  });

  it("have the slide and the step as their length", () => {
    expect(sliceLength_us({ kind: "hop", size_us: 10n, slide_us: 5n, offset_us: 0n })).toBe(5n);
    expect(sliceLength_us({ kind: "cumulate", maxSize_us: 10n, step_us: 2n, offset_us: 0n })).toBe(2n);
  });

  it("reduce any offset", () => expect([reducedOffset(-16n, 10n), reducedOffset(16n, 10n), reducedOffset(10n, 10n)]).toEqual([4n, 6n, 0n]));
});
