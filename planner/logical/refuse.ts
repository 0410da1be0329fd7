import { SqlError } from "../../runtime/contract/errors.ts";
import type { BoundPlan } from "../bound/nodes.ts";
import type { Locate } from "./locate.ts";

interface Refusal {
  readonly what: string;
  readonly hint?: string;
  /** Where to look for it in the query. */
  readonly words: readonly string[];
}

const noInput = "A job reads a source: CREATE SOURCE s (…) WITH (connector = '…').";

const refusals = {
  tableFunction: { what: "a table function", hint: noInput, words: [] },
  chunk: { what: "a list of values as a relation", words: ["values"] },
  sample: { what: "TABLESAMPLE", words: ["tablesample", "sample"] },
  pivot: { what: "PIVOT", words: ["pivot"] },
  positional: { what: "a positional join", words: ["positional"] },
  recursiveCte: { what: "a recursive query", words: ["recursive"] },
} as const satisfies Partial<Record<BoundPlan["kind"], Refusal>>;

export type RefusedKind = keyof typeof refusals;

export function refuse(kind: RefusedKind, locate: Locate, ...names: readonly string[]): never {
  const { what, hint, words }: Refusal = refusals[kind];
  throw unsupported(what, locate(...names, ...words), hint);
}

/** 0A000, one wording for all. */
export function unsupported(what: string, at: number | undefined, hint?: string): SqlError {
  return new SqlError({ sqlState: "0A000", message: `${what} is not supported in a streaming job yet`, at, hint });
}
