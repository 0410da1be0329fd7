import type { Batch, Column, I32Column } from "../contract/batch.ts";
import type { StateTableSpec } from "../contract/operator.ts";
import { integer, type Schema } from "../contract/types.ts";
import { BatchBuilder } from "../exchange/batch-builder.ts";
import { identityColumns } from "./row-identity.ts";

const identities = identityColumns.length;

/** What is kept of rows, and how they are found. */
export interface RowTableOptions {
  /** The state table's name. */
  readonly name: string;
  readonly schema: Schema;
  /** Columns by which rows are found; none: all rows are one group. */
  readonly keys: readonly number[];
  /** Rows may be taken back: equal rows are one with a count. Otherwise each row is its own. */
  readonly changelog: boolean;
  /** Numbers that the operator keeps with each row, 0 at first, by name. */
  readonly attributes?: readonly string[];
}

/** The state of a row table: identities, the rows, for a changelog their count. `distribution`: the exchange's keys, as columns of the rows. */
export function rowTableSpec(
  { name, schema, changelog, attributes = [] }: RowTableOptions,
  distribution: readonly number[],
): StateTableSpec {
  return {
    name,
    version: 1,
    columns: [
      ...identityColumns,
      ...schema.columns,
      ...[...(changelog ? ["count"] : []), ...attributes].map((column) => ({ name: column, type: integer })),
    ],
    keyColumns: identities,
    ...(changelog ? {} : { defaults: [...identityColumns.map(() => undefined), ...schema.columns.map(() => null)] }),
    redistribution: { kind: "keyed", distribution: distribution.map((column) => column + identities) },
  };
}

/** Rows of a table's state, taken apart: the rows themselves, and the numbers beside them. */
export interface StateRows {
  readonly rows: Batch;
  /** null where each row is its own. */
  readonly counts: Int32Array | null;
  readonly attributes: readonly Int32Array[];
}

export function readState({ schema, changelog }: RowTableOptions, state: Batch): StateRows {
  const end = identities + schema.columns.length;
  const numbers = (state.columns.slice(end) as readonly I32Column[]).map(({ values }) => values);
  return {
    rows: { rows: state.rows, columns: state.columns.slice(identities, end), weights: null },
    counts: changelog ? (numbers[0] as Int32Array) : null,
    attributes: numbers.slice(changelog ? 1 : 0),
  };
}

/** What a snapshot knows of rows at once: their numbers, identities, counts and attributes. */
export interface RowCut {
  readonly rows: Int32Array;
  readonly identity: readonly Column[];
  /** In the order of the state's columns behind the rows'. */
  readonly numbers: readonly Int32Array[];
}

/** These rows of a cut as the state has them, by their place in it. `all`: the table's columns. */
export function writeState({ schema }: RowTableOptions, cut: RowCut, places: Int32Array, all: Batch): Batch {
  const data = new BatchBuilder(schema);
  data.append(all, { selection: pick(cut.rows, places), from: 0, to: places.length });
  const identity = new BatchBuilder({ columns: identityColumns });
  const known = { rows: cut.rows.length, columns: cut.identity, weights: null };
  identity.append(known, { selection: places, from: 0, to: places.length });
  const beside = cut.numbers.map((values): Column => ({ phys: "i32", values: pick(values, places), validity: null }));
  return { rows: places.length, columns: [...identity.build().columns, ...data.build().columns, ...beside], weights: null };
}

export const pick = (values: Int32Array, places: Int32Array): Int32Array => places.map((place) => values[place] as number);
