import { lex } from "../lexer.ts";
import type { SqlText } from "../statement.ts";
import { rewriteDialect } from "./dialect.ts";
import { piecesOf } from "./pieces.ts";
import { type Rewritten, render } from "./rewritten.ts";
import { rewriteSystemTime } from "./system-time.ts";
import { rewriteWindowCalls, type WindowCall } from "./window-calls.ts";

/**
 * A query body in the words of DuckDB: window calls as table macros, versions of tables as markers, Postgres' spellings as DuckDB's.
 * Throws positioned SqlErrors.
 */
export function rewriteQuery(query: SqlText): Rewritten & { readonly windowCalls: readonly WindowCall[] } {
  const { pieces, calls } = rewriteWindowCalls(rewriteSystemTime(piecesOf(lex(query.text, query.at))));
  return { ...render(rewriteDialect(pieces), query.at), windowCalls: calls };
}
