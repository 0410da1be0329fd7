import { SqlError } from "../../../runtime/contract/errors.ts";
import { notSupported } from "../syntax-error.ts";
import type { Token } from "../token.ts";
import { isMark, isOperator, isWord } from "../token.ts";
import { formatInterval, parseIntervalText, readIntervalLiteral } from "./interval-literal.ts";
import { made, type Piece } from "./pieces.ts";
import type { Argument, Arguments, Parameter, WindowFunction } from "./window-signatures.ts";

interface Length {
  readonly months: number;
  readonly micros: number;
}

/** The window's lengths as constants in DuckDB's words; what is no constant is left as it is, for the binder. */
export function readWindowSizes(name: WindowFunction, given: Arguments): ReadonlyMap<Parameter, readonly Piece[]> {
  const lengths = new Map<Parameter, Length>();
  const sizes = new Map<Parameter, readonly Piece[]>();
  for (const parameter of ["slide", "step", "size", "gap", "offset"] as const) {
    const argument = given.get(parameter);
    if (argument === undefined) continue;
    const constant = readConstant(name, parameter, argument);
    if (constant !== null) lengths.set(parameter, constant);
    sizes.set(parameter, constant === null ? argument.pieces : [made(formatInterval(constant), argument.at)]);
  }
  requireMultiple(name, lengths, given);
  return sizes;
}

function readConstant(name: WindowFunction, parameter: Parameter, argument: Argument): Length | null {
  const tokens = argument.pieces.flatMap((piece) => piece.token ?? []);
  const only = tokens.length === 1 ? tokens[0] : undefined;
  if (only?.kind === "number") {
    const message = `${parameter} of ${name.toUpperCase()} must be an interval`;
    throw new SqlError({ sqlState: "42804", message, hint: `Write INTERVAL '${only.raw} seconds'.`, at: argument.at });
  }
  const constant = readConstantInterval(tokens);
  if (constant === null) return null;
  const { months, micros } = constant;
  if (months !== 0 && parameter === "gap")
    throw notSupported("SESSION with a gap in months or years", argument.at, "They differ in length: use days.");
  if (parameter === "offset") return constant;
  if (months !== 0 && micros !== 0) {
    const hint = "Use months and years, or days and shorter units.";
    throw notSupported(`${name.toUpperCase()} with a ${parameter} of months and shorter units`, argument.at, hint);
  }
  if (months < 0 || micros < 0 || (months === 0 && micros === 0)) {
    throw new SqlError({ sqlState: "22023", message: `${parameter} of ${name.toUpperCase()} must be greater than zero`, at: argument.at });
  }
  return constant;
}

/** `INTERVAL …`, `'1 hour'`, `'1 hour'::interval` and `CAST('1 hour' AS interval)`. */
function readConstantInterval(tokens: readonly Token[]): { months: number; micros: number } | null {
  const literal = readIntervalLiteral(tokens);
  if (literal !== null) return literal.length === tokens.length ? literal : null;
  const [first, second, third] = tokens;
  const isCast =
    isWord(first, "cast") && isMark(second, "(") && isWord(tokens[3], "as") && isWord(tokens[4], "interval") && tokens.length === 6;
  const isPostfix = isOperator(second, "::") && isWord(third, "interval") && tokens.length === 3;
  const text = isCast ? third : isPostfix || tokens.length === 1 ? first : undefined;
  return text?.kind === "string" ? parseIntervalText(text.value, "second") : null;
}

/** Flink's rule: HOP and CUMULATE share slices, so the size is a whole number of them. */
function requireMultiple(name: WindowFunction, lengths: ReadonlyMap<Parameter, Length>, given: Arguments): void {
  const part = name === "hop" ? "slide" : name === "cumulate" ? "step" : null;
  const size = lengths.get("size");
  const length = part === null ? undefined : lengths.get(part);
  if (part === null || size === undefined || length === undefined || isMultiple(size, length)) return;
  const isSwapped = size.months < length.months || size.micros < length.micros;
  const hint = isSwapped ? `The order is ${name.toUpperCase()}(table, time column, ${part}, size).` : undefined;
  throw new SqlError({
    sqlState: "22023",
    message: `size of ${name.toUpperCase()} must be a multiple of its ${part}`,
    hint,
    at: given.get("size")?.at,
  });
}

/** Months are no number of days. */
const isMultiple = (size: Length, part: Length): boolean =>
  size.months === 0
    ? part.months === 0 && size.micros % part.micros === 0
    : part.months !== 0 && part.micros === 0 && size.months % part.months === 0;
