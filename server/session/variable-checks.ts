import { SqlError } from "../../runtime/contract/errors.ts";

/** Brings a value of SET to its normal form, or throws 22023. */
export type VariableCheck = (name: string, value: string) => string;

const invalid = (name: string, value: string, hint?: string): SqlError =>
  new SqlError({ sqlState: "22023", message: `invalid value for parameter "${name}": "${value}"`, hint });

export const text: VariableCheck = (_name, value) => value;

export const oneOf =
  (...allowed: readonly string[]): VariableCheck =>
  (name, value) => {
    const found = allowed.find((candidate) => candidate === value.toLowerCase());
    if (found === undefined) throw invalid(name, value, `Available values: ${allowed.join(", ")}.`);
    return found;
  };

export const onOff: VariableCheck = (name, value) => {
  if (/^(on|true|yes|1|t)$/i.test(value)) return "on";
  if (/^(off|false|no|0|f)$/i.test(value)) return "off";
  throw invalid(name, value);
};

export const rangeOf =
  (min: number, max: number): VariableCheck =>
  (name, value) => {
    const number = Number(value);
    if (!/^[+-]?\d+$/.test(value) || number < min || number > max) throw invalid(name, value, `The valid range is ${min} .. ${max}.`);
    return String(number);
  };

/** Text is UTF-8 on the wire, both ways. */
export const utf8: VariableCheck = (name, value) => {
  if (!/^(utf-?8|unicode)$/i.test(value)) throw invalid(name, value, "Only UTF8 is supported.");
  return "UTF8";
};

/** Output is always ISO; the order of day and month only matters for input forms that are not accepted here. */
export const dateStyle: VariableCheck = (name, value) => {
  const words = value.toUpperCase().split(/[\s,]+/).filter((word) => word !== "");
  const order = words.find((word) => word !== "ISO" && word !== "DEFAULT") ?? "MDY";
  const names: Readonly<Record<string, string>> = { MDY: "MDY", US: "MDY", DMY: "DMY", EURO: "DMY", EUROPEAN: "DMY", YMD: "YMD" };
  const known = names[order];
  if (known === undefined || words.length > 2) throw invalid(name, value, "Dates are written in ISO form only.");
  return `ISO, ${known}`;
};

/** Any IANA zone, or a fixed offset. */
export const timeZone: VariableCheck = (name, value) => {
  if (/^(utc|gmt|zulu|z|default|local)$/i.test(value)) return "UTC";
  if (/^[+-]?\d{1,2}(:?\d{2})?$/.test(value)) return value;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: value }).resolvedOptions().timeZone;
  } catch {
    throw invalid(name, value);
  }
};

const unit_ms = { ms: 1, s: 1_000, min: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A duration as Postgres shows it: `0`, `500ms`, `5s`, `2min`. A plain number counts milliseconds. */
export const timeout: VariableCheck = (name, value) => {
  const [, count, unit] = /^\s*(\d{1,10})\s*(ms|s|min|h|d)?\s*$/.exec(value) ?? [];
  if (count === undefined) throw invalid(name, value, 'Valid units for this parameter are "ms", "s", "min", "h", and "d".');
  const total_ms = Number(count) * unit_ms[(unit ?? "ms") as keyof typeof unit_ms];
  if (total_ms > 2_147_483_647) throw invalid(name, value);
  if (total_ms === 0) return "0";
  const [largest] = Object.entries(unit_ms)
    .filter(([, ms]) => total_ms % ms === 0)
    .sort(([, a], [, b]) => b - a);
  return `${total_ms / (largest?.[1] ?? 1)}${largest?.[0] ?? "ms"}`;
};
