import { quoteName } from "../contract/quote.ts";
import { bigint, formatType, type Schema } from "../contract/types.ts";
import { columnNames, inPublic, inState, logTable, snapshotTable } from "./log-table.ts";
import type { StoredReader } from "./reader.ts";

/** A bag of rows of a table: how often each (weight), then c0, c1 … for the columns that are read. */
export const contentSchema = (read: Schema): Schema => ({
  columns: [{ name: "weight", type: bigint }, ...read.columns.map(({ type }, i) => ({ name: `c${i}`, type }))],
});

/** Where a reader stands. */
export interface ReaderPlace extends Pick<StoredReader, "job" | "table" | "start"> {
  readonly position: number;
}

/**
 * What a reader has read of the table, as contentSchema has it: the table as it is, without the changes after its position, and without the rows
 * of its snapshot after it.
 */
export function contentAt({ job, table, start, position }: ReaderPlace, declared: Schema, read: Schema): string {
  const names = columnNames(declared);
  const places = read.columns.map(({ name }) => declared.columns.findIndex((column) => column.name === name));
  const stored = places.map((place, i) => `, ${names[place]} AS c${i}`).join("");
  const own = read.columns.map(({ name }, i) => `, ${quoteName(name)} AS c${i}`).join("");
  const parts = [
    `SELECT 1 AS weight${own} FROM ${inPublic(table)}`,
    `SELECT -weight${stored} FROM ${inState(logTable(table))} WHERE seq > ${Math.max(position, start)}`,
    ...(position < start ? [`SELECT -weight${stored} FROM ${inState(snapshotTable(job, table))} WHERE seq > ${position}`] : []),
  ];
  const all = places.map((_, i) => `c${i}`).join(", ");
  const [list, groups] = all === "" ? ["", ""] : [`, ${all}`, `GROUP BY ${all}`];
  return `SELECT sum(weight)::BIGINT AS weight${list} FROM (${parts.join(" UNION ALL ")}) ${groups} HAVING sum(weight) <> 0`;
}

/** Rows that the table had at another time. */
export interface EarlierContent {
  /** Of contentSchema, in schema millrace_state. */
  readonly table: string;
  /** Which of its columns c0, c1 … is which of those that are read now, by their names. */
  readonly columns: ReadonlyMap<string, number>;
}

/**
 * A snapshot of what differs: first the rows that are not there any more, with weight -1, then those that have come, in the order in which
 * they lie in the table. Rows are the same when the columns that are read are; the others are left NULL.
 */
export function createDifference(job: string, table: string, declared: Schema, start: number, earlier: EarlierContent): string {
  const { columns } = declared;
  const read = columns.flatMap(({ name }, i) => (earlier.columns.has(name) ? [i] : []));
  const list = (of: (column: number) => string): string => read.map((column) => `, ${of(column)}`).join("");
  const same = read.length === 0 ? "" : `PARTITION BY ${read.map((c) => `c${c}`).join(", ")}`;
  const names = columnNames(declared);
  const snapshot = columns.map(({ type }, i) => `${read.includes(i) ? `c${i}` : `NULL::${formatType(type)}`} AS ${names[i]}`);
  const nameOf = (column: number): string => (columns[column] as Schema["columns"][number]).name;
  return `CREATE OR REPLACE TABLE ${inState(snapshotTable(job, table))} AS
    WITH bag AS (
      SELECT weight AS copies, NULL::BIGINT AS place${list((c) => `c${earlier.columns.get(nameOf(c))} AS c${c}`)} FROM ${inState(earlier.table)}
      UNION ALL SELECT 1, rowid${list((c) => quoteName(nameOf(c)))} FROM ${inPublic(table)}),
    counted AS (
      SELECT *, coalesce(sum(copies) FILTER (place IS NULL) OVER same, 0)::BIGINT AS before, count(place) OVER same AS now,
        row_number() OVER (${read.length === 0 ? "PARTITION BY" : `${same},`} place IS NULL ORDER BY place) AS nth
      FROM bag WINDOW same AS (${same})),
    changes AS (
      SELECT -1 AS weight, NULL::BIGINT AS place, * EXCLUDE (times) FROM (
        SELECT unnest(range(before - now)) AS times${list((c) => `c${c}`)} FROM counted WHERE place IS NULL AND nth = 1 AND before > now)
      UNION ALL SELECT 1, place${list((c) => `c${c}`)} FROM counted WHERE place IS NOT NULL AND nth > before)
    SELECT (${start} - count(*) OVER () + row_number() OVER (ORDER BY weight, place))::BIGINT AS seq, weight::INTEGER AS weight, ${snapshot.join(", ")}
    FROM changes ORDER BY seq`;
}
