/** Brings a value of SET to its normal form, or says what would be accepted. */
export type VariableCheck = (value: string) => string | { readonly hint?: string };

export const text: VariableCheck = (value) => value;

export const oneOf =
  (...allowed: readonly string[]): VariableCheck =>
  (value) =>
    allowed.find((candidate) => candidate === value.toLowerCase()) ?? { hint: `Available values: ${allowed.join(", ")}.` };

export const onOff: VariableCheck = (value) => {
  if (/^(on|true|yes|1|t)$/i.test(value)) return "on";
  return /^(off|false|no|0|f)$/i.test(value) ? "off" : { hint: "Available values: on, off." };
};

export const rangeOf =
  (min: number, max: number): VariableCheck =>
  (value) => {
    const number = Number(value);
    const valid = /^[+-]?\d+$/.test(value) && number >= min && number <= max;
    return valid ? String(number) : { hint: `The valid range is ${min} .. ${max}.` };
  };

/** Text is UTF-8 on the wire, both ways. */
export const utf8: VariableCheck = (value) => (/^'?(utf-?8|unicode)'?$/i.test(value) ? "UTF8" : { hint: "Only UTF8 is supported." });

const dateOrders: ReadonlyMap<string, string> = new Map([
  ["MDY", "MDY"],
  ["US", "MDY"],
  ["DMY", "DMY"],
  ["EURO", "DMY"],
  ["EUROPEAN", "DMY"],
  ["YMD", "YMD"],
]);

/** Output is always ISO; the order of day and month is only kept to be shown again. */
export const dateStyle: VariableCheck = (value) => {
  const words = value
    .toUpperCase()
    .split(/[\s,]+/)
    .filter((word) => word !== "");
  const order = dateOrders.get(words.find((word) => word !== "ISO") ?? "MDY");
  return order === undefined || words.length > 2 ? { hint: "Dates are written in ISO form only." } : `ISO, ${order}`;
};

/** Any IANA zone, or a fixed offset. */
export const timeZone: VariableCheck = (value) => {
  if (/^(utc|gmt|zulu|z|default|local)$/i.test(value)) return "UTC";
  if (/^[+-]?\d{1,2}(:?\d{2})?$/.test(value)) return value;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: value }).resolvedOptions().timeZone;
  } catch {
    return { hint: "Use a name of the IANA time zone database, such as Europe/Paris." };
  }
};

const units = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
  ["ms", 1],
] as const;

/** Milliseconds of `5s`, `500`, `2min`; null when it is no duration. */
export function duration_ms(value: string): number | null {
  const [, count, unit] = /^\s*(\d{1,10})\s*([a-z]*)\s*$/.exec(value) ?? [];
  const unit_ms = units.find(([name]) => name === (unit === "" ? "ms" : unit))?.[1];
  return count === undefined || unit_ms === undefined ? null : Number(count) * unit_ms;
}

/** A duration as Postgres shows it: `0`, `500ms`, `5s`, `2min`. A plain number counts milliseconds. */
export const timeout: VariableCheck = (value) => {
  const total_ms = duration_ms(value);
  if (total_ms === null || total_ms > 2_147_483_647) return { hint: 'Valid units for this parameter are "ms", "s", "min", "h", and "d".' };
  const largest = units.find(([, unit_ms]) => total_ms > 0 && total_ms % unit_ms === 0);
  return largest === undefined ? "0" : `${total_ms / largest[1]}${largest[0]}`;
};
