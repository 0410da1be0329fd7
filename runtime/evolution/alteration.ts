import { resultTable, stateTable } from "../checkpoint/names.ts";
import type { JobLayout } from "../checkpoint/layout.ts";
import type { MisfitPolicy, ResultTable, StateChange } from "../contract/control.ts";
import { SqlError } from "../contract/errors.ts";
import type { JobGraph } from "../contract/job-graph.ts";
import type { StoreConnection, StoreTransaction } from "../contract/store.ts";
import type { Publish, TableLogs } from "../tables/change-logs.ts";
import { copyResultAside, dropResultAside, dropState, dropStateAside, putResultBack, putStateBack, setStateAside } from "./aside.ts";
import { matchResults, type ResultsMatch } from "./match-results.ts";
import { matchState, type StateMatch } from "./match-state.ts";
import { migrateResult, migrateState } from "./migrate.ts";
import { readStoredState } from "./stored-state.ts";

/** A job as it was, or as it will be. */
export interface JobShape {
  readonly graph: JobGraph;
  readonly layout: JobLayout;
  readonly results: readonly ResultTable[];
}

export interface Assessment {
  readonly state: StateMatch;
  readonly results: ResultsMatch;
  readonly changes: readonly StateChange[];
}

/** What an alteration will do, from what the store has now; nothing is changed. */
export async function assess(connection: Pick<StoreConnection, "query">, before: JobShape, after: JobShape): Promise<Assessment> {
  const stored = await readStoredState(connection, before.layout.job);
  const names = new Map(before.graph.vertices.flatMap((v) => v.operators.map((node) => [node.uid, node.name] as const)));
  const state = matchState({ graph: after.graph, logs: after.layout.states, stored, nameOf: (uid) => names.get(uid) ?? uid });
  const rows = new Map<string, number>();
  for (const { name } of before.results) {
    const [[count = 0n] = []] = await (await connection.query(`SELECT count(*) FROM ${resultTable(name)}`)).rows();
    rows.set(name, Number(count));
  }
  const results = matchResults(before.results, after.results, (name) => rows.get(name) ?? 0);
  return { state, results, changes: [...state.changes, ...results.changes] };
}

/** The report under a policy: what does not fit is refused with the operator's name, said, or part of computing all anew. */
export function reportOf({ changes }: Assessment, policy: MisfitPolicy): readonly StateChange[] {
  if (policy !== "rebuild") {
    return changes.map((change) =>
      policy === "empty" && change.refusal !== null ? { ...change, notice: noticeOf(change), refusal: null } : change,
    );
  }
  return changes.map((change) =>
    change.verdict === "dropped"
      ? change
      : { ...change, verdict: "rebuilt", reason: "computed anew from the start of the sources", refusal: null, notice: null },
  );
}

const noticeOf = ({ operator, refusal }: StateChange): string => `${operator}: ${refusal}`;

/** Throws SqlError 0A000 with the name of an operator that the state does not fit. */
export function requireFit(job: string, changes: readonly StateChange[]): void {
  const misfit = changes.find(({ refusal }) => refusal !== null);
  if (misfit === undefined) return;
  throw new SqlError({
    sqlState: "0A000",
    message: `the state of job "${job}" does not fit: ${misfit.operator}${misfit.uid === "" ? "" : ` (${misfit.uid})`}: ${misfit.refusal}`,
    hint: "WITH (rebuild = on) computes everything anew from the start of the sources; WITH (allow_non_restored_state = on) goes on with the rows that come.",
  });
}

export interface ChangeRequest {
  readonly tables: TableLogs;
  readonly before: JobShape;
  readonly after: JobShape;
  readonly assessment: Assessment;
  readonly rebuild: boolean;
}

