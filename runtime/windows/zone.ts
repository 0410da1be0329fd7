/** Wall time of time zones. Instants and wall times are µs since 1970-01-01 00:00, of UTC and of the zone. */

const week_ms = 604_800_000;
const day_us = 86_400_000_000n;
/** What JavaScript's dates hold. */
const instant_ms_max = 8.64e15;

/** Whether the zone is one that is known, by its IANA name. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

interface Week {
  readonly before_ms: number;
  /** From here on `after_ms` holds. */
  readonly change_ms: number;
  readonly after_ms: number;
}

export class TimeZone {
  readonly #format: Intl.DateTimeFormat | null;
  readonly #weeks = new Map<number, Week>();

  constructor(name: string) {
    this.#format =
      name === "UTC"
        ? null
        : new Intl.DateTimeFormat("en-US", {
            timeZone: name,
            hourCycle: "h23",
            era: "short",
            year: "numeric",
            month: "numeric",
            day: "numeric",
            hour: "numeric",
            minute: "numeric",
            second: "numeric",
          });
  }

  /** Wall time less UTC at an instant. */
  offset_us(instant_us: bigint): bigint {
    if (this.#format === null) return 0n;
    const instant_ms = Number(instant_us / 1_000n) - (instant_us % 1_000n < 0n ? 1 : 0);
    return BigInt(this.#offset_ms(instant_ms)) * 1_000n;
  }

  /**
   * The first instant at which the zone's clocks show `wall_us` or later: where they are put forward over it, the moment of that;
   * where they are put back, the first of the two.
   */
  instantOf(wall_us: bigint): bigint {
    if (this.#format === null) return wall_us;
    const [from, to] = [wall_us - day_us, wall_us + day_us];
    const before = this.offset_us(from);
    const after = this.offset_us(to);
    if (before === after) return wall_us - before;
    const change = BigInt(this.#changeBetween(Number(from / 1_000n), Number(to / 1_000n))) * 1_000n;
    if (wall_us - before < change) return wall_us - before;
    return wall_us - after > change ? wall_us - after : change;
  }

  /** Clocks change at most once a week: weeks are looked at once. */
  #offset_ms(instant_ms: number): number {
    const number = Math.floor(instant_ms / week_ms);
    let week = this.#weeks.get(number);
    if (week === undefined) {
      const from = number * week_ms;
      const before_ms = this.#ask(from);
      const after_ms = this.#ask(from + week_ms);
      week = { before_ms, after_ms, change_ms: before_ms === after_ms ? from : this.#changeBetween(from, from + week_ms) };
      this.#weeks.set(number, week);
    }
    return instant_ms < week.change_ms ? week.before_ms : week.after_ms;
  }

  /** The first instant of the offset that holds at `to`. */
  #changeBetween(from: number, to: number): number {
    const after = this.#ask(to);
    let [low, high] = [Math.floor(from), Math.ceil(to)];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.#ask(middle) === after) high = middle;
      else low = middle;
    }
    return high;
  }

  #ask(instant_ms: number): number {
    const instant = Math.min(Math.max(Math.floor(instant_ms / 1_000) * 1_000, -instant_ms_max), instant_ms_max);
    const parts = new Map(this.#format?.formatToParts(instant).map(({ type, value }) => [type, value]));
    const of = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type));
    const year = parts.get("era") === "BC" ? 1 - of("year") : of("year");
    const wall = new Date(0);
    wall.setUTCFullYear(year, of("month") - 1, of("day"));
    wall.setUTCHours(of("hour"), of("minute"), of("second"));
    return wall.getTime() - instant;
  }
}
