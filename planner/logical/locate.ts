import { SqlError } from "../../runtime/contract/errors.ts";
import { lex } from "../front/lexer.ts";
import type { SqlText } from "../front/statement.ts";

/** Offset in the user's text of the first of the words that stands in the query. The plan itself knows few positions. */
export type Locate = (...words: readonly string[]) => number | undefined;

export function locator(query: SqlText): Locate {
  const tokens = lex(query.text, query.at).filter((token) => token.kind === "word" || token.kind === "quoted");
  return (...words) => words.flatMap((word) => tokens.find((token) => token.value === word)?.start ?? []).at(0);
}

/** Runs a step of planning; an error without a position gets that of the function that it names, else of the first word found. */
export function located<T>(locate: Locate, words: readonly string[], step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof SqlError) || error.at !== undefined) throw error;
    const { sqlState, message, detail, hint, cause } = error;
    const named = /([a-z_]\w*)\(\)/.exec(message)?.[1];
    throw new SqlError({ sqlState, message, detail, hint, cause, at: locate(...(named === undefined ? [] : [named]), ...words) });
  }
}
