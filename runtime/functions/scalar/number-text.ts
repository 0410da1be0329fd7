import { decimalText } from "../../contract/text-number.ts";

/** Numbers as DuckDB's CAST to VARCHAR writes them. */

/** From this exponent of ten on, and below the other, a float has an exponent. */
const exponent_from = 16;
const exponent_min = -4;

export const doubleAsText = (value: number): string => floatText(value, value.toExponential());

export function realAsText(value: number): string {
  for (let digits = 0; digits < 8; digits++) {
    const text = value.toExponential(digits);
    if (Math.fround(Number(text)) === value) return floatText(value, text);
  }
  return floatText(value, value.toExponential(8));
}

/** `shortest` is the value as `d.ddde+x`, with the fewest digits that read back as it. */
function floatText(value: number, shortest: string): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const [mantissa = "", exponentText = "0"] = shortest.split("e");
  const exponent = Number(exponentText);
  if (exponent < exponent_min || exponent >= exponent_from) {
    return `${withoutZeros(mantissa)}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
  }
  const negative = mantissa.startsWith("-") ? "-" : "";
  const digits = withoutZeros(mantissa).replace(/[-.]/g, "");
  if (exponent < 0) return `${negative}0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  return `${negative}${whole}.${digits.slice(exponent + 1) || "0"}`;
}

const withoutZeros = (mantissa: string): string => (mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa);

/** DECIMAL(2, 2) has no digit in front of its point: `.05`. */
export const decimalAsText =
  (width: number, scale: number) =>
  (value: bigint): string => {
    const text = decimalText(value, scale);
    return width === scale ? text.replace(/^(-?)0\./, "$1.") : text;
  };
