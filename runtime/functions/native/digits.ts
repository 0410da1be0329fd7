/** A number's digits in front of and behind the point, without its sign. */
export interface Digits {
  readonly negative: boolean;
  readonly text: string;
}

/** A scaled integer rounded to `post` places behind the point, halves away from zero. */
export function rounded(scaled: bigint, scale: number, post: number): Digits {
  const size = scaled < 0n ? -scaled : scaled;
  const value =
    post >= scale ? size * 10n ** BigInt(post - scale) : (size + 5n * 10n ** BigInt(scale - post - 1)) / 10n ** BigInt(scale - post);
  const digits = value.toString().padStart(post + 1, "0");
  const text = post === 0 ? digits : `${digits.slice(0, -post)}.${digits.slice(-post)}`;
  return { negative: scaled < 0n && value !== 0n, text };
}

/** C's `%.*f`: a value that lies exactly between two goes to the even one. */
export function digitsOfDouble(value: number, post: number): Digits {
  const size = Math.abs(value);
  const negative = value < 0 || Object.is(value, -0);
  if (!Number.isFinite(size)) return { negative, text: Number.isNaN(size) ? "NaN" : "Infinity" };
  if (size >= 1e21) return { negative, text: BigInt(size).toString() + (post > 0 ? `.${"0".repeat(post)}` : "") };
  const exact = size.toFixed(Math.min(100, post + 40));
  const cut = exact.length - (Math.min(100, post + 40) - post);
  const isTie = /^50*$/.test(exact.slice(cut).replace(".", ""));
  const kept = exact.slice(0, cut).replace(/\.$/, "");
  if (isTie && Number(kept.at(-1)) % 2 === 0) return { negative, text: kept };
  return { negative, text: size.toFixed(post) };
}

/** `4.86e-04`, with a space where the sign of a number below zero would stand. */
export function scientificOf(scaled: bigint, scale: number, post: number): string {
  const size = scaled < 0n ? -scaled : scaled;
  let exponent = size === 0n ? 0 : size.toString().length - 1 - scale;
  let { text } = size === 0n ? rounded(0n, 0, post) : rounded(size, scale + exponent < 0 ? 0 : scale + exponent, post);
  if (text.indexOf(".") > 1 || (!text.includes(".") && text.length > 1)) {
    exponent++;
    text = rounded(size, scale + exponent, post).text;
  }
  const power = String(Math.abs(exponent)).padStart(2, "0");
  return `${scaled < 0n ? "-" : " "}${text}e${exponent < 0 ? "-" : "+"}${power}`;
}

const numerals = [
  [1000, "M"],
  [900, "CM"],
  [500, "D"],
  [400, "CD"],
  [100, "C"],
  [90, "XC"],
  [50, "L"],
  [40, "XL"],
  [10, "X"],
  [9, "IX"],
  [5, "V"],
  [4, "IV"],
  [1, "I"],
] as const;

/** Roman numerals of 1 to 3999; others are 15 hashes. */
export function roman(value: number): string {
  if (!(value >= 1 && value <= 3999)) return "#".repeat(15);
  let left = value;
  let text = "";
  for (const [worth, numeral] of numerals) {
    for (; left >= worth; left -= worth) text += numeral;
  }
  return text;
}
