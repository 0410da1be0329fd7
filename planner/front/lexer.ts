import { SqlError } from "../../runtime/contract/errors.ts";
import { limits } from "../../runtime/contract/limits.ts";
import { type Literal, readBlockComment, readDollarString, readQuotedName, readString } from "./lexer-quoted.ts";
import { decodeUnicodeEscapes } from "./lexer-escapes.ts";
import { closes, opens, type Token, type TokenKind } from "./token.ts";

/*
 * Postgres' lexer (scan.l) with offsets, and three additions: Flink's back-ticks quote names, `{ }` are marks for DuckDB's
 * struct literals, and `--` comments may follow anything.
 */

const space = /[ \t\n\r\f\v]+|--[^\n\r]*|^\uFEFF/y;
const word = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y;
const number =
  /0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:\d(?:_?\d)*(?:\.(?!\.)(?:\d(?:_?\d)*)?)?|\.\d(?:_?\d)*)(?:[eE][+-]?\d(?:_?\d)*)?/y;
const parameter = /\$\d+/y;
const operatorRun = /[-+*/<>=~!@#%^&|?]+/y;
const uescape = /(?:[ \t\n\r\f\v]|--[^\n\r]*)*uescape(?:[ \t\n\r\f\v]|--[^\n\r]*)*'([^'])'/iy;

class Lexer {
  readonly #text: string;
  readonly #base: number;
  readonly #tokens: Token[] = [];
  #depth = 0;
  #at = 0;

  constructor(text: string, base: number) {
    this.#text = text;
    this.#base = base;
  }

