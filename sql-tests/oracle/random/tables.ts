import { quoteText } from "../../../runtime/contract/quote.ts";
import { formatType, type Schema, type SqlType } from "../../../runtime/contract/types.ts";
import type { Value } from "../../../runtime/contract/value.ts";
import type { Kind } from "./grammar/query.ts";
import { start_ms } from "../../runner/in-thread/stepped-world.ts";
import { functionDdl } from "./functions.ts";
import type { Random } from "./random.ts";
import { sinkDdl } from "./sinks.ts";

/** A value of a row as JSON: decimals scaled, dates as days, timestamps as µs. */
export type Cell = null | boolean | number | string;

export interface RandomTable {
  readonly name: string;
  /** Rows come and go; else they only come, with a time. */
  readonly changes: boolean;
  readonly columns: readonly RandomColumn[];
  readonly primaryKey: string | null;
  /** Event time, and how far the watermark is behind it; null for tables that change, and for processing time. */
  readonly eventTime: { readonly column: string; readonly delay: string } | null;
}

export interface RandomColumn {
  readonly name: string;
  readonly kind: Kind;
  readonly type: SqlType;
  /** A value for row number `n`; few distinct ones, so that joins and groups meet. */
  readonly cell: (random: Random, n: number) => Cell;
  /** When a row was read, by the clock of the job: known only then. */
  readonly isProcessingTime?: boolean;
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
  cell: (random) => orNull(random, start_ms * 1_000 + random.below(60) * 500_000),
};

/** 2023-11-14 22:13:20, when the clock of the jobs begins, too. */
const start_us = start_ms * 1_000;
const second_us = 1_000_000;
/** The watermark's delay is more than a row comes behind a later one, so that none is late. */
const delay = "INTERVAL '4' SECOND";

const eventTime = (cell: RandomColumn["cell"], type: SqlType = { id: "timestamp" }): RandomColumn => ({
  name: "ts",
  kind: type.id === "timestamptz" ? "instant" : "timestamp",
  type,
  cell,
});

/** On the bounds of windows and intervals, and a millisecond beside them; several rows at one time. */
const crowded = eventTime((random, n) => start_us + (n + random.below(3)) * second_us + random.of([0, 0, 0, 1, 250, 500, 999]) * 1_000);

/** No two rows at one time, so that there is one latest version: rows of four neighbouring slots change places. */
const unique = eventTime((random, n) => {
  const places = (Math.imul(n >> 2, 0x9e3779b1) >>> 16) & 3;
  return start_us + ((n & ~3) | ((n & 3) ^ places)) * 750_000 + random.of([0, 0, 1, 250, 749]) * 1_000;
});

/** Often behind what the watermark says; no two rows at one time, so that a row put aside is known by it. */
const straggling = eventTime((random, n) => start_us + Math.max(0, n - (random.oneIn(3) ? random.below(16) : 0)) * second_us + n * 10);

/** Half days around the end of daylight saving time in Europe (2023-10-29 01:00 UTC), in two months. */
const calendar = eventTime((random, n) => Date.UTC(2023, 9, 20, 22) * 1_000 + (n * 8 + random.below(30)) * 3_600 * second_us, {
  id: "timestamptz",
});

const processingTime: RandomColumn = {
  ...eventTime(() => null, { id: "timestamptz" }),
  isProcessingTime: true,
};

const key: RandomColumn = { name: "k", kind: "int", type: { id: "integer" }, cell: (random) => random.below(4) };

const table = (name: string, columns: readonly RandomColumn[], rest: Partial<RandomTable> = {}): RandomTable => ({
  name,
  changes: true,
  columns,
  primaryKey: columns.some((column) => column.name === "id") ? "id" : null,
  eventTime: null,
  ...rest,
});

const stream = (name: string, columns: readonly RandomColumn[], rest: Partial<RandomTable> = {}): RandomTable =>
  table(name, columns, { changes: false, eventTime: { column: "ts", delay }, ...rest });

