import { plainInteger } from "./cell.ts";

const minus = 0x2d;
const point = 0x2e;
const zero = 0x30;
/** Up to here both a mantissa's digits and 10^n are exact as doubles, so that one division rounds once (Clinger's fast path). */
const exactDigits_max = 15;

const powers = Float64Array.from({ length: exactDigits_max + 1 }, (_, n) => 10 ** n);

/** A DOUBLE of at most 15 digits without exponent; NaN for anything else. */
export function readDouble(bytes: Uint8Array, start: number, end: number): number {
  const negative = bytes[start] === minus;
  let value = 0;
  let digits = 0;
  let pointAt = -1;
  for (let i = negative ? start + 1 : start; i < end; i++) {
    const byte = bytes[i] as number;
    if (byte === point && pointAt < 0) {
      pointAt = i;
      continue;
    }
    const digit = byte - zero;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
    digits++;
  }
  if (digits === 0 || digits > exactDigits_max) return Number.NaN;
  const decimals = pointAt < 0 ? 0 : end - pointAt - 1;
  const exact = value / (powers[decimals] as number);
  return negative ? -exact : exact;
}

/** Reads DECIMALs of a scale, at most 15 digits and none beyond the scale; the value scaled, NaN for anything else. */
export const readDecimal =
  (width: number, scale: number) =>
  (bytes: Uint8Array, start: number, end: number): number => {
    let pointAt = end;
    for (let i = start; i < end; i++) if (bytes[i] === point) pointAt = i;
    const decimals = pointAt === end ? 0 : end - pointAt - 1;
    const whole = plainInteger(bytes, start, pointAt);
    const fraction = decimals === 0 ? 0 : plainInteger(bytes, pointAt + 1, end);
    if (decimals > scale || end - start + scale > exactDigits_max || !(fraction >= 0) || pointAt + 1 === end) return Number.NaN;
    if (decimals > 0 && bytes[pointAt + 1] === minus) return Number.NaN;
    const scaled = Math.abs(whole) * (powers[scale] as number) + fraction * (powers[scale - decimals] as number);
    if (!(scaled < (powers[Math.min(width, exactDigits_max)] as number))) return Number.NaN;
    return bytes[start] === minus ? -scaled : scaled;
  };
