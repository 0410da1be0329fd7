import { SqlError } from "../../runtime/contract/errors.ts";
import { MessageBody } from "./message-body.ts";
import type { MessageWriter } from "./message-writer.ts";

/**
 * Postgres' binary numeric (numeric.c): count of base-10000 digits, weight of the first, sign, digits after the point,
 * then the digits without zeros at either end.
 */
const base = 10_000n;
const negativeSign = 0x4000;

/** A cell holding `scaled` / 10^scale. */
export function writeNumeric(writer: MessageWriter, scaled: bigint, scale: number): void {
  const { digits, weight } = digitsOf(scaled < 0n ? -scaled : scaled, scale);
  writer.i32(8 + 2 * digits.length);
  writer
    .i16(digits.length)
    .i16(weight)
    .u16(scaled < 0n ? negativeSign : 0)
    .i16(scale);
  for (const digit of digits) writer.i16(digit);
}

function digitsOf(size: bigint, scale: number): { readonly digits: readonly number[]; readonly weight: number } {
  const fraction_digits = Math.ceil(scale / 4);
  const digits: number[] = [];
  // The point falls between two base-10000 digits once the scale is a multiple of four.
  for (let rest = size * 10n ** BigInt(fraction_digits * 4 - scale); rest > 0n; rest /= base) digits.push(Number(rest % base));
  const weight = digits.length === 0 ? 0 : digits.length - 1 - fraction_digits;
  let trailing = 0;
  while (trailing < digits.length && digits[trailing] === 0) trailing++;
  return { digits: digits.slice(trailing).reverse(), weight };
}

export interface Decimal {
  readonly scaled: bigint;
  readonly scale: number;
}

/** Throws 22P03 when it is malformed, 22003 for NaN and infinities, which DECIMAL has not. */
export function readNumeric(bytes: Buffer): Decimal {
  const body = new MessageBody(bytes);
  const count = body.u16();
  const weight = body.i16();
  const sign = body.u16();
  const scale = body.u16();
  if (sign >= 0xc000) throw new SqlError({ sqlState: "22003", message: "NaN and infinity are out of range for type numeric" });
  const malformed = sign !== 0 && sign !== negativeSign;
  if (malformed || count * 2 !== body.remaining_bytes)
    throw new SqlError({ sqlState: "22P03", message: "invalid numeric in binary parameter" });
  if (count > 40 || Math.abs(weight) > 40 || scale > 38)
    throw new SqlError({ sqlState: "22003", message: "value out of range for type numeric" });
  let size = 0n;
  for (let i = 0; i < count; i++) size = size * base + BigInt(body.u16());
  return { scaled: rescale(sign === 0 ? size : -size, (count - 1 - weight) * 4, scale), scale };
}

const rescale = (value: bigint, from: number, to: number): bigint =>
  from <= to ? value * 10n ** BigInt(to - from) : value / 10n ** BigInt(from - to);
