import type { TableObject } from "../../planner/catalog.ts";
import { SqlError } from "../../runtime/contract/errors.ts";
import type { Engine } from "../../runtime/contract/control.ts";
import type { World } from "../../runtime/contract/world.ts";
import type { Session } from "../session/execution.ts";
import { keptChanges } from "./names.ts";

interface Parts {
  readonly engine: Engine;
  readonly world: World;
}

/** Of a statement by itself that met a row which another transaction is changing. */
const attempts_max = 6;
const retry_ms_min = 10;

/**
 * Runs a change of a table: in the session's transaction if one is open, else in one of its own. `work` is told whether to keep
 * its changes, for jobs that read the table.
 */
export async function changingTable<T>(
  session: Session,
  table: TableObject,
  parts: Parts,
  work: (keeps: boolean) => Promise<T>,
): Promise<T> {
  const { changeLogs } = parts.engine;
  if (session.transaction !== "idle") {
    // Decided by the first change, so that either all changes of the transaction are kept or none.
    const keeps = session.changedTables.get(table.name) ?? changeLogs.readersOf(table.name).length > 0;
    session.changedTables.set(table.name, keeps);
    return work(keeps);
  }
  for (let attempt = 1; ; attempt++) {
    try {
      return await changeLogs.exclusively([table.name], () => alone(session, table, parts, work));
    } catch (error) {
      if (!(error instanceof SqlError) || error.sqlState !== "40001" || attempt === attempts_max) throw error;
      await new Promise<void>((resolve) => parts.world.timers.after(retry_ms_min * 2 ** attempt, resolve));
    }
  }
}

async function alone<T>(session: Session, table: TableObject, { engine }: Parts, work: (keeps: boolean) => Promise<T>): Promise<T> {
  const { connection, changedTables } = session;
  const keeps = engine.changeLogs.readersOf(table.name).length > 0;
  await connection.run("BEGIN");
  try {
    changedTables.set(table.name, keeps);
    const result = await work(keeps);
    await commitExclusively(session, engine);
    return result;
  } catch (error) {
    await connection.run("ROLLBACK").catch(() => undefined); // a run-time error has ended DuckDB's transaction already
    throw error;
  } finally {
    changedTables.clear();
  }
}

/** COMMIT of the session's transaction; jobs see its changes from then on. */
export async function commitChanges(session: Session, engine: Engine): Promise<void> {
  const { changedTables, connection } = session;
  try {
    if (changedTables.size === 0) await connection.run("COMMIT");
    else await engine.changeLogs.exclusively([...changedTables.keys()], () => commitExclusively(session, engine));
  } catch (error) {
    await connection.run("ROLLBACK").catch(() => undefined);
    throw error;
  } finally {
    changedTables.clear();
  }
}

async function commitExclusively({ changedTables, connection }: Session, { changeLogs }: Engine): Promise<void> {
  const publish: (() => void)[] = [];
  for (const [table, keeps] of changedTables) {
    const readers = changeLogs.readersOf(table);
    if (readers.length > 0 && !keeps) throw beganToRead(table, readers[0] as string);
    if (readers.length > 0) publish.push(await changeLogs.append(connection, table, await netChanges(connection, table)));
    if (keeps) await connection.run(`DROP TABLE IF EXISTS ${keptChanges(table)}`);
  }
  await connection.run("COMMIT");
  for (const known of publish) known();
}

/** A row that came and went within the transaction is no change. */
async function netChanges(connection: Session["connection"], table: string): Promise<string> {
  const { schema } = await connection.describe(`SELECT * EXCLUDE (weight) FROM ${keptChanges(table)}`);
  const columns = schema.columns.map(({ name }) => name).join(", ");
  return `SELECT sum(weight)::INTEGER AS weight, ${columns} FROM ${keptChanges(table)} GROUP BY ${columns} HAVING sum(weight) <> 0`;
}

const beganToRead = (table: string, job: string): SqlError =>
  new SqlError({
    sqlState: "40001",
    message: `could not serialize access: job "${job}" began to read table "${table}" while this transaction was changing it`,
    hint: "Run the transaction again.",
  });
