/** The number mantissa * 2^exponent, exactly: every finite double is one, and so are their sums and products. */
export interface Dyadic {
  readonly mantissa: bigint;
  readonly exponent: number;
}

export const zero: Dyadic = { mantissa: 0n, exponent: 0 };

const bits = new DataView(new ArrayBuffer(8));
const fraction_bits = 52;
const bias = 1_075;

/** A finite double. */
export function dyadicOf(value: number): Dyadic {
  if (Number.isSafeInteger(value)) return { mantissa: BigInt(value), exponent: 0 };
  bits.setFloat64(0, value);
  const word = bits.getBigUint64(0);
  const biased = Number((word >> BigInt(fraction_bits)) & 0x7ffn);
  const fraction = word & ((1n << BigInt(fraction_bits)) - 1n);
  const mantissa = biased === 0 ? fraction : fraction | (1n << BigInt(fraction_bits));
  return { mantissa: value < 0 ? -mantissa : mantissa, exponent: Math.max(biased, 1) - bias };
}

export function plus(a: Dyadic, b: Dyadic): Dyadic {
  if (a.mantissa === 0n) return b;
  if (b.mantissa === 0n) return a;
  if (a.exponent === b.exponent) return { mantissa: a.mantissa + b.mantissa, exponent: a.exponent };
  const [low, high] = a.exponent < b.exponent ? [a, b] : [b, a];
  return { mantissa: low.mantissa + (high.mantissa << BigInt(high.exponent - low.exponent)), exponent: low.exponent };
}

export const times = (a: Dyadic, b: Dyadic): Dyadic => ({ mantissa: a.mantissa * b.mantissa, exponent: a.exponent + b.exponent });
export const scaled = (a: Dyadic, factor: bigint): Dyadic => ({ mantissa: a.mantissa * factor, exponent: a.exponent });
export const minus = (a: Dyadic, b: Dyadic): Dyadic => plus(a, scaled(b, -1n));

/** More than a double's 53 bits, so that the bit which stands for all that was cut off does not change how it is rounded. */
const quotient_bits = 66;

const lengthOf = (value: bigint): number => value.toString(16).length * 4;

/** a / b as the nearest double; b is not 0. */
export function quotient(a: Dyadic, b: Dyadic): number {
  if (a.mantissa === 0n) return 0;
  const negative = a.mantissa < 0n !== b.mantissa < 0n;
  const [p, q] = [a.mantissa < 0n ? -a.mantissa : a.mantissa, b.mantissa < 0n ? -b.mantissa : b.mantissa];
  const shift = quotient_bits - (lengthOf(p) - lengthOf(q));
  const [n, d] = shift >= 0 ? [p << BigInt(shift), q] : [p, q << BigInt(-shift)];
  const whole = n / d;
  const sticky = n % d === 0n ? whole : whole | 1n;
  const value = powered(Number(sticky), a.exponent - b.exponent - shift);
  return negative ? -value : value;
}

export const toNumber = (a: Dyadic): number => quotient(a, { mantissa: 1n, exponent: 0 });

/** In two steps: the power alone may be out of range. */
function powered(value: number, exponent: number): number {
  const half = Math.trunc(exponent / 2);
  return value * 2 ** half * 2 ** (exponent - half);
}

/** `123*2^-52`: how a checkpoint holds it. */
export const dyadicToText = ({ mantissa, exponent }: Dyadic): string => `${mantissa}*2^${exponent}`;

export function dyadicFromText(text: string): Dyadic {
  const [mantissa = "0", exponent = "0"] = text.split("*2^");
  return { mantissa: BigInt(mantissa), exponent: Number(exponent) };
}
