import { timestampInfinity } from "../../contract/text-time.ts";
import { interval, simple, timestamp } from "../../contract/types.ts";
import type { Interval } from "../../contract/value.ts";
import { dayNames, monthNames, partsOfInterval, partsOfTimestamp, romanMonths, type TimeParts } from "./calendar.ts";
import { dataError, type NativeFunction } from "./define.ts";
import { toCharOf } from "./to-char-function.ts";
import { type TimeField, timeTemplate } from "./time-template.ts";

/** A number with leading zeros, `width` characters wide with its sign; FM takes the zeros away. */
function padded(value: number, width: number, { fill }: TimeField): string {
  const text = String(Math.abs(value));
  return `${value < 0 ? "-" : ""}${fill ? text : text.padStart(width, "0")}`;
}

/** A name in the case of the pattern: MONTH, Month or month. */
function cased(name: string, { typed }: TimeField): string {
  if (typed === typed.toLowerCase()) return name.toLowerCase();
  return typed === typed.toUpperCase() ? name.toUpperCase() : name;
}

const inTypedCase = (text: string, { typed }: TimeField): string => (typed === typed.toLowerCase() ? text.toLowerCase() : text);
const wide = (text: string, width: number, { fill }: TimeField): string => (fill ? text : text.padEnd(width));

/** There is no year 0: it and those before are 1 BC and so on. */
const shownYear = (year: number, { isInterval }: TimeParts): number => (isInterval || year > 0 ? year : 1 - year);

function century({ year, isInterval }: TimeParts): number {
  if (isInterval) return Math.trunc(year / 100);
  return year > 0 ? Math.floor((year - 1) / 100) + 1 : Math.trunc(year / 100) - 1;
}

/** `year` and `isoYear` in 4, 3, 2 or 1 digits. */
const yearDigits =
  (of: (t: TimeParts) => number, width: number): Write =>
  (t, f) => {
    const year = shownYear(of(t), t);
    return padded(width === 4 ? year : year % 10 ** width, width, f);
  };

const noon =
  (am: string, pm: string): Write =>
  (t, f) =>
    inTypedCase(((t.hour % 24) + 24) % 24 >= 12 ? pm : am, f);
const era =
  (ad: string, bc: string): Write =>
  (t, f) =>
    inTypedCase(t.year <= 0 ? bc : ad, f);
const fraction =
  (places: number): Write =>
  (t) =>
    String(Math.trunc(t.micros / 10 ** (6 - places))).padStart(places, "0");
const seconds: Write = (t) => String(t.hour * 3600 + t.minute * 60 + t.second);
const hour12 = (hour: number): number => (hour % 12 === 0 ? 12 : hour % 12);

type Write = (t: TimeParts, field: TimeField, zone: string) => string;

