import { existsSync, readlinkSync, realpathSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import type { FilePlaces } from "../../contract/file-places.ts";
import { messageOf, TaskFailure } from "../../contract/errors.ts";

/** The real path of a file or directory, symbolic links resolved. Throws when it may not be touched, or is not there. */
export function allowedPath(path: string, places: FilePlaces): string {
  const real = realPath(path);
  requireReal(real, path, places);
  return real;
}

/** Throws as allowedPath does for a file that need not be there yet: where it would come to lie decides. */
export function requirePlace(path: string, places: FilePlaces): void {
  requireReal(placeOf(path), path, places);
}

/** Whether a file is, or would come to lie, in a directory. */
export const placeInside = (path: string, directory: string): boolean => isInside(placeOf(path), placeOf(directory));

/** As many symbolic links as Linux follows. */
const links_max = 40;

/** The path with symbolic links resolved, those that lead to what is not there too. */
function placeOf(path: string, links = 0): string {
  if (existsSync(path) || dirname(path) === path) return realPath(path);
  const target = links < links_max ? linkTarget(path) : null;
  if (target !== null) return placeOf(resolve(dirname(path), target), links + 1);
  return join(placeOf(dirname(path), links), basename(path));
}

/** null for what is no symbolic link. */
function linkTarget(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

function requireReal(real: string, path: string, { allowed, own }: FilePlaces): void {
  if (own.some((directory) => isInside(real, placeOf(directory)))) throw refused(path, "lies in the server's data directory");
  if (allowed.length > 0 && !allowed.some((directory) => isInside(real, realPath(directory))))
    throw refused(path, "is outside the directories that file connectors may use");
}

const refused = (path: string, why: string): TaskFailure => new TaskFailure("user", "fail", `path "${path}" ${why}`, { sqlState: "42501" });

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch (cause) {
    throw new TaskFailure("external", "retry", `cannot open "${path}": ${reasonOf(cause)}`, { cause, sqlState: "58P01" });
  }
}

const isInside = (path: string, directory: string): boolean => {
  const way = relative(directory, path);
  return way !== ".." && !way.startsWith("../") && !isAbsolute(way);
};

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "no such file or directory",
  EACCES: "permission denied",
  ENOTDIR: "a part of the path is not a directory",
  ELOOP: "too many symbolic links",
  ENOSPC: "no space left on the disk",
};

/** An error of the file system in words; the path is said elsewhere. */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return reasons[code] ?? messageOf(error);
}
