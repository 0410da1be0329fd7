import { SqlError } from "../../runtime/contract/errors.ts";
import type { BoundPlan, JoinKind } from "../bound/nodes.ts";
import type { Locate } from "./locate.ts";

interface Refusal {
  readonly what: string;
  readonly hint?: string;
  /** Where to look for it in the query. */
  readonly words: readonly string[];
}

const noInput = "A job reads a source: CREATE SOURCE s (…) WITH (connector = '…').";
const onlyWindowJoin =
  "Join two windowed inputs on equal window_start, window_end and keys, or bound the join in time: b.ts BETWEEN a.ts - INTERVAL '1' HOUR AND a.ts.";

const refusals = {
  tableFunction: { what: "a table function", hint: noInput, words: [] },
  chunk: { what: "a list of values as a relation", words: ["values"] },
  delimGet: { what: "a correlated subquery", words: ["exists", "in"] },
  sample: { what: "TABLESAMPLE", words: ["tablesample", "sample"] },
  pivot: { what: "PIVOT", words: ["pivot"] },
  positional: { what: "a positional join", words: ["positional"] },
  cross: { what: "a join without an equality", hint: onlyWindowJoin, words: ["cross", "join"] },
  recursiveCte: { what: "a recursive query", words: ["recursive"] },
} as const satisfies Partial<Record<BoundPlan["kind"], Refusal>>;

export type RefusedKind = keyof typeof refusals;

const joinNames: Readonly<Record<JoinKind, string>> = {
  INNER: "this form of JOIN",
  LEFT: "LEFT JOIN",
  RIGHT: "RIGHT JOIN",
  FULL: "FULL JOIN",
  SEMI: "IN or EXISTS with a subquery",
  ANTI: "NOT IN or NOT EXISTS with a subquery",
  MARK: "IN with a subquery as a value",
  SINGLE: "a scalar subquery",
  RIGHT_SEMI: "IN or EXISTS with a subquery",
  RIGHT_ANTI: "NOT IN or NOT EXISTS with a subquery",
};

const joinWords: Readonly<Record<JoinKind, readonly string[]>> = {
  INNER: ["join", "exists", "in"],
  LEFT: ["left", "join"],
  RIGHT: ["right", "join"],
  FULL: ["full", "join"],
  SEMI: ["exists", "in"],
  ANTI: ["exists", "in", "not"],
  MARK: ["in", "exists"],
  SINGLE: ["where", "select"],
  RIGHT_SEMI: ["exists", "in"],
  RIGHT_ANTI: ["exists", "in", "not"],
};

export function refuse(kind: RefusedKind, locate: Locate, ...names: readonly string[]): never {
  const { what, hint, words }: Refusal = refusals[kind];
  throw unsupported(what, locate(...names, ...words), hint);
}

export function refuseJoin(kind: JoinKind, form: string, locate: Locate): never {
  const what = form === "asof" ? "ASOF JOIN" : joinNames[kind];
  throw unsupported(what, locate(...(form === "asof" ? ["asof"] : []), ...joinWords[kind]), onlyWindowJoin);
}

/** 0A000, one wording for all. */
export function unsupported(what: string, at: number | undefined, hint?: string): SqlError {
  return new SqlError({ sqlState: "0A000", message: `${what} is not supported in a streaming job yet`, at, hint });
}
