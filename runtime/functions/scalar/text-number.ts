/** Numbers out of text, by the grammar of DuckDB's CAST. `undefined` when the text is none. */

/** Up to 15 digits: exact as a double. */
const simpleDigits_max = 15;

/** The common case, `-123`, without making a string: NaN when it is anything else. */
export function simpleInteger(bytes: Uint8Array, start: number, end: number): number {
  const negative = bytes[start] === 0x2d;
  const from = negative ? start + 1 : start;
  if (end <= from || end - from > simpleDigits_max || (bytes[from] === 0x30 && end - from > 1)) return Number.NaN;
  let value = 0;
  for (let i = from; i < end; i++) {
    const digit = (bytes[i] as number) - 0x30;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return negative ? 0 - value : value;
}

const space = "[ \\t\\n\\v\\f\\r]*";
const digits = "\\d+(?:_\\d+)*";
const integerPattern = new RegExp(`^${space}([+-]?)(${digits})?(?:(\\.)(${digits})?)?(?:[eE]([+-]?${digits}))?${space}$`);
const radixPattern = new RegExp(`^${space}(-?)0([xXbB])([0-9a-fA-F]+(?:_[0-9a-fA-F]+)*)${space}$`);
const exponent_max = 400;

/**
 * A fraction and an exponent are allowed; the value rounds half away from zero. HUGEINT's reader knows
 * no hexadecimal and binary digits.
 */
export function integerOfText(text: string, isHuge: boolean): bigint | undefined {
  const found = integerPattern.exec(text);
  if (found === null) return isHuge ? undefined : radixInteger(text);
  const [, sign = "", whole = "", point, fraction = "", exponentText = "0"] = found;
  if (whole === "" && fraction === "") return undefined;
  const exponent = Number(exponentText.replaceAll("_", ""));
  if (whole === "" && point === undefined) return undefined;
  if (Math.abs(exponent) > exponent_max) return undefined;
  const all = BigInt(`${whole}${fraction}`.replaceAll("_", ""));
  const shift = exponent - fraction.replaceAll("_", "").length;
  const size = shift >= 0 ? all * 10n ** BigInt(shift) : roundedQuotient(all, 10n ** BigInt(-shift));
  return sign === "-" ? -size : size;
}

const roundedQuotient = (value: bigint, divisor: bigint): bigint => (value + divisor / 2n) / divisor;

function radixInteger(text: string): bigint | undefined {
  const found = radixPattern.exec(text);
  if (found === null || found[1] === "-") return undefined;
  const radix = (found[2] as string).toLowerCase();
  const body = (found[3] as string).replaceAll("_", "");
  if (radix === "b" && /[^01]/.test(body)) return undefined;
  return BigInt(`0${radix}${body}`);
}

const doublePattern = new RegExp(`^${space}\\+?(-?(?:(?:${digits})?\\.?(?:${digits})?(?:[eE][+-]?${digits})?))${space}$`);
const namedDoubles: Readonly<Record<string, number>> = {
  inf: Number.POSITIVE_INFINITY,
  infinity: Number.POSITIVE_INFINITY,
  nan: Number.NaN,
};

export function doubleOfText(text: string): number | undefined {
  const trimmed = text.replace(/^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/g, "");
  const named = namedDoubles[trimmed.replace(/^[+-]/, "").toLowerCase()];
  if (named !== undefined) return trimmed.startsWith("-") ? -named : named;
  const body = doublePattern.exec(text)?.[1]?.replaceAll("_", "");
  return body === undefined || !/^-?(?:\d|\.\d)/.test(body) ? undefined : Number(body);
}

const booleans: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["t", true],
  ["1", true],
  ["yes", true],
  ["y", true],
  ["false", false],
  ["f", false],
  ["0", false],
  ["no", false],
  ["n", false],
]);

export const booleanOfText = (text: string): boolean | undefined => booleans.get(text.toLowerCase());
