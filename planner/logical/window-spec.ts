import { SqlError } from "../../runtime/contract/errors.ts";
import type { Expression } from "../../runtime/contract/expressions.ts";
import type { AnyWindowSpec, CalendarLength, CalendarWindowSpec, WindowSpec } from "../../runtime/contract/job-graph.ts";
import type { SqlType } from "../../runtime/contract/types.ts";
import { invalidWindow } from "../../runtime/windows/registry.ts";
import { isTimeZone } from "../../runtime/windows/zone.ts";
import { requireInterval } from "../bound/values.ts";

const day_us = 86_400_000_000n;

const shapes: Readonly<Record<string, WindowSpec["kind"]>> = { mr_tumble: "tumble", mr_hop: "hop", mr_cumulate: "cumulate" };

/**
 * The windows of a marker call (`mr_tumble(time, size, offset, zone)` …) over a time column of that type. Throws SqlError 22023
 * for sizes that make no windows.
 */
export function windowSpecOf(marker: string, operands: readonly Expression[], timeType: SqlType): AnyWindowSpec {
  const call = marker.replace("mr_", "").toUpperCase();
  const shape = shapes[marker] ?? "tumble";
  const zone = zoneOf(operands.at(-1), timeType, call);
  const lengths = operands.slice(0, -1).map((operand) => lengthOf(operand, call));
  const [step = none, size = step, offset = none] = shape === "tumble" ? [lengths[0], lengths[0], lengths[1]] : lengths;
  const part = shape === "hop" ? "slide" : shape === "cumulate" ? "step" : "size";
  positive(step, call, part);
  positive(size, call, "size");
  whole(size, step, call, part);
  const isCalendar = zone !== null || size.months !== 0;
  if (!isCalendar && offset.months !== 0) throw invalid(`the offset of ${call} must not contain months where its sizes do not`);
  const spec: AnyWindowSpec = isCalendar
    ? { kind: "calendar", shape, size, step, offset, zone: zone ?? utc }
    : fixedSpec(shape, size.micros, step.micros, offset.micros);
  const wrong = spec.kind === "calendar" ? null : invalidWindow(spec);
  if (wrong !== null) throw invalid(wrong);
  return spec;
}

export const shapeOf = (window: AnyWindowSpec): WindowSpec["kind"] => (window.kind === "calendar" ? window.shape : window.kind);

const utc = "UTC";

function fixedSpec(shape: WindowSpec["kind"], size_us: bigint, step_us: bigint, offset_us: bigint): WindowSpec {
  switch (shape) {
    case "tumble":
      return { kind: "tumble", size_us, offset_us };
    case "hop":
      return { kind: "hop", size_us, slide_us: step_us, offset_us };
    case "cumulate":
      return { kind: "cumulate", maxSize_us: size_us, step_us, offset_us };
  }
}

/** The same windows by the clocks of a zone, unless the call names one. Times without a zone know none. */
export function inZone(window: AnyWindowSpec, zone: string, timeType: SqlType): AnyWindowSpec {
  if (zone === utc || timeType.id !== "timestamptz") return window;
  if (window.kind === "calendar") return window.zone === utc ? { ...window, zone } : window;
  return { kind: "calendar", ...asCalendar(window), zone };
}

function asCalendar(window: WindowSpec): Omit<CalendarWindowSpec, "kind" | "zone"> {
  const micros = (us: bigint): CalendarLength => ({ months: 0, micros: us });
  const offset = micros(window.offset_us);
  switch (window.kind) {
    case "tumble":
      return { shape: "tumble", size: micros(window.size_us), step: micros(window.size_us), offset };
    case "hop":
      return { shape: "hop", size: micros(window.size_us), step: micros(window.slide_us), offset };
    case "cumulate":
      return { shape: "cumulate", size: micros(window.maxSize_us), step: micros(window.step_us), offset };
  }
}