const writers: Readonly<Record<string, Write>> = {
  "A.M.": noon("A.M.", "P.M."),
  "P.M.": noon("A.M.", "P.M."),
  AM: noon("AM", "PM"),
  PM: noon("AM", "PM"),
  "A.D.": era("A.D.", "B.C."),
  "B.C.": era("A.D.", "B.C."),
  AD: era("AD", "BC"),
  BC: era("AD", "BC"),
  HH: (t, f) => padded(hour12(t.hour), 2, f),
  HH12: (t, f) => padded(hour12(t.hour), 2, f),
  HH24: (t, f) => padded(t.hour, 2, f),
  MI: (t, f) => padded(t.minute, 2, f),
  SS: (t, f) => padded(t.second, 2, f),
  MS: fraction(3),
  US: fraction(6),
  ...Object.fromEntries([1, 2, 3, 4, 5, 6].map((places) => [`FF${places}`, fraction(places)])),
  SSSS: seconds,
  SSSSS: seconds,
  TZ: (_t, f, zone) => inTypedCase(zone, f),
  TZH: () => "+00",
  TZM: () => "00",
  OF: (_t, { fill }) => (fill ? "+0" : "+00"),
  MONTH: (t, f) => (t.month === 0 ? "" : wide(cased(monthNames.at(t.month - 1) as string, f), 9, f)),
  MON: (t, f) => (t.month === 0 ? "" : cased((monthNames.at(t.month - 1) as string).slice(0, 3), f)),
  MM: (t, f) => padded(t.month, 2, f),
  DAY: (t, f) => wide(cased(dayNames[t.weekday] as string, f), 9, f),
  DY: (t, f) => cased((dayNames[t.weekday] as string).slice(0, 3), f),
  DDD: (t, f) => padded(t.dayOfYear, 3, f),
  IDDD: (t, f) => padded(t.isoDayOfYear, 3, f),
  DD: (t, f) => padded(t.day, 2, f),
  D: (t) => String(t.weekday + 1),
  ID: (t) => String(t.weekday === 0 ? 7 : t.weekday),
  WW: (t, f) => padded(Math.floor((t.dayOfYear - 1) / 7) + 1, 2, f),
  IW: (t, f) => padded(t.isoWeek, 2, f),
  W: (t) => String(Math.floor((t.day - 1) / 7) + 1),
  Q: (t) => (t.month === 0 ? "" : String(Math.floor((t.month - 1) / 3) + 1)),
  CC: (t, f) => padded(century(t), 2, f),
  "Y,YYY": (t) => {
    const year = shownYear(t.year, t);
    return `${Math.trunc(year / 1000)},${String(year % 1000).padStart(3, "0")}`;
  },
  YYYY: yearDigits((t) => t.year, 4),
  YYY: yearDigits((t) => t.year, 3),
  YY: yearDigits((t) => t.year, 2),
  Y: yearDigits((t) => t.year, 1),
  IYYY: yearDigits((t) => t.isoYear, 4),
  IYY: yearDigits((t) => t.isoYear, 3),
  IY: yearDigits((t) => t.isoYear, 2),
  I: yearDigits((t) => t.isoYear, 1),
  RM: (t, f) => (t.month === 0 ? "" : wide(inTypedCase(romanMonths.at(t.month - 1) as string, f), 4, f)),
  J: (t) => String(t.julian),
  FX: () => "",
};

/** What an interval has none of. */
const notOfIntervals = new Set("A.D. B.C. AD BC TZ TZH TZM OF DAY DY D ID IW IDDD J IYYY IYY IY I WW".split(" "));

export function ordinalSuffix(digits: string): string {
  if (digits.at(-2) === "1") return "th";
  return { "1": "st", "2": "nd", "3": "rd" }[digits.at(-1) ?? ""] ?? "th";
}

function write(parts: TimeParts, template: string, zone: string): string {
  let text = "";
  for (const node of timeTemplate(template)) {
    if (node.kind !== "field") {
      text += node.text;
      continue;
    }
    if (parts.isInterval && notOfIntervals.has(node.name)) {
      throw dataError(
        "22007",
        `invalid format specification for an interval value: "${node.typed}"`,
        "Intervals are not tied to specific calendar dates.",
      );
    }
    const written = (writers[node.name] as Write)(parts, node, zone);
    const suffix = node.ordinal === null || !node.isDigits ? "" : ordinalSuffix(written);
    text += node.ordinal === "TH" ? written + suffix.toUpperCase() : written + suffix;
  }
  return text;
}

/** An infinite time has no parts: NULL, as in Postgres. */
const ofTimestamp = (zone: string) => (micros: bigint, template: string) =>
  micros === timestampInfinity || micros === -timestampInfinity || template === "" ? null : write(partsOfTimestamp(micros), template, zone);

export const toCharOfTimes: readonly NativeFunction[] = [
  toCharOf(
    timestamp,
    "A date or time stamp as text by a template of Postgres'.",
    ofTimestamp(""),
    ["to_char(TIMESTAMP '2024-02-03 14:05:06', 'YYYY-MM-DD HH24:MI:SS')", "2024-02-03 14:05:06"],
    ["to_char(TIMESTAMP '2024-02-03 14:05:06', 'FMDay, FMDDth FMMonth YYYY')", "Saturday, 3rd February 2024"],
  ),
  toCharOf(simple("timestamptz"), "A time stamp with time zone as text, in UTC.", ofTimestamp("UTC"), [
    "to_char(TIMESTAMPTZ '2024-02-03 14:05:06+00', 'HH12:MI AM TZ')",
    "02:05 PM UTC",
  ]),
  toCharOf(
    interval,
    "An interval as text by a template.",
    (value: Interval, template: string) => (template === "" ? null : write(partsOfInterval(value), template, "")),
    ["to_char(INTERVAL '15 hours 2 minutes 12 seconds', 'HH24:MI:SS')", "15:02:12"],
  ),
];