  run(): readonly Token[] {
    for (this.#skipSpace(); this.#at < this.#text.length; this.#skipSpace()) this.#token();
    return this.#tokens;
  }

  #token(): void {
    const c = this.#text.charAt(this.#at);
    if (this.#literal(c)) return;
    const found = this.#match(word);
    if (found !== null) return this.#push("word", foldCase(found), found.length);
    if (/[0-9]/.test(c) || (c === "." && /[0-9]/.test(this.#text.charAt(this.#at + 1)))) return this.#number();
    if (c === "$") return this.#parameter();
    if (c === ":" && /[:=]/.test(this.#text.charAt(this.#at + 1)))
      return this.#push("operator", this.#text.slice(this.#at, this.#at + 2), 2);
    if ("()[]{},;.:".includes(c)) return this.#push("mark", c, 1);
    const run = this.#match(operatorRun);
    if (run === null) throw this.#error(`syntax error at or near "${String.fromCodePoint(this.#text.codePointAt(this.#at) ?? 0)}"`);
    const operator = trimOperator(run);
    this.#push("operator", operator, operator.length);
  }

  /** Everything that begins with a quote, with or without a letter before it. */
  #literal(c: string): boolean {
    const next = this.#text.charAt(this.#at + 1);
    if (c === "'") this.#string(readString(this.#text, this.#at, this.#base, false));
    else if (c === '"' || c === "`") this.#name(readQuotedName(this.#text, this.#at, this.#base));
    else if (/[eE]/.test(c) && next === "'") this.#string(readString(this.#text, this.#at + 1, this.#base, true));
    else if (/[nN]/.test(c) && next === "'") this.#string(readString(this.#text, this.#at + 1, this.#base, false));
    else if (/[bBxX]/.test(c) && next === "'") this.#bits(c.toLowerCase());
    else if (/[uU]/.test(c) && next === "&" && /['"]/.test(this.#text.charAt(this.#at + 2))) this.#unicode();
    else if (c === "$") return this.#dollar();
    else return false;
    return true;
  }

  /** Postgres joins literals that only white space with a newline separates. */
  #string(literal: Literal): void {
    const before = this.#tokens.at(-1);
    const joins = before?.kind === "string" && this.#text[this.#at] === "'" && this.#isContinuation(before);
    if (!joins) return this.#push("string", literal.value, literal.end - this.#at);
    this.#tokens.pop();
    this.#at = before.start - this.#base;
    this.#push("string", before.value + literal.value, literal.end - this.#at);
  }

  #isContinuation(before: Token): boolean {
    const gap = this.#text.slice(before.end - this.#base, this.#at);
    return /[\n\r]/.test(gap) && !gap.includes("/*") && !before.raw.startsWith("$");
  }

  #name(literal: Literal): void {
    if (literal.value === "") throw this.#error('zero-length delimited identifier at or near """"');
    this.#push("quoted", literal.value, literal.end - this.#at);
  }

  #bits(radix: string): void {
    const literal = readString(this.#text, this.#at + 1, this.#base, false);
    const bad = (radix === "b" ? /[^01]/ : /[^0-9a-fA-F]/).exec(literal.value);
    if (bad !== null) throw this.#error(`"${bad[0]}" is not a valid ${radix === "b" ? "binary" : "hexadecimal"} digit`);
    this.#push("bits", radix + literal.value, literal.end - this.#at);
  }

  #unicode(): void {
    const isName = this.#text[this.#at + 2] === '"';
    const read = isName ? readQuotedName(this.#text, this.#at + 2, this.#base) : readString(this.#text, this.#at + 2, this.#base, false);
    uescape.lastIndex = read.end;
    const custom = uescape.exec(this.#text);
    const value = decodeUnicodeEscapes(read.value, custom?.[1] ?? "\\", this.#base + this.#at);
    const literal = { value, end: custom === null ? read.end : uescape.lastIndex };
    if (isName) this.#name(literal);
    else this.#push("string", value, literal.end - this.#at);
  }

  #dollar(): boolean {
    const literal = readDollarString(this.#text, this.#at, this.#base);
    if (literal !== null) this.#push("string", literal.value, literal.end - this.#at);
    return literal !== null;
  }

  #number(): void {
    const found = this.#match(number) ?? "";
    this.#refuseJunk(found, "numeric literal");
    this.#push("number", found, found.length);
  }

  #parameter(): void {
    const found = this.#match(parameter);
    if (found === null) throw this.#error('syntax error at or near "$"');
    this.#refuseJunk(found, "parameter");
    this.#push("parameter", found.slice(1), found.length);
  }

  #refuseJunk(found: string, what: string): void {
    word.lastIndex = this.#at + found.length;
    const junk = word.exec(this.#text);
    if (junk !== null) throw this.#error(`trailing junk after ${what} at or near "${found}${junk[0]}"`);
  }

  #push(kind: TokenKind, value: string, length: number): void {
    const raw = this.#text.slice(this.#at, this.#at + length);
    const token = { kind, value, raw, start: this.#base + this.#at, end: this.#base + this.#at + length };
    if (opens(token) && ++this.#depth > limits.nesting_max) throw this.#tooComplex(`Parentheses may be nested ${limits.nesting_max} deep.`);
    if (closes(token)) this.#depth--;
    if (this.#tokens.length === limits.tokens_max) throw this.#tooComplex(`A text may have ${limits.tokens_max} words and marks.`);
    this.#tokens.push(token);
    this.#at += length;
  }

  #skipSpace(): void {
    for (;;) {
      const found = this.#match(space);
      if (found !== null) this.#at += found.length;
      else if (this.#text.startsWith("/*", this.#at)) this.#at = readBlockComment(this.#text, this.#at, this.#base);
      else return;
    }
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#text)?.[0] ?? null;
  }

  #error(message: string): SqlError {
    return new SqlError({ sqlState: "42601", message, at: this.#base + this.#at });
  }

  #tooComplex(detail: string): SqlError {
    return new SqlError({ sqlState: "54001", message: "statement is too complex", detail, at: this.#base + this.#at });
  }
}

/** Postgres folds ASCII letters only. */
export const foldCase = (name: string): string => name.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());

/** Postgres' rule: a comment ends an operator, and one of several characters ends in + or - only if it has one of ~ ! @ # % ^ & | ?. */
function trimOperator(run: string): string {
  const comment = /--|\/\*/.exec(run);
  let operator = comment === null ? run : run.slice(0, comment.index);
  while (operator.length > 1 && /[+-]$/.test(operator) && !/[~!@#%^&|?]/.test(operator)) operator = operator.slice(0, -1);
  return operator;
}

/**
 * The tokens of a text, comments left out. `base` is the text's offset in what the user typed.
 * Throws SqlError 42601 with position, 54001 beyond the limits of nesting and tokens.
 */
export function lex(text: string, base = 0): readonly Token[] {
  return new Lexer(text, base).run();
}
