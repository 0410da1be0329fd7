/** Postgres text of numbers. Floats are the shortest digits that read back as the same value (`extra_float_digits` = 1). */

/** Postgres switches to an exponent at 15 (double) or 6 (real) digits before the point and below 1e-4. */
const doubleExponent_from = 1e15;
const realExponent_from = 1e6;
const exponent_below = 1e-4;
const smallestNormalReal = 1.1754943508222875e-38;

export const doubleText = (value: number): string => floatText(value, value, doubleExponent_from);

/** `value` holds a REAL widened to double. */
export function realText(value: number): string {
  return floatText(value, Number.isFinite(value) ? shortestReal(value) : value, realExponent_from);
}

function floatText(value: number, shortest: number, exponent_from: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "Infinity" : "-Infinity";
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const size = Math.abs(shortest);
  if (size >= exponent_below && size < exponent_from) return String(shortest);
  return shortest.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
}

/** The double with the fewest digits that rounds to the same REAL. Below the normal range a REAL has fewer than six digits. */
function shortestReal(value: number): number {
  for (let digits = Math.abs(value) < smallestNormalReal ? 1 : 6; digits < 9; digits++) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === value) return candidate;
  }
  return Number(value.toPrecision(9));
}

/** `scaled` / 10^scale with all `scale` digits, as a Postgres numeric of that scale prints. */
export function decimalText(scaled: bigint | number, scale: number): string {
  const digits = String(scaled);
  if (scale === 0) return digits;
  const negative = digits.startsWith("-");
  const padded = (negative ? digits.slice(1) : digits).padStart(scale + 1, "0");
  const point = padded.length - scale;
  return `${negative ? "-" : ""}${padded.slice(0, point)}.${padded.slice(point)}`;
}
