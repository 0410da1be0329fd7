import { lex } from "../../planner/front/lexer.ts";
import type { SqlText } from "../../planner/front/statement.ts";
import { isMark, isWord, type Token } from "../../planner/front/token.ts";
import { SqlError } from "../../runtime/contract/errors.ts";

/** `millrace.state('job or savepoint', 'uid[/table]' [, checkpoint])` within a query. */
export interface StateCall {
  readonly of: Literal;
  readonly uid: Literal;
  readonly checkpoint: { readonly value: number; readonly at: number } | null;
}

interface Literal {
  readonly value: string;
  readonly at: number;
}

const mayCall = /\bmillrace"?\s*\.\s*"?state\b/i;

/** A query cut at the calls of millrace.state: pieces of its text, and the calls between them. Throws SqlError 42601 for other arguments. */
export function stateCalls(query: SqlText): readonly (SqlText | StateCall)[] {
  if (!mayCall.test(query.text)) return [query];
  const tokens = lex(query.text);
  const parts: (SqlText | StateCall)[] = [];
  let from = 0;
  for (let i = 0; i < tokens.length; i++) {
    if (!startsCall(tokens, i)) continue;
    const end = tokens.findIndex((token, k) => k > i && isMark(token, ")"));
    const [start, last] = [tokens[i], tokens[end]];
    if (start === undefined || last === undefined) continue;
    parts.push({ text: query.text.slice(from, start.start), at: query.at + from }, callOf(tokens.slice(i + 4, end), query.at, start));
    from = last.end;
    i = end;
  }
  return [...parts, { text: query.text.slice(from), at: query.at + from }];
}

const startsCall = (tokens: readonly Token[], i: number): boolean =>
  isWord(tokens[i], "millrace") && isMark(tokens[i + 1], ".") && isWord(tokens[i + 2], "state") && isMark(tokens[i + 3], "(");

function callOf(tokens: readonly Token[], offset: number, start: Token): StateCall {
  const [of, comma, uid, second, checkpoint, ...more] = tokens;
  const isCall =
    of?.kind === "string" &&
    isMark(comma, ",") &&
    uid?.kind === "string" &&
    (second === undefined || (isMark(second, ",") && checkpoint?.kind === "number" && /^\d+$/.test(checkpoint.value) && more.length === 0));
  if (!isCall) {
    throw new SqlError({
      sqlState: "42601",
      message: "millrace.state takes texts and a number",
      hint: "millrace.state('job', 'operator uid' [, checkpoint]); SHOW STATE FOR job lists the uids.",
      at: offset + start.start,
    });
  }
  const literal = (token: Token): Literal => ({ value: token.value, at: offset + token.start });
  return {
    of: literal(of),
    uid: literal(uid),
    checkpoint: checkpoint === undefined ? null : { value: Number(checkpoint.value), at: offset + checkpoint.start },
  };
}
