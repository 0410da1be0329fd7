import type { AnyWindowSpec, OperatorSpec, SideOutputTag } from "../../runtime/contract/job-graph.ts";
import type { Schema, SqlType } from "../../runtime/contract/types.ts";
import type { WindowColumnName } from "../logical/nodes.ts";

/*
 * How a query runs: operators with their state, exchanges between them, and what is known of each stream.
 * A node with several readers is one object.
 */
export type StreamPlan = OperatorPlan | ExchangePlan | UnionPlan;

export interface OperatorPlan {
  readonly kind: "operator";
  /** As EXPLAIN and the dashboard name it: `WindowAggregate`, `Source flights`. */
  readonly name: string;
  /** For option operator_parallelism: `agg`, `source`. */
  readonly handle: string;
  readonly spec: OperatorSpec;
  readonly inputs: readonly StreamPlan[];
  readonly schema: Schema;
  readonly traits: Traits;
  /** What it does, for EXPLAIN; with the inputs it is the identity of a stateful operator. */
  readonly description: string;
  /** Rows put aside go to this result table. */
  readonly side: { readonly tag: SideOutputTag; readonly table: string } | null;
  /** Read by several: nothing may be merged into it. */
  readonly isShared: boolean;
}

export interface ExchangePlan {
  readonly kind: "exchange";
  readonly input: StreamPlan;
  /** Column numbers; empty: all rows go to one subtask. */
  readonly keys: readonly number[];
  readonly schema: Schema;
  readonly traits: Traits;
}

export interface UnionPlan {
  readonly kind: "union";
  readonly inputs: readonly StreamPlan[];
  readonly schema: Schema;
  readonly traits: Traits;
}

/** What is known of a stream's rows; column numbers count in its schema. */
export interface Traits {
  /** false: rows are only added; true: they carry weights. */
  readonly isChangelog: boolean;
  /** Sets of columns that identify a row at any moment. */
  readonly uniqueKeys: readonly (readonly number[])[];
  /** Columns that the watermark speaks of. */
  readonly times: readonly number[];
  /** Columns that are a window's bounds. */
  readonly windows: ReadonlyMap<number, WindowColumn>;
  readonly distribution: Distribution;
}

export type Distribution =
  | { readonly kind: "any" }
  /** Rows with equal keys are on one subtask: the one that the hash of these columns, in this order, gives. */
  | { readonly kind: "hash"; readonly keys: readonly number[] }
  | { readonly kind: "single" };

export interface WindowColumn {
  readonly role: WindowColumnName;
  readonly window: WindowIdentity;
}

/** One object per window call: columns of the same call belong together. */
export interface WindowIdentity {
  readonly spec: AnyWindowSpec | { readonly kind: "session"; readonly gap_us: bigint };
  readonly timeType: SqlType;
}

export const appendOnly: Traits = {
  isChangelog: false,
  uniqueKeys: [],
  times: [],
  windows: new Map(),
  distribution: { kind: "any" },
};

export function streamInputs(plan: StreamPlan): readonly StreamPlan[] {
  switch (plan.kind) {
    case "operator":
    case "union":
      return plan.inputs;
    case "exchange":
      return [plan.input];
  }
}

/** Traits behind a projection: `outputsOf` lists where an input column stands in the output. */
export function projectTraits(traits: Traits, outputsOf: (column: number) => readonly number[]): Traits {
  const one = (column: number): number => outputsOf(column)[0] ?? -1;
  const all = (columns: readonly number[]): readonly number[] | null => {
    const mapped = columns.map(one);
    return mapped.includes(-1) ? null : mapped;
  };
  const keys = traits.distribution.kind === "hash" ? all(traits.distribution.keys) : null;
  return {
    isChangelog: traits.isChangelog,
    uniqueKeys: traits.uniqueKeys.flatMap((key) => {
      const mapped = all(key);
      return mapped === null ? [] : [mapped];
    }),
    times: traits.times.flatMap(outputsOf),
    windows: new Map([...traits.windows].flatMap(([column, w]) => outputsOf(column).map((at) => [at, w] as const))),
    distribution: traits.distribution.kind === "hash" ? (keys === null ? { kind: "any" } : { kind: "hash", keys }) : traits.distribution,
  };
}
