import { lex } from "./lexer.ts";
import { UnterminatedError } from "./lexer-quoted.ts";
import { closes, isMark, isWord, opens, type Token } from "./token.ts";

export interface SplitStatement {
  /** Without the semicolon; never empty. */
  readonly tokens: readonly Token[];
  /** False for a last statement without its semicolon. */
  readonly terminated: boolean;
}

/** Knows, token by token, whether a semicolon would end the statement. */
class Splitter {
  #tokens: Token[] = [];
  #depth = 0;
  /** Within BEGIN … END of a streaming job: 1, plus one for each CASE that is open. */
  #body = 0;

  get open(): boolean {
    return this.#tokens.length > 0;
  }

  /** The statement that this token ends, if it ends one. */
  take(token: Token): readonly Token[] | null {
    if (isMark(token, ";") && this.#depth <= 0 && this.#body === 0) return this.flush();
    if (opens(token)) this.#depth++;
    else if (closes(token)) this.#depth--;
    else if (this.#body > 0 && isWord(token, "case")) this.#body++;
    else if (this.#body > 0 && isWord(token, "end")) this.#body--;
    else if (this.#body === 0 && isWord(token, "begin") && this.#startsBody()) this.#body = 1;
    this.#tokens.push(token);
    return null;
  }

  flush(): readonly Token[] {
    const tokens = this.#tokens;
    this.#tokens = [];
    this.#depth = 0;
    this.#body = 0;
    return tokens;
  }

  #startsBody(): boolean {
    const streaming = this.#tokens.findIndex((token) => isWord(token, "streaming"));
    return this.#depth === 0 && streaming > 0 && isWord(this.#tokens[streaming + 1], "job") && isWord(this.#tokens.at(-1), "as");
  }
}

/** Cuts at semicolons, but not inside parentheses nor inside the body `BEGIN INSERT …; INSERT …; END` of a streaming job. */
export function splitTokens(tokens: readonly Token[]): readonly SplitStatement[] {
  const splitter = new Splitter();
  const statements: SplitStatement[] = [];
  for (const token of tokens) {
    const ended = splitter.take(token);
    if (ended !== null && ended.length > 0) statements.push({ tokens: ended, terminated: true });
  }
  if (splitter.open) statements.push({ tokens: splitter.flush(), terminated: false });
  return statements;
}

/** The statements of a text with their offsets, for a client that sends them one by one. Throws what the lexer throws. */
export function splitStatements(text: string): readonly { readonly text: string; readonly at: number }[] {
  return splitTokens(lex(text)).map(({ tokens }) => {
    const at = tokens[0]?.start ?? 0;
    return { text: text.slice(at, tokens.at(-1)?.end ?? at), at };
  });
}

/** Whether a prompt may send the text: it ends with a semicolon outside quotes, comments, parentheses and bodies, or has a fault to report. */
export function isComplete(text: string): boolean {
  try {
    const statements = splitTokens(lex(text));
    return statements.length > 0 && statements.every((statement) => statement.terminated);
  } catch (error) {
    return !(error instanceof UnterminatedError);
  }
}
