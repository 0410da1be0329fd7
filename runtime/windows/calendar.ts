import type { CalendarWindowSpec } from "../contract/job-graph.ts";
import type { Window } from "./kind.ts";
import { TimeZone } from "./zone.ts";

const day_us = 86_400_000_000n;
/** Beyond so many grid points the memory of their instants starts afresh. */
const boundaries_max = 10_000;

const floorDiv = (a: bigint, b: bigint): bigint => a / b - (a % b !== 0n && a < 0n !== b < 0n ? 1n : 0n);

/** Days from 1970-01-01 to the first of a month, which is counted from January 1970. */
function firstOfMonth_days(month: bigint): bigint {
  const year = 1970n + floorDiv(month, 12n);
  const inYear = month - floorDiv(month, 12n) * 12n;
  // Years begin in March here, so that leap days come last.
  const shifted = inYear < 2n ? year - 1n : year;
  const dayOfYear = (153n * ((inYear + 10n) % 12n) + 2n) / 5n;
  const era = floorDiv(shifted, 400n);
  const yearOfEra = shifted - era * 400n;
  return era * 146_097n + yearOfEra * 365n + yearOfEra / 4n - yearOfEra / 100n + dayOfYear - 719_468n;
}

/** The month that holds a day, counted from January 1970. */
function monthOfDay(day: bigint): bigint {
  let month = floorDiv(day * 12n * 400n, 146_097n);
  while (firstOfMonth_days(month) > day) month--;
  while (firstOfMonth_days(month + 1n) <= day) month++;
  return month;
}

/**
 * The windows of lengths that the calendar tells: months and years, and days of a time zone. Grid points are wall times of the
 * zone, each at the first instant at which its clocks show it; so days have 23 or 25 hours when clocks are changed.
 */
export class CalendarGrid {
  readonly #spec: CalendarWindowSpec;
  readonly #zone: TimeZone;
  readonly #boundaries = new Map<bigint, bigint>();
  /** Of the last time asked for: mostly the next one is in the same stretch. */
  #last: { readonly from: bigint; readonly to: bigint; readonly windows: readonly Window[] } | null = null;

  constructor(spec: CalendarWindowSpec) {
    this.#spec = spec;
    this.#zone = new TimeZone(spec.zone);
  }

  /** Every window that holds the time, by ascending end. */
  assign(time_us: bigint): readonly Window[] {
    if (this.#last !== null && time_us >= this.#last.from && time_us < this.#last.to) return this.#last.windows;
    const index = this.#indexOf(time_us);
    const windows = this.#windowsOf(index);
    this.#last = { from: this.#boundary(index), to: this.#boundary(index + 1n), windows };
    return windows;
  }

  #windowsOf(index: bigint): readonly Window[] {
    const parts = BigInt(partsOf(this.#spec));
    if (this.#spec.shape === "cumulate") {
      const first = floorDiv(index, parts) * parts;
      return this.#growing(first, index + 1n, first + parts);
    }
    return Array.from({ length: Number(parts) }, (_, i) => {
      const from = index - parts + 1n + BigInt(i);
      return { start_us: this.#boundary(from), end_us: this.#boundary(from + parts) };
    });
  }

  /** Steps that clocks leave out are none: two windows do not end at one instant. */
  #growing(start: bigint, firstEnd: bigint, lastEnd: bigint): readonly Window[] {
    const start_us = this.#boundary(start);
    const windows: Window[] = [];
    for (let end = firstEnd; end <= lastEnd; end++) {
      const end_us = this.#boundary(end);
      if (windows.at(-1)?.end_us !== end_us) windows.push({ start_us, end_us });
    }
    return windows;
  }

  #indexOf(time_us: bigint): bigint {
    const { step, offset } = this.#spec;
    const wall = time_us + this.#zone.offset_us(time_us) - offset.micros;
    let index =
      step.months === 0
        ? floorDiv(wall, step.micros)
        : floorDiv(monthOfDay(floorDiv(wall, day_us)) - BigInt(offset.months), BigInt(step.months));
    while (this.#boundary(index) > time_us) index--;
    while (this.#boundary(index + 1n) <= time_us) index++;
    return index;
  }

  #boundary(index: bigint): bigint {
    const known = this.#boundaries.get(index);
    if (known !== undefined) return known;
    const { step, offset } = this.#spec;
    const wall = step.months === 0 ? index * step.micros : firstOfMonth_days(index * BigInt(step.months) + BigInt(offset.months)) * day_us;
    const instant = this.#zone.instantOf(wall + offset.micros);
    if (this.#boundaries.size >= boundaries_max) this.#boundaries.clear();
    this.#boundaries.set(index, instant);
    return instant;
  }
}

/** How many steps the size has. */
export const partsOf = ({ size, step }: CalendarWindowSpec): number =>
  step.months === 0 ? Number(size.micros / step.micros) : size.months / step.months;
