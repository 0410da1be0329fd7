import { existsSync, realpathSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative } from "node:path";
import { messageOf, TaskFailure } from "../../contract/errors.ts";

/**
 * The real path of a file or directory, symbolic links resolved. Throws when it lies outside the directories that file
 * connectors may touch (an empty list allows all), or is not there.
 */
export function allowedPath(path: string, allowedDirectories: readonly string[]): string {
  const real = realPath(path);
  requireInside(real, path, allowedDirectories);
  return real;
}

/** Throws as allowedPath does for a file that need not be there yet: where it would come to lie decides. */
export function requireAllowedPlace(path: string, allowedDirectories: readonly string[]): void {
  requireInside(placeOf(path), path, allowedDirectories);
}

/** Throws for a file that is or would come to lie in a directory that is the server's own. */
export function requireForeignPlace(path: string, ownDirectory: string): void {
  if (!isInside(placeOf(path), realPath(ownDirectory))) return;
  throw new TaskFailure("user", "fail", `path "${path}" lies in the server's data directory`, { sqlState: "42501" });
}

/** The path with the symbolic links of those of its directories resolved that are there. */
const placeOf = (path: string): string =>
  existsSync(path) || dirname(path) === path ? realPath(path) : join(placeOf(dirname(path)), basename(path));

function requireInside(real: string, path: string, allowedDirectories: readonly string[]): void {
  if (allowedDirectories.length === 0 || allowedDirectories.some((directory) => isInside(real, realPath(directory)))) return;
  throw new TaskFailure("user", "fail", `path "${path}" is outside the directories that file connectors may use`, { sqlState: "42501" });
}

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
