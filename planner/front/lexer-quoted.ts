import { SqlError } from "../../runtime/contract/errors.ts";
import { EscapeDecoder } from "./lexer-escapes.ts";

export interface Literal {
  readonly value: string;
  /** Offset after the closing quote. */
  readonly end: number;
}

/** A quote or comment that the text does not close: a prompt may wait for more. */
export class UnterminatedError extends SqlError {
  constructor(what: string, at: number) {
    super({ sqlState: "42601", message: `unterminated ${what}`, at });
  }
}

/** `'…'` at `at`, quotes doubled; with `escapes` the backslashes of E'…' are decoded. */
export function readString(text: string, at: number, base: number, escapes: boolean): Literal {
  const decoder = escapes ? new EscapeDecoder(text, base, at) : null;
  let value = "";
  let from = at + 1;
  for (let i = from; i < text.length; i++) {
    if (decoder !== null && text[i] === "\\") {
      decoder.literal(text.slice(from, i));
      i = decoder.escape(i) - 1;
      from = i + 1;
    } else if (text[i] === "'" && text[i + 1] === "'") {
      if (decoder === null) value += text.slice(from, i);
      else decoder.literal(text.slice(from, i));
      from = ++i;
    } else if (text[i] === "'") {
      decoder?.literal(text.slice(from, i));
      return { value: decoder?.finish() ?? value + text.slice(from, i), end: i + 1 };
    }
  }
  throw new UnterminatedError("quoted string", base + at);
}

/** A name in double quotes or back-ticks, the quote doubled inside. */
export function readQuotedName(text: string, at: number, base: number): Literal {
  const quote = text.charAt(at);
  for (let end = text.indexOf(quote, at + 1); end >= 0; end = text.indexOf(quote, end + 2)) {
    if (text[end + 1] !== quote) return { value: text.slice(at + 1, end).replaceAll(quote + quote, quote), end: end + 1 };
  }
  throw new UnterminatedError("quoted identifier", base + at);
}

const dollarTag = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;

/** `$$…$$` or `$tag$…$tag$`; null when no such quote begins here. */
export function readDollarString(text: string, at: number, base: number): Literal | null {
  dollarTag.lastIndex = at;
  const tag = dollarTag.exec(text)?.[0];
  if (tag === undefined) return null;
  const end = text.indexOf(tag, at + tag.length);
  if (end < 0) throw new UnterminatedError("dollar-quoted string", base + at);
  return { value: text.slice(at + tag.length, end), end: end + tag.length };
}

const commentMark = /\/\*|\*\//g;

/** The offset after a comment, which may hold comments. */
export function readBlockComment(text: string, at: number, base: number): number {
  commentMark.lastIndex = at + 2;
  for (let depth = 1; depth > 0; ) {
    const mark = commentMark.exec(text);
    if (mark === null) throw new UnterminatedError("/* comment", base + at);
    depth += mark[0] === "/*" ? 1 : -1;
  }
  return commentMark.lastIndex;
}
