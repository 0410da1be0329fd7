import { isMark, isWord, type Token } from "../token.ts";
import type { Piece } from "./pieces.ts";

/** Where in a query level the reader is: a relation may stand after FROM, JOIN and the commas between them only. */
interface Level {
  clause: "from" | "on" | "other";
  /** `extract(year FROM x)`: a FROM that names no relation. */
  readonly isCall: boolean;
}

const endOfFrom = new Set(
  "select where group having order limit offset window qualify union except intersect fetch returning set values using".split(" "),
);
const callsWithFrom = new Set(["extract", "substring", "substr", "trim", "overlay", "position"]);
const beforeRelation = new Set(["from", "join", "lateral", "table"]);

/** For each piece, whether a relation is expected there. */
export function tablePositions(pieces: readonly Piece[]): readonly boolean[] {
  const levels: Level[] = [{ clause: "other", isCall: false }];
  return pieces.map((piece, i) => {
    const level = levels.at(-1) ?? { clause: "other", isCall: false };
    const before = pieces[i - 1]?.token ?? undefined;
    const expected = level.clause === "from" && followsFrom(before, i);
    if (piece.token !== null) step(levels, level, piece.token, before, expected, pieces[i - 2]?.token);
    return expected;
  });
}

const followsFrom = (before: Token | undefined, i: number): boolean =>
  i === 0 || isMark(before, ",") || isMark(before, "(") || (before?.kind === "word" && beforeRelation.has(before.value));

function step(
  levels: Level[],
  level: Level,
  token: Token,
  before: Token | undefined,
  expected: boolean,
  beforeThat: Token | null | undefined,
): void {
  if (isMark(token, "(")) {
    const isCall = before?.kind === "word" && callsWithFrom.has(before.value);
    levels.push({ clause: expected ? "from" : "other", isCall });
  } else if (isMark(token, ")")) {
    if (levels.length > 1) levels.pop();
  } else if (isMark(token, ",")) {
    if (level.clause === "on") level.clause = "from";
  } else if (token.kind === "word" && !isMark(before, ".")) {
    if (token.value === "from") level.clause = level.isCall || isDistinctFrom(before, beforeThat) ? level.clause : "from";
    else if (token.value === "join") level.clause = "from";
    else if (token.value === "on") level.clause = level.clause === "from" ? "on" : level.clause;
    else if (endOfFrom.has(token.value)) level.clause = token.value === "using" && level.clause === "from" ? "on" : "other";
  }
}

const isDistinctFrom = (before: Token | undefined, beforeThat: Token | null | undefined): boolean =>
  isWord(before, "distinct") && (isWord(beforeThat ?? undefined, "is") || isWord(beforeThat ?? undefined, "not"));
