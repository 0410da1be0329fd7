import { stateCopyPrefix } from "../../planner/adhoc/allow-list.ts";
import type { AdhocQuery } from "../../planner/adhoc/plan-query.ts";
import type { SqlText } from "../../planner/front/statement.ts";
import type { OperatorState } from "../../runtime/contract/control.ts";
import { SqlError } from "../../runtime/contract/errors.ts";
import { quoteName } from "../../runtime/contract/quote.ts";
import { suggest } from "../../runtime/contract/suggest.ts";
import { formatType } from "../../runtime/contract/types.ts";
import { listSavepoints } from "../../runtime/savepoint/list.ts";
import { readSavepointState, savepointTables } from "../../runtime/savepoint/inspect.ts";
import type { Session } from "../session/execution.ts";
import type { StatementContext } from "../statements/context.ts";
import { stateQuery } from "./operator-state.ts";
import { type StateCall, stateCalls } from "./state-calls.ts";

/** Plans an ad-hoc query; calls of millrace.state become the rows that they ask for. */
export async function planWithState(query: SqlText, context: StatementContext, session: Session): Promise<AdhocQuery> {
  const parts = stateCalls(query);
  if (parts.length === 1) return context.planner.planQuery(query, context.catalog.frozen());
  const composed: (string | SqlText)[] = [];
  for (const [i, part] of parts.entries()) composed.push("of" in part ? `(${await rowsOf(part, i, context, session)})` : part);
  return context.planner.planComposed(composed, context.catalog.frozen());
}

async function rowsOf(call: StateCall, number: number, context: StatementContext, session: Session): Promise<string> {
  const { value: name, at } = call.of;
  if (context.engine.job(name) !== null) {
    const state = chosen(call, context.engine.stateTables(name));
    if (call.checkpoint !== null) await requireKept(name, state, call.checkpoint, context);
    return stateQuery(state, call.checkpoint?.value ?? null);
  }
  const savepoints = await listSavepoints(context.store);
  const savepoint = savepoints.find((one) => one.name === name);
  if (savepoint === undefined) {
    const near = suggest(name, [...context.engine.jobs().map((job) => job.name), ...savepoints.map((one) => one.name)]);
    const hint = near === undefined ? "SHOW JOBS and SHOW SAVEPOINTS list them." : `Perhaps you meant "${near}".`;
    throw new SqlError({ sqlState: "42704", message: `there is no job or savepoint "${name}"`, hint, at });
  }
  if (call.checkpoint !== null) {
    throw new SqlError({ sqlState: "22023", message: "a savepoint has one checkpoint: none can be chosen", at: call.checkpoint.at });
  }
  return copyOf(savepoint.path, call, number, session);
}

/** The operator's table: that named behind a slash, or its first. */
function chosen(call: StateCall, tables: readonly OperatorState[]): OperatorState {
  const { value, at } = call.uid;
  const found = tables.find(({ uid, name }) => value === uid || value === `${uid}/${name}`);
  if (found !== undefined) return found;
  const near = suggest(
    value,
    tables.map(({ uid }) => uid),
  );
  const hint =
    near === undefined ? `Those with state: ${[...new Set(tables.map(({ uid }) => uid))].join(", ")}.` : `Perhaps you meant "${near}".`;
  throw new SqlError({ sqlState: "42704", message: `"${call.of.value}" has no operator "${value}" with state`, hint, at });
}

/** A checkpoint can be read while its changes have not been merged with those of later ones. */
async function requireKept(
  job: string,
  { table }: OperatorState,
  checkpoint: NonNullable<StateCall["checkpoint"]>,
  { store }: StatementContext,
): Promise<void> {
  const connection = await store.connect();
  try {
    const sql = `SELECT id FROM millrace.checkpoints WHERE job = ? AND status = 'COMPLETED' AND id >= (
        SELECT coalesce(max(checkpoint), 0) FROM millrace.checkpoint_deltas WHERE job = ? AND table_name = ? AND kind = 'base') ORDER BY id`;
    const kept = (await (await connection.query(sql, [job, job, table])).rows()).map(([id]) => Number(id));
    if (kept.includes(checkpoint.value)) return;
    const range = kept.length === 0 ? "none" : `${kept[0]} to ${kept.at(-1)}`;
    const message = `checkpoint ${checkpoint.value} of job "${job}" is not kept`;
    throw new SqlError({ sqlState: "22023", message, hint: `Those that can be read: ${range}.`, at: checkpoint.at });
  } finally {
    connection.close();
  }
}

/** A savepoint's file is read into a temporary table of the session, for the store reaches no other file. */
async function copyOf(path: string, call: StateCall, number: number, { connection }: Session): Promise<string> {
  const tables = await savepointTables(path);
  const state = chosen(call, tables);
  const name = `${stateCopyPrefix}${number}`;
  const fields = [{ name: "key_group", type: { id: "integer" } } as const, ...state.columns];
  const definitions = fields.map((field) => `${quoteName(field.name)} ${formatType(field.type)}`).join(", ");
  await connection.run(`CREATE OR REPLACE TEMP TABLE ${quoteName(name)} (${definitions})`);
  await readSavepointState(path, stateQuery(state, null), (batch) => connection.appendTemporary(name, [batch]));
  return `SELECT * FROM temp.${quoteName(name)}`;
}
