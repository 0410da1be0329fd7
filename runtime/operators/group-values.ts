import type { Batch, Column } from "../contract/batch.ts";
import type { AggregateCall, GroupAggregateSpec } from "../contract/job-graph.ts";
import type { StateDelta, StateTableSpec } from "../contract/operator.ts";
import { bigint, type Field, type Schema } from "../contract/types.ts";
import { callNames, keepsValues } from "../functions/aggregate/registry.ts";
import type { AggregateTable } from "../state/aggregate-table.ts";

/** Calls that keep the values of their rows (DISTINCT, collect), whose state is a table of its own: a row per group and value. */
const keeping = (calls: readonly AggregateCall[]): readonly { readonly call: AggregateCall; readonly name: string }[] => {
  const names = callNames(calls);
  return calls.flatMap((call, i) => (keepsValues(call) ? [{ call, name: names[i] as string }] : []));
};

/** What stands in the groups' own table. */
export const storedInGroups = (calls: readonly AggregateCall[]): readonly AggregateCall[] => calls.filter((call) => !keepsValues(call));

/**
 * Of the groups' own table. In version 1 values were among its columns, where restores would pass over them; calls that keep none have
 * had the same columns ever since.
 */
export const groupsVersion = (calls: readonly AggregateCall[]): number => (calls.some(keepsValues) ? 2 : 1);

/** State tables of such calls. A checkpoint writes the values that changed, not all those of a group that did. */
export function valueTables(spec: GroupAggregateSpec, input: Schema): readonly StateTableSpec[] {
  const keys = spec.keys.map((key) => input.columns[key] as Field);
  return keeping(spec.aggregates).map(({ call, name }, i) => {
    const values = call.argumentTypes.map((type, a): Field => ({ name: a === 0 ? `${name}_value` : `${name}_value_${a}`, type }));
    return {
      name: tableName(spec.aggregates, i),
      version: 1,
      columns: [...keys, ...values, { name: `${name}_times`, type: bigint }],
      keyColumns: keys.length + values.length,
      redistribution: { kind: "keyed", distribution: spec.keys.map((_, k) => k) },
    };
  });
}

/** By what the call computes; names that are the same but for their marks are numbered. */
function tableName(calls: readonly AggregateCall[], i: number): string {
  const names = keeping(calls).map(({ name }) => `values_${name.replaceAll(/\W+/g, "_")}`);
  const name = names[i] as string;
  const same = names.slice(0, i).filter((other) => other === name).length;
  return same === 0 ? name : `${name}_${same + 1}`;
}

/** The values that the groups of a table keep, to and from checkpoints. */
export class GroupValues {
  readonly #table: AggregateTable;
  readonly #keys: number;
  readonly #names: readonly string[];

  constructor(spec: GroupAggregateSpec, table: AggregateTable) {
    this.#table = table;
    this.#keys = spec.keys.length;
    const { chains } = table.layout.aggregates;
    this.#names = chains.map((_, i) => tableName(spec.aggregates, i));
    for (const chain of chains) chain.storeEach(table.keys);
  }

  /** Before groups are erased. */
  snapshot(): readonly StateDelta[] {
    return this.#table.layout.aggregates.chains.map((chain, i) => ({ table: this.#names[i] as string, ...chain.takeChanges() }));
  }

  /** Takes in rows of one of these tables; false where it is none. */
  restore(name: string, { rows, columns }: Batch): boolean {
    const chain = this.#table.layout.aggregates.chains[this.#names.indexOf(name)];
    if (chain === undefined) return false;
    const groups = this.#table.find(columns.slice(0, this.#keys), rows, { insert: true, mark: false });
    chain.restoreEach(groups, rows, columns.slice(this.#keys, -1), columns.at(-1) as Column);
    return true;
  }

  /** What is given up from now on is no change. */
  close(): void {
    for (const chain of this.#table.layout.aggregates.chains) chain.storeTogether();
  }
}
