import { notSupported } from "../syntax-error.ts";
import type { Draft, Rule } from "./draft.ts";

/** Operators whose Postgres meaning is a macro of prelude-sql.ts under another name, because DuckDB has its own. */
const spelt: Readonly<Record<string, string>> = {
  "!~": "!@~",
  "#>": "@|>",
  "#>>": "@|>>",
  "#": "@^",
  "?": "@!>",
  "?|": "@!|",
  "?&": "@!&",
};

const operators: Rule = (draft, i) => {
  const name = spelt[draft.operator(i)];
  if (name !== undefined) draft.set(i, name);
};

/** Between two operands `~` is a regular expression's match; DuckDB's own matches the whole text. Before one it is bitwise. */
const matches: Rule = (draft, i) => {
  if (draft.operator(i) === "~" && draft.endsOperand(i - 1)) draft.set(i, "@~");
};

/** `j -> 'key' = …`: DuckDB gives `->` the low precedence of its lambdas. Only a constant key tells one from the other. */
const jsonArrows: Rule = (draft, i) => {
  if (draft.operator(i) !== "->" || !(draft.isString(i + 1) || draft.token(i + 1)?.kind === "number")) return;
  if (!isLambda(draft, i)) draft.set(i, "@->");
};

const lambdaCalls = /^(?:list_|array_)?(?:transform|filter|reduce|apply)$/;

/** `list_transform(l, x -> 1)`: one bare name after a comma of such a call. */
function isLambda(draft: Draft, i: number): boolean {
  if (draft.mark(i - 2) !== ",") return false;
  let depth = 0;
  for (let j = i - 2; j >= 0; j--) {
    if (draft.mark(j) === ")") depth++;
    else if (draft.mark(j) === "(" && depth-- === 0) return lambdaCalls.test(draft.word(j - 1));
  }
  return false;
}

const likeOperators: Readonly<Record<string, string>> = { "~~": "like", "!~~": "not like", "~~*": "ilike", "!~~*": "not ilike" };

/** Postgres' LIKE has the escape `\` by default, DuckDB's none. */
const likes: Rule = (draft, i) => {
  const byOperator = likeOperators[draft.operator(i)];
  if (byOperator === undefined && draft.word(i) !== "like" && draft.word(i) !== "ilike") return;
  const end = draft.operandEnd(i + 1);
  const hasEscape = draft.pieces.slice(i + 1, end + 1).some((piece) => piece.token?.kind === "string" && piece.token.value.includes("\\"));
  if (!hasEscape || end <= i || draft.word(end + 1) === "escape") return;
  if (byOperator !== undefined) draft.set(i, byOperator);
  draft.append(end, " ESCAPE '\\'");
};

/** SIMILAR TO, which DuckDB takes for a regular expression, as an operator of the same precedence. */
const similar: Rule = (draft, i) => {
  if (draft.word(i) !== "similar" || draft.word(i + 1) !== "to") return;
  const end = draft.operandEnd(i + 2);
  if (draft.word(end + 1) === "escape") throw notSupported("SIMILAR TO … ESCAPE", draft.at(end + 1));
  const isNot = draft.word(i - 1) === "not" && draft.endsOperand(i - 2);
  if (isNot) draft.drop(i - 1);
  draft.set(i, isNot ? "!@%" : "@%");
  draft.set(i + 1, "(");
  draft.append(end, ")");
};

const symmetricHint = "Write x BETWEEN least(a, b) AND greatest(a, b).";

const symmetric: Rule = (draft, i) => {
  if (draft.word(i) === "symmetric" && draft.word(i - 1) === "between") throw notSupported("BETWEEN SYMMETRIC", draft.at(i), symmetricHint);
};

export const operatorRules: readonly Rule[] = [operators, matches, jsonArrows, likes, similar, symmetric];
