import { TaskFailure } from "../contract/errors.ts";
import type { StoreConnection } from "../contract/store.ts";
import { formatType, type Schema, sameType } from "../contract/types.ts";
import type { JobLayout, StateLog } from "./layout.ts";
import { stateTable } from "./names.ts";
import { inFlightKind } from "./store-in-flight.ts";

/** A state log that the store has, with the columns that it has there. */
export interface StoredLog {
  readonly log: StateLog;
  readonly stored: Schema;
}

/** The state logs of the job that the store has. Throws TaskFailure where state and job do not fit together. */
export async function readStoredLogs(connection: StoreConnection, layout: JobLayout): Promise<readonly StoredLog[]> {
  const result = await connection.query(
    "SELECT uid, state_table, version, key_columns, redistribution FROM millrace.state_tables WHERE job = ? AND redistribution <> ? ORDER BY uid, state_table",
    [layout.job, inFlightKind],
  );
  const stored: StoredLog[] = [];
  for (const [uid, name, version, keyColumns, redistribution] of await result.rows()) {
    const log = layout.states.find((state) => state.uid === uid && state.spec.name === name);
    if (log === undefined) throw misfit(layout, `the checkpoint has state "${name}" of operator ${uid}, which the job no longer has`);
    const same = Number(version) === log.spec.version && Number(keyColumns) === log.spec.keyColumns;
    if (!same || redistribution !== log.spec.redistribution.kind)
      throw misfit(layout, `the layout of state table "${log.table}" has changed`);
    const { schema } = await connection.describe(`SELECT * FROM ${stateTable(log.table)}`);
    checkColumns(layout, log, schema);
    stored.push({ log, stored: schema });
  }
  return stored;
}

/** Columns are matched by name: dropped ones are let go, a new or changed one has no values to restore. */
function checkColumns(layout: JobLayout, log: StateLog, stored: Schema): void {
  for (const column of log.schema.columns) {
    const known = stored.columns.find(({ name }) => name === column.name);
    if (known === undefined) throw misfit(layout, `state table "${log.table}" has no column "${column.name}", which the job now needs`);
    if (!sameType(known.type, column.type)) {
      throw misfit(
        layout,
        `column "${column.name}" of state table "${log.table}" is ${formatType(known.type)}, the job now needs ${formatType(column.type)}`,
      );
    }
  }
}

/** Whether the log must be rewritten before rows of the layout's schema can be appended. */
export const needsReshape = ({ log, stored }: StoredLog): boolean =>
  stored.columns.length !== log.schema.columns.length || stored.columns.some(({ name }, i) => name !== log.schema.columns[i]?.name);

function misfit(layout: JobLayout, message: string): TaskFailure {
  const remedy = "Drop the job and create it again to start without its state";
  return new TaskFailure("user", "fail", `cannot restore job "${layout.job}": ${message}. ${remedy}`, { sqlState: "55000" });
}
