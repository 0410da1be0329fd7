import type { AggregateCall } from "../../contract/job-graph.ts";
import type { SqlType } from "../../contract/types.ts";
import type { Value } from "../../contract/value.ts";
import type { AggregateExample } from "./definition.ts";

/** Equal rows of arguments (and of ORDER BY expressions behind them), and how many they are. */
export interface Item {
  readonly values: readonly Value[];
  readonly times: number;
}

/** The result over all rows of a group, sorted by the call's ORDER BY, else by value; NULLs are among them. */
export type Finish = (bag: readonly Item[]) => Value;

/** An aggregate computed from all its rows (EXPLAIN says `collect`). */
export interface CollectDefinition {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly doc: string;
  readonly example: AggregateExample;
  /** Types of the arguments without constants and ORDER BY expressions. */
  accepts(argumentTypes: readonly SqlType[]): boolean;
  /** The result depends on the order of the rows: an ORDER BY inside the call has a meaning. */
  readonly ordered: boolean;
  /** A literal behind the arguments is a parameter: the n of max(x, n). */
  readonly parameter?: "optional" | "required";
  finish(call: AggregateCall): Finish;
}

/** Rows whose first argument is not NULL. */
export const present = (bag: readonly Item[]): readonly Item[] => bag.filter((item) => item.values[0] !== null);

/** Each row's first argument. */
export const repeated = (bag: readonly Item[]): readonly Value[] =>
  bag.flatMap((item) => Array<Value>(item.times).fill(item.values[0] ?? null));

export const countOf = (bag: readonly Item[]): number => bag.reduce((n, item) => n + item.times, 0);
