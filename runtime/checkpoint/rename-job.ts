import type { StoreTransaction } from "../contract/store.ts";
import type { Publish, TableLogs } from "../tables/change-logs.ts";
import type { JobLayout } from "./layout.ts";
import { resultTable, stateTable } from "./names.ts";
import { quoteName } from "../contract/quote.ts";

/** Gives everything that the store has of a job another name: its state, its own result, its records. Side tables keep theirs. */
export async function renameJob(transaction: StoreTransaction, tables: TableLogs, layout: JobLayout, to: string): Promise<Publish> {
  const { job } = layout;
  const logs = await (await transaction.query("SELECT table_name FROM millrace.state_tables WHERE job = ?", [job])).rows();
  const states = logs.map(([name]) => name as string);
  for (const name of states) await renameTable(transaction, stateTable(name), renamedTable(name, job, to));
  for (const { result, log } of layout.results) {
    const own = result.name === job ? to : result.name;
    if (log !== null) await renameTable(transaction, stateTable(log.table), `${to}/results/${own}`);
    if (own === to) await renameTable(transaction, resultTable(job), to);
  }
  for (const table of ["state_tables", "checkpoint_deltas"]) {
    for (const name of [...states, job]) {
      await transaction.run(`UPDATE millrace.${table} SET table_name = ? WHERE job = ? AND table_name = ?`, [
        renamedTable(name, job, to),
        job,
        name,
      ]);
    }
  }
  for (const table of ["job_runs", "checkpoints", "checkpoint_deltas", "state_tables", "savepoints"]) {
    await transaction.run(`UPDATE millrace.${table} SET job = ? WHERE job = ?`, [to, job]);
  }
  return tables.renameReader(transaction, job, to);
}

const renameTable = (transaction: StoreTransaction, table: string, to: string): Promise<void> =>
  transaction.run(`ALTER TABLE ${table} RENAME TO ${quoteName(to)}`);

const renamedTable = (table: string, job: string, to: string): string => to + table.slice(job.length);
