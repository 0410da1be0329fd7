import type { Expression } from "../../contract/expressions.ts";
import type { Value } from "../../contract/value.ts";
import type { Code } from "./code.ts";
import type { Slot } from "./slot.ts";

/** Writes the code of one call; `args` are the values of the resolution's `arguments`, in order. */
export type Emit = (code: Code, args: readonly Slot[]) => Slot;

/** How a call is computed. */
export interface Resolution {
  readonly emit: Emit;
  /** What has to be computed first: the call's arguments, or fewer when a constant became part of the code. */
  readonly arguments: readonly Expression[];
}

export type Call = Extract<Expression, { readonly kind: "call" }>;

/** SQL text and the text of its value, as `CAST(… AS VARCHAR)` prints it; null for NULL. */
export type Example = readonly [sql: string, result: string | null];

/**
 * A SQL function with a kernel. `resolve` says how a call is computed, null when its types or constants have no kernel: then
 * DuckDB evaluates it (design D10). It must be sure that the kernel equals DuckDB's function for every input.
 */
export interface ScalarFunction {
  /** DuckDB's resolved names: aliases first, e.g. `["length", "len"]`. */
  readonly names: readonly string[];
  readonly doc: string;
  readonly examples: readonly Example[];
  readonly resolve: (call: Call) => Resolution | null;
}

/** All arguments are computed, then `emit` runs. */
export const compute = (call: Call, emit: Emit): Resolution => ({ emit, arguments: call.arguments });

/** The value of a literal that is not NULL. */
export const literalOf = (e: Expression | undefined): Exclude<Value, null> | undefined =>
  e?.kind === "literal" && e.value !== null ? e.value : undefined;

/** The text of a string literal. */
export function literalText(e: Expression | undefined): string | undefined {
  const value = literalOf(e);
  return typeof value === "string" ? value : undefined;
}

/** An integer literal of any width, as a number. */
export function literalInteger(e: Expression | undefined): number | undefined {
  const value = literalOf(e);
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : undefined;
  return typeof value === "number" && Number.isInteger(value) ? value : undefined;
}
