import { assert } from "../../runtime/contract/errors.ts";
import type { JavascriptFunction } from "../../runtime/contract/javascript.ts";
import type { OperatorNode, Ship, SideOutputRef } from "../../runtime/contract/job-graph.ts";
import type { Schema } from "../../runtime/contract/types.ts";
import type { OperatorPlan, StreamPlan } from "../stream/nodes.ts";
import { tableConnector } from "../logical/table-source.ts";
import { type CalcStep, splitCalc } from "./split-calc.ts";
import { stateInputs } from "../stream/lineage.ts";
import { conditionsOf, Uids } from "./uids.ts";

/** An operator of the job with its parallelism and where its rows come from; not yet chained. */
export interface PlacedOperator {
  readonly node: OperatorNode;
  /** For operator_parallelism; numbered by `handles`. */
  readonly handle: string;
  readonly parallelism: number;
  readonly inputs: readonly PlacedEdge[];
  /** The stream plan's operator that it carries out. */
  readonly plan: OperatorPlan | null;
}

export interface PlacedEdge {
  readonly from: PlacedOperator;
  readonly output: "main" | SideOutputRef;
  readonly toInput: number;
  readonly ship: Ship;
  readonly schema: Schema;
}

export interface PlacementOptions {
  readonly parallelism: number;
  /** Written by users in JavaScript, by the names that plans have for them. */
  readonly functions: ReadonlyMap<string, JavascriptFunction>;
  /** The parallelism that the user set for an operator (`number` counts those of its handle from 1), if any. */
  readonly parallelismOf: (operator: { readonly handle: string; readonly number: number; readonly name: string }) => number | null;
}

/** Turns stream plans into operators: sinks last, each before what reads it, side outputs included. */
export class Placement {
  readonly operators: PlacedOperator[] = [];
  readonly #options: PlacementOptions;
  readonly #uids = new Uids();
  readonly #done = new Map<OperatorPlan, PlacedOperator>();

  constructor(options: PlacementOptions) {
    this.#options = options;
  }

