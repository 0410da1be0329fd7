import { SqlError } from "../../../runtime/contract/errors.ts";
import { suggest } from "../../../runtime/contract/suggest.ts";
import { perhaps } from "../syntax-error.ts";
import type { Token } from "../token.ts";
import { isOperator } from "../token.ts";
import type { Piece } from "./pieces.ts";

export type WindowFunction = "tumble" | "hop" | "cumulate" | "session";
export type Parameter = "data" | "timecol" | "size" | "slide" | "step" | "gap" | "offset" | "timezone";

/** Parameters in the order of their positions; those from `required` on may be left out. */
interface Signature {
  readonly parameters: readonly Parameter[];
  readonly required: number;
}

export const signatures: Readonly<Record<WindowFunction, Signature>> = {
  tumble: { parameters: ["data", "timecol", "size", "offset", "timezone"], required: 3 },
  hop: { parameters: ["data", "timecol", "slide", "size", "offset", "timezone"], required: 4 },
  cumulate: { parameters: ["data", "timecol", "step", "size", "offset", "timezone"], required: 4 },
  session: { parameters: ["data", "timecol", "gap"], required: 3 },
};

export const isWindowFunction = (token: Token | null | undefined): boolean =>
  token?.kind === "word" && Object.hasOwn(signatures, token.value);

/** An argument without its name; `at` is where it begins. */
export interface Argument {
  readonly pieces: readonly Piece[];
  readonly at: number;
}

export type Arguments = ReadonlyMap<Parameter, Argument>;

/** Gives each argument its parameter. Throws with the position of the argument that does not fit. */
export function matchArguments(name: WindowFunction, parts: readonly (readonly Piece[])[], callAt: number): Arguments {
  const { parameters, required } = signatures[name];
  const found = new Map<Parameter, Argument>();
  let named = false;
  for (const [i, part] of parts.entries()) {
    const at = part[0]?.at ?? callAt;
    const given = nameOf(part);
    named ||= given !== null;
    if (given === null && named) throw refuse(name, "positional argument cannot follow named argument", at);
    const parameter = given === null ? parameters[i] : parameters.find((known) => known === given);
    if (parameter === undefined)
      throw given === null ? refuse(name, `too many arguments for ${name.toUpperCase()}`, at) : unknown(name, given, at);
    if (found.has(parameter)) throw refuse(name, `argument "${parameter}" of ${name.toUpperCase()} is given twice`, at);
    const pieces = given === null ? part : part.slice(2);
    if (pieces.length === 0) throw refuse(name, `argument "${parameter}" of ${name.toUpperCase()} is empty`, at);
    found.set(parameter, { pieces, at: pieces[0]?.at ?? at });
  }
  const missing = parameters.slice(0, required).find((parameter) => !found.has(parameter));
  if (missing !== undefined) throw refuse(name, `${name.toUpperCase()} needs its argument "${missing}"`, callAt);
  return found;
}

/** `SIZE => …` and DuckDB's `size := …`. */
function nameOf(part: readonly Piece[]): string | null {
  const name = part[0]?.token;
  const arrow = part[1]?.token ?? undefined;
  const isNamed = (name?.kind === "word" || name?.kind === "quoted") && (isOperator(arrow, "=>") || isOperator(arrow, ":="));
  return isNamed ? name.value.toLowerCase() : null;
}

const usage = (name: WindowFunction): string => {
  const { parameters, required } = signatures[name];
  return `${name.toUpperCase()}(${parameters.map((parameter, i) => (i < required ? parameter : `[${parameter}]`)).join(", ")})`;
};

function refuse(name: WindowFunction, message: string, at: number): SqlError {
  return new SqlError({ sqlState: "42883", message, hint: `Write ${usage(name)}.`, at });
}

function unknown(name: WindowFunction, given: string, at: number): SqlError {
  const hint = perhaps(suggest(given, signatures[name].parameters)) ?? `Write ${usage(name)}.`;
  return new SqlError({ sqlState: "42883", message: `${name.toUpperCase()} has no argument "${given}"`, hint, at });
}
