import type { Expression } from "../../contract/expressions.ts";
import { sameType } from "../../contract/types.ts";
import { resolveNumberCast } from "./cast-numbers.ts";
import { resolveTextCast } from "./cast-from-text.ts";
import { resolveTimeCast } from "./cast-times.ts";
import { resolveCastToText } from "./cast-to-text.ts";
import type { Resolution } from "./define.ts";

export type Cast = Extract<Expression, { readonly kind: "cast" }>;

/** How a cast is computed, or null for DuckDB. */
export function resolveCast(cast: Cast): Resolution | null {
  if (sameType(cast.argument.type, cast.type)) return { arguments: [cast.argument], emit: (_code, [a]) => ({ ...a!, type: cast.type }) };
  return resolveNumberCast(cast) ?? resolveTimeCast(cast) ?? resolveCastToText(cast) ?? resolveTextCast(cast);
}
