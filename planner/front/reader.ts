import { SqlError } from "../../runtime/contract/errors.ts";
import { reservedWords } from "./reserved-words.ts";
import type { Name, SqlText } from "./statement.ts";
import { syntaxError } from "./syntax-error.ts";
import { closes, isMark, isName, isOperator, isWord, opens, type Token } from "./token.ts";

/** A cursor over the tokens of one statement; every refusal carries the position in the user's text. */
export class TokenReader {
  readonly #source: string;
  readonly #tokens: readonly Token[];
  /** Where "end of input" is. */
  readonly #end: number;
  #at = 0;

  /** `source` is the whole text in which the tokens' offsets count. */
  constructor(source: string, tokens: readonly Token[], end: number) {
    this.#source = source;
    this.#tokens = tokens;
    this.#end = end;
  }

  get atEnd(): boolean {
    return this.#at >= this.#tokens.length;
  }

  /** Offset of the next token, or of the end. */
  get offset(): number {
    return this.peek()?.start ?? this.#end;
  }

  /** Offset of the statement's first token. */
  get start(): number {
    return this.#tokens[0]?.start ?? this.#end;
  }

  peek(ahead = 0): Token | undefined {
    return this.#tokens[this.#at + ahead];
  }

  /** The next words, in lower case, are these. */
  at(...words: readonly string[]): boolean {
    return words.every((word, i) => isWord(this.peek(i), word));
  }

  atMark(mark: string, ahead = 0): boolean {
    return isMark(this.peek(ahead), mark);
  }

  atOperator(operator: string): boolean {
    return isOperator(this.peek(), operator);
  }

  eat(...words: readonly string[]): boolean {
    if (!this.at(...words)) return false;
    this.#at += words.length;
    return true;
  }

  eatMark(mark: string): boolean {
    if (!this.atMark(mark)) return false;
    this.#at++;
    return true;
  }

  eatOperator(operator: string): boolean {
    if (!this.atOperator(operator)) return false;
    this.#at++;
    return true;
  }

  need(...words: readonly string[]): void {
    for (const word of words) if (!this.eat(word)) throw this.error([word.toUpperCase()]);
  }

  needMark(mark: string): void {
    if (!this.eatMark(mark)) throw this.error();
  }

  needEnd(): void {
    if (!this.atEnd) throw this.error();
  }

  next(): Token {
    const token = this.peek();
    if (token === undefined) throw this.error();
    this.#at++;
    return token;
  }

  /** A quoted name or an unreserved word, as Postgres folds it. */
  identifier(expected: readonly string[] = []): string {
    const token = this.peek();
    if (token?.kind !== "word" || !reservedWords.has(token.value)) return this.label(expected);
    const { message, at } = this.error();
    throw new SqlError({ sqlState: "42601", message, hint: `"${token.raw}" is a reserved word: as a name it needs double quotes.`, at });
  }

  /** A name where no keyword can stand: reserved words too. */
  label(expected: readonly string[] = []): string {
    if (!isName(this.peek())) throw this.error(expected);
    return this.next().value;
  }

  /** `name` or `schema.name`. */
  name(): Name {
    const at = this.offset;
    const parts = [this.identifier()];
    while (this.eatMark(".")) parts.push(this.label());
    const [first = "", second, third] = parts;
    if (third !== undefined) {
      throw new SqlError({ sqlState: "0A000", message: `cross-database references are not implemented: ${parts.join(".")}`, at });
    }
    return second === undefined ? { schema: null, name: first, at } : { schema: first, name: second, at };
  }

  string(): string {
    if (this.peek()?.kind !== "string") throw this.error();
    return this.next().value;
  }

  /** `(item, item, …)`, at least one. */
  list<T>(item: () => T): T[] {
    this.needMark("(");
    const items = [item()];
    while (this.eatMark(",")) items.push(item());
    this.needMark(")");
    return items;
  }

  /**
   * The text up to (not with) the first token outside parentheses that `stops` accepts, or all that is left.
   * Refuses an empty text, a semicolon inside and parentheses that do not match; a closing one that opens outside ends it.
   */
  textUntil(stops: (token: Token, reader: TokenReader) => boolean): SqlText {
    const from = this.#at;
    const open: Token[] = [];
    for (let token = this.peek(); token !== undefined; token = this.peek()) {
      if (open.length === 0 && (stops(token, this) || closes(token))) break;
      if (isMark(token, ";")) throw this.error();
      if (opens(token)) open.push(token);
      else if (closes(token) && !isPair(open.pop(), token)) throw this.error();
      this.#at++;
    }
    if (open.length > 0) throw this.#unclosed(open.at(-1));
    if (from === this.#at) throw this.error();
    return this.#slice(from, this.#at);
  }

  /** All that is left; it must not hold a parenthesis too many. */
  textToEnd(): SqlText {
    const text = this.textUntil(() => false);
    this.needEnd();
    return text;
  }

  /** The text within `( … )`, which are read too. */
  textInParentheses(): SqlText {
    this.needMark("(");
    const text = this.textUntil(() => false);
    this.needMark(")");
    return text;
  }

  /** Where the reader stands, to come back with `rewind`. */
  mark(): number {
    return this.#at;
  }

  rewind(mark: number): void {
    this.#at = mark;
  }

  /** What was read since the mark, as text. */
  textSince(mark: number): SqlText {
    return this.#slice(mark, this.#at);
  }

  /** Syntax error at the next token; `expected` words that are near it become the hint. */
  error(expected: readonly string[] = []): SqlError {
    return syntaxError(this.peek(), this.#end, expected);
  }

  errorAt(token: Token | undefined, expected: readonly string[] = []): SqlError {
    return syntaxError(token, this.#end, expected);
  }

  #slice(from: number, to: number): SqlText {
    const at = this.#tokens[from]?.start ?? this.#end;
    return { text: this.#source.slice(at, this.#tokens[to - 1]?.end ?? at), at };
  }

  #unclosed(open: Token | undefined): SqlError {
    const hint = `Close the "${open?.raw}" before "${this.#source.slice(open?.end, (open?.end ?? 0) + 20).trim()}".`;
    return new SqlError({ sqlState: "42601", message: "syntax error at end of input", hint, at: this.#end });
  }
}

const pairs: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

const isPair = (open: Token | undefined, close: Token): boolean => open !== undefined && pairs[open.value] === close.value;
