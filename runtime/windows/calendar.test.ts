import { describe, expect, it } from "vitest";
import type { CalendarLength, CalendarWindowSpec } from "../contract/job-graph.ts";
import { windowAssigner } from "./registry.ts";
import { isTimeZone, TimeZone } from "./zone.ts";

const at = (text: string): bigint => BigInt(Date.parse(text)) * 1_000n;
const text = (us: bigint): string => new Date(Number(us / 1_000n)).toISOString().replace(":00.000Z", "Z");
const months = (count: number): CalendarLength => ({ months: count, micros: 0n });
const hours = (count: number): CalendarLength => ({ months: 0, micros: BigInt(count) * 3_600_000_000n });

const spec = (
  shape: CalendarWindowSpec["shape"],
  step: CalendarLength,
  size = step,
  zone = "UTC",
  offset = months(0),
): CalendarWindowSpec => ({
  kind: "calendar",
  shape,
  size,
  step,
  offset,
  zone,
});
const windows = (window: CalendarWindowSpec, time: string): string[] =>
  windowAssigner(window)(at(time)).map(({ start_us, end_us }) => `${text(start_us)}..${text(end_us)}`);

describe("windows of months", () => {
  it.each([
    ["2024-02-29T23:59Z", "2024-02-01T00:00Z..2024-03-01T00:00Z"],
    ["2024-03-01T00:00Z", "2024-03-01T00:00Z..2024-04-01T00:00Z"],
    ["1969-12-31T23:59Z", "1969-12-01T00:00Z..1970-01-01T00:00Z"],
    ["1900-03-01T00:00Z", "1900-03-01T00:00Z..1900-04-01T00:00Z"],
    ["0001-01-15T00:00Z", "0001-01-01T00:00Z..0001-02-01T00:00Z"],
  ])("hold %s from the first to the first", (time, window) => expect(windows(spec("tumble", months(1)), time)).toEqual([window]));

  it("of a quarter and of a year are aligned to January 1970", () => {
    expect(windows(spec("tumble", months(3)), "2023-08-09T10:00Z")).toEqual(["2023-07-01T00:00Z..2023-10-01T00:00Z"]);
    expect(windows(spec("tumble", months(12)), "2023-08-09T10:00Z")).toEqual(["2023-01-01T00:00Z..2024-01-01T00:00Z"]);
  });

  it("move by an offset", () => {
    const from = spec("tumble", months(1), months(1), "UTC", hours(14 * 24));
    expect(windows(from, "2023-03-14T23:00Z")).toEqual(["2023-02-15T00:00Z..2023-03-15T00:00Z"]);
    expect(windows(spec("tumble", months(12), months(12), "UTC", months(9)), "2023-03-14T23:00Z")).toEqual([
      "2022-10-01T00:00Z..2023-10-01T00:00Z",
    ]);
  });

  it("hop by months and grow by them", () => {
    expect(windows(spec("hop", months(1), months(3)), "2023-03-31T12:00Z")).toEqual([
      "2023-01-01T00:00Z..2023-04-01T00:00Z",
      "2023-02-01T00:00Z..2023-05-01T00:00Z",
      "2023-03-01T00:00Z..2023-06-01T00:00Z",
    ]);
    expect(windows(spec("cumulate", months(6), months(12)), "2023-03-31T12:00Z")).toEqual([
      "2023-01-01T00:00Z..2023-07-01T00:00Z",
      "2023-01-01T00:00Z..2024-01-01T00:00Z",
    ]);
  });
});

describe("windows of a time zone (semantics.md, section 2)", () => {
  const day = spec("tumble", hours(24), hours(24), "America/Los_Angeles");

  it("have days of 23 and 25 hours when clocks are changed", () => {
    expect(windows(day, "2021-03-14T20:00Z")).toEqual(["2021-03-14T08:00Z..2021-03-15T07:00Z"]);
    expect(windows(day, "2021-11-07T07:00Z")).toEqual(["2021-11-07T07:00Z..2021-11-08T08:00Z"]);
    expect(windows(day, "2021-11-08T07:59Z")).toEqual(["2021-11-07T07:00Z..2021-11-08T08:00Z"]);
  });

  it("of hours leave out the one that clocks skip, and hold the repeated one twice", () => {
    const hour = spec("tumble", hours(1), hours(1), "America/Los_Angeles");
    expect(windows(hour, "2021-03-14T09:59Z")).toEqual(["2021-03-14T09:00Z..2021-03-14T10:00Z"]);
    expect(windows(hour, "2021-03-14T10:00Z")).toEqual(["2021-03-14T10:00Z..2021-03-14T11:00Z"]);
    for (const time of ["2021-11-07T08:30Z", "2021-11-07T09:30Z"]) {
      expect(windows(hour, time)).toEqual(["2021-11-07T08:00Z..2021-11-07T10:00Z"]);
    }
  });

  it("begin at the next instant where midnight is skipped", () => {
    const midnight = spec("tumble", hours(24), hours(24), "America/Sao_Paulo");
    expect(windows(midnight, "2018-11-04T12:00Z")).toEqual(["2018-11-04T03:00Z..2018-11-05T02:00Z"]);
  });

  it("do not end twice at one instant", () => {
    const growing = spec("cumulate", hours(1), hours(4), "America/Los_Angeles");
    expect(windows(growing, "2021-03-14T08:30Z")).toEqual(
      ["09:00Z", "10:00Z", "11:00Z"].map((end) => `2021-03-14T08:00Z..2021-03-14T${end}`),
    );
  });

  it("of months follow its first of the month", () =>
    expect(windows(spec("tumble", months(1), months(1), "Asia/Kolkata"), "2023-03-31T18:29Z")).toEqual([
      "2023-02-28T18:30Z..2023-03-31T18:30Z",
    ]));

  it("are the same whatever was asked before", () => {
    const assign = windowAssigner(day);
    const times = Array.from({ length: 400 }, (_, i) => at("2021-01-01T00:00Z") + BigInt((i * 7_919) % 400) * 86_400_000_000n);
    for (const time of times) expect(assign(time)).toEqual(windowAssigner(day)(time));
  });
});

describe("a time zone", () => {
  it("is known by its name", () => expect(["UTC", "Europe/Berlin", "Mars/Base", ""].map(isTimeZone)).toEqual([true, true, false, false]));

  it("finds the first instant of a wall time", () => {
    const zone = new TimeZone("Europe/Berlin");
    const wall = (time: string): string => text(zone.instantOf(at(time)));
    expect(wall("2023-03-26T02:30Z")).toBe("2023-03-26T01:00Z");
    expect(wall("2023-10-29T02:30Z")).toBe("2023-10-29T00:30Z");
    expect(wall("2023-10-29T03:00Z")).toBe("2023-10-29T02:00Z");
    expect(zone.offset_us(at("2023-10-29T00:59Z"))).toBe(7_200_000_000n);
    expect(zone.offset_us(at("2023-10-29T01:00Z"))).toBe(3_600_000_000n);
  });
});
