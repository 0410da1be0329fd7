import { catalogRules } from "./catalog-rules.ts";
import { Draft, type Rule } from "./draft.ts";
import { formatRules } from "./format-rules.ts";
import { literalRules } from "./literal-rules.ts";
import { nameRules } from "./name-rules.ts";
import { operatorRules } from "./operator-rules.ts";
import type { Piece } from "./pieces.ts";
import { typeRules } from "./type-rules.ts";

const rules: readonly Rule[] = [...catalogRules, ...formatRules, ...nameRules, ...operatorRules, ...typeRules, ...literalRules];

/** Postgres' spellings, where DuckDB has none or another meaning, in DuckDB's; macros (prelude-sql.ts) do what tokens need not. */
export function rewriteDialect(pieces: readonly Piece[]): readonly Piece[] {
  const draft = new Draft(pieces);
  for (let i = 0; i < pieces.length; i++) for (const rule of rules) rule(draft, i);
  return draft.pieces;
}
