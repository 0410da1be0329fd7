import { createStateLog } from "../checkpoint/begin-attempt.ts";
import { type ContentHash, ContentHasher } from "../checkpoint/content-hash.ts";
import type { InputLog } from "../checkpoint/layout.ts";
import { stateTable } from "../checkpoint/names.ts";
import { columnDefinitions } from "../checkpoint/rewrite.ts";
import { SqlError } from "../contract/errors.ts";
import type { SourceSpec } from "../contract/job-graph.ts";
import type { StoreConnection, StoreTransaction } from "../contract/store.ts";
import { formatType } from "../contract/types.ts";
import type { TableMatch } from "../evolution/match-state.ts";
import type { Publish, TableLogs } from "../tables/change-logs.ts";
import type { EarlierContent } from "../tables/difference.ts";

export interface Reading {
  readonly path: string;
  readonly job: string;
  readonly input: InputLog;
  readonly source: SourceSpec;
  /** The source's positions: they are of another log, and stay behind. */
  readonly splits: TableMatch;
  readonly hashOf: (table: string) => ContentHash | null;
}

/** Makes the job a reader of the table that goes on from what the savepoint's had read: it reads what differs now, then the changes to come. */
export async function goOnReading(from: StoreConnection, into: StoreTransaction, tables: TableLogs, reading: Reading): Promise<Publish> {
  const { path, job, input, source, splits } = reading;
  const saved = await savedInput(from, reading);
  const columns = matchNeeded(reading, saved);
  await createStateLog(into, job, splits.log);
  const earlier: EarlierContent = { table: `${job}/read/${input.table}`, columns };
  await copyContent(from, into, saved.content, earlier.table, reading);
  const { publish, rowsGone } = await tables.registerAfter(into, job, input, earlier);
  await into.run(`DROP TABLE ${stateTable(earlier.table)}`);
  if (rowsGone && !source.changelog) {
    throw refused(
      `rows of table "${input.table}" that the savepoint's job had read are gone, and job "${job}" takes no deletes of it: savepoint "${path}" does not fit`,
    );
  }
  return publish;
}

interface SavedInput {
  readonly content: string;
  readonly columns: readonly (readonly [name: string, type: string])[];
}

async function savedInput(from: StoreConnection, { path, input }: Reading): Promise<SavedInput> {
  const sql = "SELECT content, columns FROM millrace.savepoint_inputs WHERE uid = ? AND table_name = ?";
  const [row] = await from
    .query(sql, [input.uid, input.table])
    .then((result) => result.rows())
    .catch(() => []);
  if (row !== undefined) return { content: row[0] as string, columns: JSON.parse(row[1] as string) as SavedInput["columns"] };
  throw refused(
    `savepoint "${path}" does not say what its job had read of table "${input.table}": the job had ended, or an older version made it`,
  );
}

/** The columns that the source reads, where they lie in the savepoint. */
function matchNeeded({ path, input }: Reading, { columns }: SavedInput): ReadonlyMap<string, number> {
  const needed = input.read.columns.map(({ name, type }) => {
    const place = columns.findIndex(([known]) => known === name);
    const found = columns[place];
    if (found !== undefined && found[1] === formatType(type)) return [name, place] as const;
    const was =
      found === undefined
        ? "was not read by the savepoint's job"
        : `was ${found[1]} for the savepoint's job and is ${formatType(type)} now`;
    throw refused(`column "${name}" of table "${input.table}" ${was}: savepoint "${path}" does not fit`);
  });
  return new Map(needed);
}

async function copyContent(
  from: StoreConnection,
  into: StoreTransaction,
  content: string,
  table: string,
  { path, hashOf }: Reading,
): Promise<void> {
  const rows = await from.query(`SELECT * FROM ${stateTable(content)}`);
  const { schema } = rows;
  await into.run(`CREATE OR REPLACE TABLE ${stateTable(table)} (${columnDefinitions({ schema })})`);
  const hasher = new ContentHasher(schema);
  for (let batch = await rows.next(); batch !== null; batch = await rows.next()) {
    hasher.add(batch);
    await into.append("millrace_state", table, schema, [batch]);
  }
  const written = hashOf(content);
  const found = hasher.value();
  if (written !== null && written.rows === found.rows && written.hash === found.hash) return;
  throw new SqlError({ sqlState: "22000", message: `savepoint "${path}" is damaged: table "${content}" does not hold what was written` });
}

const refused = (message: string): SqlError =>
  new SqlError({
    sqlState: "55000",
    message,
    hint: "Create the job without the savepoint: it reads the table from its first row.",
  });