/** The zone that the call names; null without one. */
function zoneOf(operand: Expression | undefined, timeType: SqlType, call: string): string | null {
  if (operand?.kind !== "literal" || typeof operand.value !== "string") throw invalid(`the time zone of ${call} must be a constant text`);
  if (operand.value === "") return null;
  if (timeType.id !== "timestamptz") {
    throw new SqlError({
      sqlState: "42804",
      message: `a time zone for ${call} needs a time column of type TIMESTAMP WITH TIME ZONE`,
      hint: "Times without a zone are taken as they are.",
    });
  }
  return requireTimeZone(operand.value);
}

export function requireTimeZone(name: string, at?: number): string {
  if (isTimeZone(name)) return name.toUpperCase() === utc ? utc : name;
  throw new SqlError({ sqlState: "22023", message: `time zone "${name}" not recognized`, hint: "Name it like Europe/Berlin.", at });
}

export function gapOf(size: Expression | undefined): bigint {
  const gap = size === undefined ? none : lengthOf(size, "SESSION");
  if (gap.months !== 0) {
    throw new SqlError({
      sqlState: "22023",
      message: "the gap of SESSION must not contain months or years",
      detail: "Months differ in length.",
      hint: "Use days or smaller units.",
    });
  }
  positive(gap, "SESSION", "gap");
  return gap.micros;
}

const none: CalendarLength = { months: 0, micros: 0n };

function lengthOf(size: Expression, call: string): CalendarLength {
  const interval = requireInterval(size.kind === "literal" ? size.value : null, `the sizes of ${call}`);
  return { months: interval.months, micros: BigInt(interval.days) * day_us + interval.micros };
}

const invalid = (message: string, hint?: string): SqlError => new SqlError({ sqlState: "22023", message, hint });

function positive({ months, micros }: CalendarLength, call: string, what: string): void {
  if (months !== 0 && micros !== 0n) throw invalid(`the ${what} of ${call} must be months or shorter units, not both`);
  if (months < 0 || micros < 0n || (months === 0 && micros === 0n)) throw invalid(`the ${what} of ${call} must be positive`);
}

function whole(size: CalendarLength, part: CalendarLength, call: string, what: string): void {
  const isWhole =
    size.months !== 0 ? part.months !== 0 && size.months % part.months === 0 : part.months === 0 && size.micros % part.micros === 0n;
  if (!isWhole) throw invalid(`the size of ${call} must be a multiple of its ${what}`, `${call}(relation, time column, ${what}, size).`);
}

/** `1h`, `10s`, `1d 2h`, `1.5ms`: for EXPLAIN. */
export function durationText(micros_us: bigint): string {
  const units = [
    ["d", day_us],
    ["h", 3_600_000_000n],
    ["min", 60_000_000n],
    ["s", 1_000_000n],
    ["ms", 1_000n],
    ["us", 1n],
  ] as const;
  const parts: string[] = [];
  let rest = micros_us < 0n ? -micros_us : micros_us;
  for (const [unit, size] of units) {
    if (rest >= size) parts.push(`${rest / size}${unit}`);
    rest %= size;
  }
  return (micros_us < 0n ? "-" : "") + (parts.join(" ") || "0s");
}

/** `1y 2mon`, or as `durationText`. */
function lengthText({ months, micros }: CalendarLength): string {
  const years = Math.trunc(months / 12);
  const parts = [years === 0 ? "" : `${years}y`, months % 12 === 0 ? "" : `${months % 12}mon`, micros === 0n ? "" : durationText(micros)];
  return parts.filter((part) => part !== "").join(" ") || "0s";
}

/** `tumble(1h)`, `hop(size 10s, slide 2s)`, `cumulate(max 1d, step 1h)`, with the offset and the zone if there is one. */
export function windowText(window: AnyWindowSpec): string {
  const { shape, size, step, offset, zone } = window.kind === "calendar" ? window : { ...asCalendar(window), zone: utc };
  const rest = `${lengthText(offset) === "0s" ? "" : `, offset ${lengthText(offset)}`}${zone === utc ? "" : `, ${zone}`}`;
  switch (shape) {
    case "tumble":
      return `tumble(${lengthText(size)}${rest})`;
    case "hop":
      return `hop(size ${lengthText(size)}, slide ${lengthText(step)}${rest})`;
    case "cumulate":
      return `cumulate(max ${lengthText(size)}, step ${lengthText(step)}${rest})`;
  }
}