/** Changes state and results, keeping aside what they were. The store's newest checkpoint is the job's last. */
export async function change(transaction: StoreTransaction, request: ChangeRequest): Promise<Publish> {
  const { before, assessment, rebuild } = request;
  const { job } = before.layout;
  const checkpoint = await lastCheckpoint(transaction, job);
  const { state } = assessment;
  for (const match of rebuild ? [] : state.tables) await migrateState(transaction, job, match, checkpoint);
  const gone = rebuild ? [...state.dropped, ...state.tables.map(({ stored }) => stored)] : state.dropped;
  for (const { table } of gone) await setStateAside(transaction, job, table);
  await changeResults(transaction, request, checkpoint);
  return rebuild ? request.tables.unregister(transaction, job) : () => undefined;
}

async function lastCheckpoint(transaction: StoreTransaction, job: string): Promise<number> {
  const sql = "SELECT max(id) FROM millrace.checkpoints WHERE job = ? AND status = 'COMPLETED'";
  const [[id = null] = []] = await (await transaction.query(sql, [job])).rows();
  return Number(id ?? 0);
}

async function changeResults(
  transaction: StoreTransaction,
  { before, after, assessment, rebuild }: ChangeRequest,
  checkpoint: number,
): Promise<void> {
  const { tables } = assessment.results;
  const migrated = rebuild ? [] : tables.filter(({ unchanged }) => !unchanged);
  const kept = rebuild ? [] : tables.filter(({ unchanged }) => unchanged).map(({ after: { name } }) => name);
  for (const match of migrated) await migrateResult(transaction, match);
  const emptied = before.results.filter(({ name }) => !kept.includes(name) && !migrated.some((match) => match.after.name === name));
  for (const { name } of emptied) {
    await copyResultAside(transaction, name);
    await transaction.run(`DROP TABLE ${resultTable(name)}`);
  }
  const changed = [...migrated.map((match) => match.before), ...emptied];
  for (const { name } of changed) await transaction.run(`DROP TABLE IF EXISTS ${stateTable(`${after.layout.job}/results/${name}`)}`);
  // Older checkpoints cannot be gone back to: what they would undo is not known any more.
  if (changed.length > 0)
    await transaction.run("DELETE FROM millrace.checkpoints WHERE job = ? AND id < ?", [before.layout.job, checkpoint]);
}

/** Puts back what `change` set aside. After a rebuild of a job that reads tables everything begins anew instead: its places in their logs are gone. */
export async function takeBack(transaction: StoreTransaction, { tables, before, after, rebuild }: ChangeRequest): Promise<Publish> {
  const { job } = before.layout;
  const known = new Set(before.layout.states.map(({ table }) => table));
  for (const { table } of after.layout.states) if (!known.has(table)) await dropState(transaction, job, table);
  const isAnew = rebuild && before.layout.inputs.length > 0;
  if (isAnew) for (const { table } of before.layout.states) await dropState(transaction, job, table);
  else await putStateBack(transaction, job);
  for (const { result, log } of after.layout.results) {
    if (log !== null) await transaction.run(`DROP TABLE IF EXISTS ${stateTable(log.table)}`);
    if (!before.results.some(({ name }) => name === result.name)) await transaction.run(`DROP TABLE IF EXISTS ${resultTable(result.name)}`);
  }
  for (const { name } of before.results) {
    if (isAnew) await transaction.run(`DROP TABLE IF EXISTS ${resultTable(name)}`);
    else await putResultBack(transaction, name);
  }
  await dropAside(transaction, before);
  return isAnew ? tables.unregister(transaction, job) : tables.unregister(transaction, job, unreadOf(after, before));
}

/** The altered job runs: what was set aside goes, and so does the reading of tables that it does not read any more. */
export async function settle(transaction: StoreTransaction, { tables, before, after }: ChangeRequest): Promise<Publish> {
  await dropAside(transaction, before);
  return tables.unregister(transaction, before.layout.job, unreadOf(before, after));
}

async function dropAside(transaction: StoreTransaction, { layout, results }: JobShape): Promise<void> {
  await dropStateAside(transaction, layout.job);
  for (const { name } of results) await dropResultAside(transaction, name);
}

/** Tables that the one reads and the other does not. */
const unreadOf = (one: JobShape, other: JobShape): readonly string[] =>
  one.layout.inputs.flatMap(({ table }) => (other.layout.inputs.some((input) => input.table === table) ? [] : [table]));