  place(plan: OperatorPlan): PlacedOperator {
    const known = this.#done.get(plan);
    if (known !== undefined) return known;
    const uid = this.#uids.of(plan);
    const sources = plan.inputs.map((input) => this.#sourcesOf(input));
    const placed = plan.spec.op === "calc" ? this.#placeCalc(plan, uid, sources) : this.#add(plan, uid, sources);
    this.#done.set(plan, placed);
    return placed;
  }

  /** The operators that put rows aside, with the table the rows go to. */
  sides(): readonly { readonly from: PlacedOperator; readonly side: NonNullable<OperatorPlan["side"]> }[] {
    return this.operators.flatMap((from) => (from.plan?.side ? [{ from, side: from.plan.side }] : []));
  }

  /** A sink for side outputs: it runs where its first writer runs. */
  addSink(plan: OperatorPlan, edges: readonly { readonly from: PlacedOperator; readonly output: SideOutputRef }[]): void {
    const parallelism = edges[0]?.from.parallelism ?? 1;
    const inputs = edges.map(
      ({ from, output }): PlacedEdge => ({ from, output, toInput: 0, ship: straight(from, parallelism, null), schema: plan.schema }),
    );
    this.#push(plan.name, plan.handle, this.#uids.of(plan), plan.spec, [plan.schema], plan.schema, inputs, parallelism, plan);
  }

  /** What feeds one input: several operators for a union. */
  #sourcesOf(plan: StreamPlan): Feed {
    switch (plan.kind) {
      case "operator":
        return { from: [this.place(plan)], keys: null, schema: plan.schema };
      case "exchange":
        return { ...this.#sourcesOf(plan.input), keys: plan.keys };
      case "union":
        return { from: plan.inputs.flatMap((input) => this.#sourcesOf(input).from), keys: null, schema: plan.schema };
    }
  }

  #add(plan: OperatorPlan, uid: string, feeds: readonly Feed[]): PlacedOperator {
    const parallelism = isTable(plan) ? 1 : this.#parallelismOf(plan.handle, plan.name, feeds);
    const inputs = feeds.flatMap((feed, i) => feed.from.map((from) => edge(from, feed, i, parallelism)));
    const schemas = isWriter(plan) ? feeds.map((feed) => feed.schema) : stateInputs(plan);
    return this.#push(plan.name, plan.handle, uid, plan.spec, schemas, plan.schema, inputs, parallelism, plan);
  }

  #placeCalc(plan: OperatorPlan, uid: string, [feed]: readonly Feed[]): PlacedOperator {
    assert(plan.spec.op === "calc" && feed !== undefined, "a calc has one input");
    let current = feed;
    let placed: PlacedOperator | undefined;
    for (const step of splitCalc(plan.spec, feed.schema, plan.schema, this.#options.functions)) {
      const name = stepNames[step.spec.op];
      const parallelism = this.#parallelismOf(plan.handle, name, [current]);
      const inputs = current.from.map((from) => edge(from, current, 0, parallelism));
      const stepUid = placed === undefined ? uid : this.#uids.unique(uid);
      placed = this.#push(name, plan.handle, stepUid, step.spec, [current.schema], step.output, inputs, parallelism, plan);
      current = { from: [placed], keys: null, schema: step.output };
    }
    assert(placed !== undefined, "a calc has a step");
    return placed;
  }

  /** An exchange may change the parallelism; otherwise operators run where their input runs. */
  #parallelismOf(handle: string, name: string, feeds: readonly Feed[]): number {
    if (feeds.some((feed) => feed.keys?.length === 0)) return 1;
    const number = this.operators.filter((o) => o.handle === handle).length + 1;
    const chosen = this.#options.parallelismOf({ handle, number, name });
    if (chosen !== null) return chosen;
    const [feed] = feeds;
    if (feed === undefined || feed.keys !== null) return this.#options.parallelism;
    return Math.max(...feed.from.map((from) => from.parallelism));
  }

  #push(
    name: string,
    handle: string,
    uid: string,
    spec: OperatorNode["spec"],
    inputs: readonly Schema[],
    output: Schema,
    edges: readonly PlacedEdge[],
    parallelism: number,
    plan: OperatorPlan,
  ): PlacedOperator {
    const placed: PlacedOperator = {
      node: { uid, name, spec, inputs, output, conditions: conditionsOf(plan) },
      handle,
      parallelism,
      inputs: edges,
      plan,
    };
    this.operators.push(placed);
    return placed;
  }
}

/** Names of columns go out with the rows; other operators know them by position, their state by lineage. */
const isWriter = ({ spec }: OperatorPlan): boolean => spec.op === "sink" || spec.op === "changeEnvelope";

/** One subtask reads a table, for the order of a row's changes matters. */
const isTable = ({ spec }: OperatorPlan): boolean => spec.op === "source" && spec.connector === tableConnector;

const stepNames: Readonly<Record<CalcStep["spec"]["op"], string>> = {
  calc: "Calc",
  duckdbCalc: "DuckdbCalc",
  javascriptCalc: "JavascriptCalc",
};

interface Feed {
  readonly from: readonly PlacedOperator[];
  /** Of the exchange in between; null without one, empty for all rows to one subtask. */
  readonly keys: readonly number[] | null;
  readonly schema: Schema;
}

function edge(from: PlacedOperator, feed: Feed, toInput: number, parallelism: number): PlacedEdge {
  const isOne = from.parallelism === 1 && parallelism === 1;
  const ship: Ship =
    feed.keys === null || feed.keys.length === 0 || isOne
      ? straight(from, parallelism, from.plan?.traits.isChangelog === true ? feed.schema : null)
      : { kind: "hash", keys: feed.keys };
  return { from, output: "main", toInput, ship, schema: feed.schema };
}

/** The rows of a changelog (its schema; null: rows are only added) go by their values: a row must not be overtaken by its own deletion. */
function straight(from: PlacedOperator, to: number, changelog: Schema | null): Ship {
  if (from.parallelism === to) return { kind: "forward" };
  return changelog === null || to === 1 ? { kind: "rebalance" } : { kind: "hash", keys: changelog.columns.map((_, c) => c) };
}
