import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Name, SavepointTarget } from "../../planner/front/statement.ts";
import { suggest } from "../../runtime/contract/suggest.ts";
import { SqlError } from "../../runtime/contract/errors.ts";
import type { SavepointOrigin } from "../../runtime/contract/control.ts";
import { removeSavepointFile } from "../../runtime/savepoint/files.ts";
import { addSavepoint, forgetSavepoint, listSavepoints, type SavepointEntry } from "../../runtime/savepoint/list.ts";
import { requireSavepointPlace } from "./allowed-place.ts";
import { command, type Handler, type StatementContext } from "./context.ts";

const jobKinds = ["streamingJob", "materializedView"] as const;

export const createSavepoint: Handler<"createSavepoint"> = {
  async execute(statement, context) {
    await takeSavepoint(statement.job, statement.savepoint, context);
    return command("CREATE SAVEPOINT");
  },
};

export const dropSavepoint: Handler<"dropSavepoint"> = {
  async execute({ name }, context) {
    const savepoints = await listSavepoints(context.store);
    const found = savepoints.find((savepoint) => savepoint.name === name.name);
    if (found === undefined) throw unknown(name.name, name.at, savepoints);
    await forgetSavepoint(context.store, found.name);
    await removeSavepointFile(found.path);
    return command("DROP SAVEPOINT");
  },
};

/** Writes the job to the savepoint's file and lists it. */
export async function takeSavepoint(job: Name, { name, path }: SavepointTarget, context: StatementContext): Promise<void> {
  const object = context.catalog.require(job, jobKinds);
  if ((await listSavepoints(context.store)).some((savepoint) => savepoint.name === name.name)) {
    throw new SqlError({ sqlState: "42710", message: `savepoint "${name.name}" already exists`, at: name.at });
  }
  const file = path === null ? join(context.savepointDirectory, `${fileName(name.name)}.duckdb`) : resolve(path.value);
  if (path !== null) requireSavepointPlace(file, path.at, context);
  const size = await context.engine.savepoint(object.name, file, object.definition);
  await addSavepoint(context.store, { ...size, name: name.name, job: object.name, path: file, created_ms: context.world.clock.now_ms() });
}

/** The file of `from_savepoint`, which names a savepoint or a path. */
export async function savepointFile(origin: SavepointOrigin, at: number, context: StatementContext): Promise<SavepointOrigin> {
  const savepoints = await listSavepoints(context.store);
  const found = savepoints.find((savepoint) => savepoint.name === origin.path);
  if (found !== undefined) return { ...origin, path: found.path };
  const file = resolve(origin.path);
  requireSavepointPlace(file, at, context);
  if (!existsSync(file)) throw unknown(origin.path, at, savepoints);
  return { ...origin, path: file };
}

function unknown(name: string, at: number, savepoints: readonly SavepointEntry[]): SqlError {
  const near = suggest(
    name,
    savepoints.map((savepoint) => savepoint.name),
  );
  const hint = near === undefined ? "SHOW SAVEPOINTS lists those made here; a path must lead to a file." : `Perhaps you meant "${near}".`;
  return new SqlError({ sqlState: "42704", message: `savepoint "${name}" does not exist`, hint, at });
}

/** A name may hold anything; a file's name must not lead elsewhere. */
const fileName = (name: string): string => name.replaceAll(/[^\w-]/g, (c) => `%${c.codePointAt(0)?.toString(16) ?? ""}`);