export const tables: readonly RandomTable[] = [
  table("t", [id, int("k", 0, 4), int("a", -3, 9), long, text, double, decimal, bool, date, time]),
  table("u", [id, int("k", 0, 4), int("a", -3, 9), text, decimal, time]),
  table("v", [int("k", 0, 3), int("a", 0, 2), text]),
  stream("e", [int("k", 0, 3), int("a", -3, 9), long, text, double, crowded]),
  stream("g", [int("k", 0, 3), int("a", -3, 9), text, unique]),
  /** Versions of the rows of `k`. */
  stream("h", [key, int("a", -3, 9), text, unique], { primaryKey: "k" }),
  stream("l", [int("k", 0, 3), int("a", -3, 9), text, straggling]),
  stream("c", [int("k", 0, 3), int("a", -3, 9), text, calendar], { eventTime: { column: "ts", delay: "INTERVAL '2' DAY" } }),
  stream("p", [int("k", 0, 3), int("a", -3, 9), text, processingTime], { eventTime: null }),
];

export function tableNamed(name: string): RandomTable {
  const table = tables.find((t) => t.name === name);
  if (table === undefined) throw new Error(`there is no random table ${name}`);
  return table;
}

/** What the job's source reads: all but processing times. */
export const schemaOf = ({ columns }: RandomTable): Schema => ({
  columns: columns.filter((column) => column.isProcessingTime !== true).map(({ name, type }) => ({ name, type })),
});

/** The row as it is when it is read at a moment of the clock. */
export const readAt = ({ columns }: RandomTable, row: readonly Cell[], now_ms: number): readonly Cell[] =>
  columns.some(({ isProcessingTime }) => isProcessingTime)
    ? row.map((cell, c) => (columns[c]?.isProcessingTime === true ? now_ms * 1_000 : cell))
    : row;

/** In the order of the columns; a processing time comes last, and is none of the source's. */
export const valuesOf = ({ columns }: RandomTable, row: readonly Cell[]): Value[] =>
  columns.map(({ type }, c) => valueOf(type, row[c] ?? null));

const bigints: ReadonlySet<SqlType["id"]> = new Set(["bigint", "decimal", "timestamp", "timestamptz"]);

const valueOf = (type: SqlType, cell: Cell): Value => (typeof cell === "number" && bigints.has(type.id) ? BigInt(cell) : cell);

const source = "WITH (connector = 'filesystem', path = '/nowhere', format = 'json')";

const columnList = ({ columns }: RandomTable): readonly string[] =>
  columns.map(({ name, type, isProcessingTime }) => `${name} ${isProcessingTime === true ? "AS PROCTIME()" : formatType(type)}`);

function ddlOf(table: RandomTable): string {
  const key = table.primaryKey === null ? [] : [`PRIMARY KEY (${table.primaryKey})${table.changes ? "" : " NOT ENFORCED"}`];
  const watermark =
    table.eventTime === null ? [] : [`WATERMARK FOR ${table.eventTime.column} AS ${table.eventTime.column} - ${table.eventTime.delay}`];
  const list = [...columnList(table), ...key, ...watermark].join(", ");
  return table.changes ? `CREATE TABLE ${table.name} (${list});` : `CREATE SOURCE ${table.name} (${list}) ${source};`;
}

/** The catalog of all cases. */
export const catalogDdl = (): string => [...tables.map(ddlOf), ...sinkDdl, ...functionDdl].join("\n");

/** The same name as a table of the batch, empty, with the number of each row behind its columns. */
export const batchDdlOf = ({ name, columns }: RandomTable): string =>
  `CREATE OR REPLACE TABLE public.${name} (${columns.map((column) => `${column.name} ${formatType(column.type)}`).join(", ")}, n_ INTEGER)`;

/** As INSERT takes it: without casts, for most of the time would be spent on reading them. */
export function cellSql(type: SqlType, cell: Cell): string {
  if (cell === null) return "NULL";
  if (typeof cell === "string") return quoteText(cell);
  if (typeof cell === "boolean") return String(cell);
  switch (type.id) {
    case "decimal":
      return (cell / 10 ** type.scale).toFixed(type.scale);
    case "date":
      return quoteText(new Date(cell * 86_400_000).toISOString().slice(0, 10));
    case "timestamp":
    case "timestamptz": {
      const ms = Math.floor(cell / 1_000);
      return quoteText(
        `${new Date(ms).toISOString().slice(0, -1)}${String(cell - ms * 1_000).padStart(3, "0")}${type.id === "timestamptz" ? "+00" : ""}`,
      );
    }
    default:
      return String(cell);
  }
}
