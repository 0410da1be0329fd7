import { SqlError } from "../../contract/errors.ts";
import { type Field, formatType, type SqlType } from "../../contract/types.ts";
import type { Value } from "../../contract/value.ts";
import { type IntegerTypeId, integerRange } from "../../formats/parse-number.ts";
import { parseText } from "../../formats/parse-text.ts";
import { mixNumber } from "../mix.ts";
import type { OptionReader } from "../options.ts";

/** The value of row `n`. */
export type Generate = (n: number) => Value;

const refuse = (message: string, hint?: string): SqlError => new SqlError({ sqlState: "22023", message, hint });

/** What a column's options ask for. Throws SqlError 22023 for a type without generator, or bounds that are no values of it. */
export function generatorOf(field: Field, seed: number, options: OptionReader): Generate {
  return options.text(`fields.${field.name}.kind`) === "sequence" ? sequence(field, options) : random(field, seed, options);
}

function random(field: Field, seed: number, options: OptionReader): Generate {
  const { name, type } = field;
  switch (type.id) {
    case "boolean":
      return (n) => (mixNumber(seed, n) & 1) === 1;
    case "varchar": {
      const length = options.number(`fields.${name}.length`) ?? 10;
      return (n) => Array.from({ length }, (_, i) => letter(mixNumber(seed + i * 31, n))).join("");
    }
    case "uuid":
      return (n) => uuidOf(seed, n);
    case "real":
    case "double": {
      const lowest = Number(bound(field, "min", options) ?? 0);
      const highest = Number(bound(field, "max", options) ?? 1);
      const round = type.id === "real" ? Math.fround : (value: number): number => value;
      return (n) => round(lowest + fraction(seed, n) * (highest - lowest));
    }
    default: {
      const [from, to] = defaultBounds(type);
      const lowest = whole(bound(field, "min", options)) ?? from;
      const span = (whole(bound(field, "max", options)) ?? to) - lowest + 1n;
      if (span <= 0n) throw refuse(`option "fields.${name}.max" is below "fields.${name}.min"`);
      return (n) => valueOf(type, lowest + (random64(seed, n) % span));
    }
  }
}

function sequence(field: Field, options: OptionReader): Generate {
  const { type, name } = field;
  if (type.id === "real" || type.id === "double") {
    const start = Number(bound(field, "start", options) ?? 0);
    const end = bound(field, "end", options);
    const count = end === null ? Number.POSITIVE_INFINITY : Number(end) - start + 1;
    return (n) => start + (Number.isFinite(count) ? n % count : n);
  }
  if (type.id === "varchar") return (n) => String(n + Number(options.text(`fields.${name}.start`) ?? 0));
  const [, highest] = defaultBounds(type);
  const start = whole(bound(field, "start", options)) ?? 0n;
  const span = (whole(bound(field, "end", options)) ?? highest) - start + 1n;
  if (span <= 0n) throw refuse(`option "fields.${name}.end" is below "fields.${name}.start"`);
  return (n) => valueOf(type, start + (BigInt(n) % span));
}

function bound({ name, type }: Field, which: string, options: OptionReader): Value {
  const text = options.text(`fields.${name}.${which}`);
  if (text === null) return null;
  const value = parseText(type, text);
  if (value === null) throw refuse(`option "fields.${name}.${which}" is no ${formatType(type)}: "${text}"`);
  return value;
}

const whole = (value: Value): bigint | null => (typeof value === "bigint" ? value : typeof value === "number" ? BigInt(value) : null);

const day_us = 86_400_000_000n;
const firstDay = 20_454n; // 2026-01-01

/** What is random when the options do not say: small numbers, times of one day. */
function defaultBounds(type: SqlType): readonly [bigint, bigint] {
  switch (type.id) {
    case "date":
      return [firstDay, firstDay + 364n];
    case "time":
      return [0n, day_us - 1n];
    case "timestamp":
    case "timestamptz":
      return [firstDay * day_us, (firstDay + 1n) * day_us - 1n];
    case "decimal":
      return [0n, 10n ** BigInt(type.width) - 1n];
    default:
      if (type.id in integerRange) return [0n, integerRange[type.id as IntegerTypeId][1]];
      throw refuse(`datagen makes no values of type ${formatType(type)}`, "Leave the column out, or compute it: c AS ….");
  }
}

/** Types of up to 32 bits are numbers, wider ones BigInts. */
const valueOf = (type: SqlType, value: bigint): Value =>
  ["tinyint", "smallint", "integer", "utinyint", "usmallint", "date"].includes(type.id) ? Number(value) : value;

const letter = (hash: number): string => String.fromCharCode(97 + ((hash >>> 8) % 26));
const random64 = (seed: number, n: number): bigint =>
  (BigInt(mixNumber(seed, n) >>> 0) << 32n) | BigInt(mixNumber(seed ^ 0x5bd1e995, n) >>> 0);
const fraction = (seed: number, n: number): number => (mixNumber(seed, n) >>> 0) / 4_294_967_296;

function uuidOf(seed: number, n: number): string {
  const hex = [0, 1, 2, 3].map((part) => (mixNumber(seed + part * 7_919, n) >>> 0).toString(16).padStart(8, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}
