import { SqlError } from "../../runtime/contract/errors.ts";
import { suggest } from "../../runtime/contract/suggest.ts";
import type { Token } from "./token.ts";

/** Postgres' words for a token that does not fit; `end` is where the text ends, for a text that stops too early. */
export function syntaxError(token: Token | undefined, end: number, expected: readonly string[] = []): SqlError {
  if (token === undefined) return new SqlError({ sqlState: "42601", message: "syntax error at end of input", at: end });
  const near = token.kind === "word" ? suggest(token.raw, expected) : undefined;
  return new SqlError({ sqlState: "42601", message: `syntax error at or near "${token.raw}"`, hint: perhaps(near), at: token.start });
}

export const perhaps = (word: string | undefined): string | undefined => (word === undefined ? undefined : `Perhaps you meant "${word}".`);

export function notSupported(what: string, at: number, hint?: string): SqlError {
  return new SqlError({ sqlState: "0A000", message: `${what} is not supported yet`, hint, at });
}
