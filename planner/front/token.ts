/**
 * `word`: an unquoted name or keyword, folded to lower case; `quoted`: a quoted name; `mark`: one of `( ) [ ] { } , ; . :`.
 * `value` is what the token means (escapes decoded, quotes removed); of a bit string the digits after `b` or `x`.
 */
export type TokenKind = "word" | "quoted" | "string" | "bits" | "number" | "parameter" | "operator" | "mark";

export interface Token {
  readonly kind: TokenKind;
  readonly value: string;
  /** The characters as typed. */
  readonly raw: string;
  /** Offsets in the user's text, UTF-16 units. */
  readonly start: number;
  readonly end: number;
}

export const isMark = (token: Token | undefined, mark: string): boolean => token?.kind === "mark" && token.value === mark;
export const isWord = (token: Token | undefined, word: string): boolean => token?.kind === "word" && token.value === word;
export const isOperator = (token: Token | undefined, operator: string): boolean => token?.kind === "operator" && token.value === operator;
export const isName = (token: Token | undefined): boolean => token?.kind === "word" || token?.kind === "quoted";
export const opens = (token: Token): boolean => token.kind === "mark" && "([{".includes(token.value);
export const closes = (token: Token): boolean => token.kind === "mark" && ")]}".includes(token.value);
