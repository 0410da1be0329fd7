import { existsSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { SqlError } from "../contract/errors.ts";
import { reasonOf } from "../connectors/filesystem/allowed-path.ts";
import { makeDirectory } from "../connectors/filesystem/make-directory.ts";
import type { Store, StoreConnection } from "../contract/store.ts";
import { openStore } from "../duckdb/store.ts";
import { type Manifest, readManifest } from "./format.ts";

/** Where savepoints lie. */
export interface SavepointFiles {
  make<T>(path: string, write: (target: Store) => Promise<T>): Promise<T>;
  use<T>(path: string, read: (from: StoreConnection, manifest: Manifest) => Promise<T>): Promise<T>;
}

/** Makes a savepoint's file: under another name until it is whole, so that nobody takes half of one. Throws SqlError 42P07 if it is there. */
const makeSavepointFile = <T>(path: string, write: (target: Store) => Promise<T>): Promise<T> => inTurn(path, () => makeFile(path, write));

async function makeFile<T>(path: string, write: (target: Store) => Promise<T>): Promise<T> {
  if (existsSync(path)) throw new SqlError({ sqlState: "42P07", message: `file "${path}" already exists` });
  const unfinished = `${path}.part`;
  makeParents(path);
  remove(unfinished);
  const target = await openStore({ path: unfinished });
  try {
    const written = await write(target);
    await target.close();
    renameSync(unfinished, path);
    return written;
  } catch (error) {
    await target.close().catch(() => undefined);
    remove(unfinished);
    throw error;
  }
}

function makeParents(path: string): void {
  try {
    makeDirectory(dirname(path));
  } catch (cause) {
    throw new SqlError({ sqlState: "58030", message: `cannot make "${path}": ${reasonOf(cause)}`, cause });
  }
}

/** Files in use: DuckDB loses what is written when one process opens a file twice, and says nothing. */
const inUse = new Map<string, Promise<unknown>>();

/** Reads a savepoint's file, one reader after the other. Throws SqlError 58P01 if it is not there, as readManifest does if it is none. */
const useSavepointFile = <T>(path: string, read: (from: StoreConnection, manifest: Manifest) => Promise<T>): Promise<T> =>
  inTurn(path, () => readFile(path, read));

/** Making, reading and removing one file, one after the other. */
function inTurn<T>(path: string, work: () => Promise<T>): Promise<T> {
  const turn = (inUse.get(path) ?? Promise.resolve()).then(work);
  const settled = turn.catch(() => undefined);
  inUse.set(path, settled);
  void settled.then(() => (inUse.get(path) === settled ? inUse.delete(path) : false));
  return turn;
}

/** Files of this machine. */
export const savepointsOnDisk: SavepointFiles = { make: makeSavepointFile, use: useSavepointFile };

async function readFile<T>(path: string, read: (from: StoreConnection, manifest: Manifest) => Promise<T>): Promise<T> {
  if (!existsSync(path)) throw new SqlError({ sqlState: "58P01", message: `there is no savepoint "${path}"` });
  const source = await openStore({ path });
  try {
    const from = await source.connect();
    try {
      return await read(from, await readManifest(from, path));
    } finally {
      from.close();
    }
  } finally {
    await source.close();
  }
}

/** Once nobody reads it any more. */
export const removeSavepointFile = (path: string): Promise<void> => inTurn(path, async () => remove(path));

function remove(path: string): void {
  for (const file of [path, `${path}.wal`]) rmSync(file, { force: true });
}
