import { formatType, type Schema } from "../contract/types.ts";
import { quoteName } from "../contract/quote.ts";

/** Changes of a table that jobs read: seq, weight, then the table's columns. */
export const logTable = (table: string): string => `${table}/changes`;
/** The rows that a table had when the job began to read it, or what of them it had yet to read: seq, weight, then the table's columns. */
export const snapshotTable = (job: string, table: string): string => `${job}/snapshot/${table}`;

export const inState = (name: string): string => `millrace_state.${quoteName(name)}`;
export const inPublic = (name: string): string => `public.${quoteName(name)}`;

const own = ["seq", "weight"] as const;

/** The table's columns under names that collide neither with ours nor, as DuckDB ignores case, with each other. */
export function columnNames(declared: Schema): readonly string[] {
  const used = new Set<string>(own);
  return declared.columns.map(({ name }) => {
    let distinct = name;
    for (let n = 2; used.has(distinct.toLowerCase()); n++) distinct = `${name}_${n}`;
    used.add(distinct.toLowerCase());
    return quoteName(distinct);
  });
}

export function createLog(table: string, declared: Schema): string {
  const names = columnNames(declared);
  const columns = declared.columns.map(({ type }, i) => `${names[i]} ${formatType(type)}`);
  return `CREATE TABLE IF NOT EXISTS ${inState(logTable(table))} (${["seq BIGINT", "weight INTEGER", ...columns].join(", ")})`;
}

/** Positions of a snapshot's rows end at `start`, the log's head then; the changes go on from it. */
export function createSnapshot(job: string, table: string, declared: Schema, start: number, rows: number): string {
  const names = columnNames(declared);
  const columns = declared.columns.map(({ name }, i) => `${quoteName(name)} AS ${names[i]}`);
  return `CREATE OR REPLACE TABLE ${inState(snapshotTable(job, table))} AS
    SELECT ${start - rows} + row_number() OVER (ORDER BY rowid) AS seq, 1::INTEGER AS weight, ${columns.join(", ")} FROM ${inPublic(table)}`;
}
