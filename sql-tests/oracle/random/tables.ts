import { formatType, type Schema, type SqlType } from "../../../runtime/contract/types.ts";
import type { Value } from "../../../runtime/contract/value.ts";
import type { Kind } from "./grammar/query.ts";
import type { Random } from "./random.ts";

/** A value of a row as JSON: decimals scaled, dates as days, timestamps as µs. */
export type Cell = null | boolean | number | string;

export interface RandomTable {
  readonly name: string;
  /** Rows come and go; else they only come, with event time `ts`. */
  readonly changes: boolean;
  readonly columns: readonly RandomColumn[];
}

export interface RandomColumn {
  readonly name: string;
  readonly kind: Kind;
  readonly type: SqlType;
  /** A value for row number `n`; few distinct ones, so that joins and groups meet. */
  readonly cell: (random: Random, n: number) => Cell;
}

const orNull = (random: Random, cell: Cell, once = 7): Cell => (random.oneIn(once) ? null : cell);

const id: RandomColumn = { name: "id", kind: "int", type: { id: "bigint" }, cell: (_, n) => n };
const int = (name: string, from: number, to: number): RandomColumn => ({
  name,
  kind: "int",
  type: { id: "integer" },
  cell: (random) => orNull(random, random.between(from, to)),
});
const long: RandomColumn = {
  name: "b",
  kind: "int",
  type: { id: "bigint" },
  cell: (random) => orNull(random, random.of([-4_000_000_000, -1, 0, 1, 5, 7_000_000_000])),
};
const text: RandomColumn = {
  name: "s",
  kind: "text",
  type: { id: "varchar" },
  cell: (random) => orNull(random, random.of(["", "a", "b", "ab", "Zebra", "baïdu", "a longer text, of more than sixteen bytes"])),
};
const double: RandomColumn = {
  name: "d",
  kind: "double",
  type: { id: "double" },
  // Halves: their sums are exact in any order.
  cell: (random) => orNull(random, random.between(-6, 6) / 2),
};
const decimal: RandomColumn = {
  name: "m",
  kind: "decimal",
  type: { id: "decimal", width: 10, scale: 2 },
  cell: (random) => orNull(random, random.of([-250, -1, 0, 1, 99, 100, 12_345])),
};
const bool: RandomColumn = { name: "f", kind: "bool", type: { id: "boolean" }, cell: (random) => orNull(random, random.oneIn(2)) };
const date: RandomColumn = { name: "dt", kind: "date", type: { id: "date" }, cell: (random) => orNull(random, 19_700 + random.below(4)) };
const time: RandomColumn = {
  name: "ts",
  kind: "timestamp",
  type: { id: "timestamp" },
  cell: (random) => orNull(random, start_us + random.below(30) * 1_000_000),
};

/** 2023-11-14 22:13:20. */
const start_us = 1_700_000_000_000_000;
/** How far a row may come behind a later one: less than the watermark's delay, so that none is late. */
const jitter_us = 3_000_000;
export const watermarkDelay = "INTERVAL '4' SECOND";

const eventTime: RandomColumn = {
  name: "ts",
  kind: "timestamp",
  type: { id: "timestamp" },
  // The row's number in µs: no two rows of a table have one time, so that an ASOF join has one answer.
  cell: (random, n) => start_us + n * 900_001 + random.below(jitter_us / 1_000) * 1_000,
};

export const tables: readonly RandomTable[] = [
  { name: "t", changes: true, columns: [id, int("k", 0, 4), int("a", -3, 9), long, text, double, decimal, bool, date, time] },
  { name: "u", changes: true, columns: [id, int("k", 0, 4), int("a", -3, 9), text, decimal, time] },
  { name: "v", changes: true, columns: [int("k", 0, 3), int("a", 0, 2), text] },
  { name: "e", changes: false, columns: [int("k", 0, 3), int("a", -3, 9), long, text, double, eventTime] },
  { name: "g", changes: false, columns: [int("k", 0, 3), int("a", -3, 9), text, eventTime] },
];

export function tableNamed(name: string): RandomTable {
  const table = tables.find((t) => t.name === name);
  if (table === undefined) throw new Error(`there is no random table ${name}`);
  return table;
}

export const schemaOf = ({ columns }: RandomTable): Schema => ({ columns: columns.map(({ name, type }) => ({ name, type })) });

export const valuesOf = ({ columns }: RandomTable, row: readonly Cell[]): Value[] =>
  columns.map(({ type }, c) => valueOf(type, row[c] ?? null));

const bigints: ReadonlySet<SqlType["id"]> = new Set(["bigint", "decimal", "timestamp"]);

const valueOf = (type: SqlType, cell: Cell): Value => (typeof cell === "number" && bigints.has(type.id) ? BigInt(cell) : cell);

const columnList = ({ columns }: RandomTable): string => columns.map(({ name, type }) => `${name} ${formatType(type)}`).join(", ");

const source = "WITH (connector = 'filesystem', path = '/nowhere', format = 'json')";

const hasKey = ({ columns }: RandomTable): boolean => columns.some(({ name }) => name === "id");

/** The catalog of all cases. */
export const catalogDdl = (): string =>
  tables
    .map((table) =>
      table.changes
        ? `CREATE TABLE ${table.name} (${columnList(table)}${hasKey(table) ? ", PRIMARY KEY (id)" : ""});`
        : `CREATE SOURCE ${table.name} (${columnList(table)}, WATERMARK FOR ts AS ts - ${watermarkDelay}) ${source};`,
    )
    .join("\n");

/** The same names as tables of the batch. */
export const batchDdl = (): readonly string[] => tables.map((table) => `CREATE TABLE public.${table.name} (${columnList(table)})`);
