import { type Dirent, readdirSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";
import type { FilePlaces } from "../../contract/file-places.ts";
import { TaskFailure } from "../../contract/errors.ts";
import { allowedPath, reasonOf } from "./allowed-path.ts";

export interface FoundFile {
  /** As the user's path spells it: stable over restarts, so it names the splits. */
  readonly path: string;
  readonly real: string;
  readonly size_bytes: number;
  readonly modified_ms: number;
}

const isPattern = (part: string): boolean => /[*?]/.test(part);

/**
 * The files that a path means, by name. Hidden ones (`.name`: the sink's unfinished files) are left out, and symbolic links to
 * directories are not followed below a pattern. Throws for a path without pattern that is not there.
 */
export function findFiles(path: string, places: FilePlaces): FoundFile[] {
  const parts = path.split("/");
  const firstPattern = parts.findIndex(isPattern);
  if (firstPattern < 0) {
    const real = allowedPath(path, places);
    const stat = statSync(real);
    if (!stat.isDirectory()) return [found(path, real, stat)];
    return named(path, ["**", "*"], places);
  }
  const base = fixedPart(path);
  allowedPath(base, places);
  return named(base, parts.slice(firstPattern), places);
}

/** The path up to its first pattern. */
export function fixedPart(path: string): string {
  const parts = path.split("/");
  const firstPattern = parts.findIndex(isPattern);
  if (firstPattern < 0) return path;
  return parts.slice(0, firstPattern).join("/") || (path.startsWith("/") ? "/" : ".");
}

const found = (path: string, real: string, stat: Stats): FoundFile => ({
  path,
  real,
  size_bytes: stat.size,
  modified_ms: Math.floor(stat.mtimeMs),
});

function named(base: string, pattern: readonly string[], places: FilePlaces): FoundFile[] {
  const paths = new Set<string>();
  walk(base, pattern, paths);
  return [...paths].sort().flatMap((path) => {
    const real = allowedPath(path, places);
    const stat = statSync(real);
    return stat.isFile() ? [found(path, real, stat)] : [];
  });
}

function walk(directory: string, [part, ...rest]: readonly string[], found: Set<string>): void {
  if (part === undefined) return;
  if (part === "**") {
    walk(directory, rest, found);
    for (const entry of entriesOf(directory)) if (entry.isDirectory()) walk(join(directory, entry.name), [part, ...rest], found);
    return;
  }
  const matches = matcherOf(part);
  for (const entry of entriesOf(directory)) {
    if (!matches(entry.name)) continue;
    const path = join(directory, entry.name);
    if (rest.length === 0) {
      if (!entry.isDirectory()) found.add(path);
    } else if (entry.isDirectory()) walk(path, rest, found);
  }
}

function matcherOf(part: string): (name: string) => boolean {
  const source = part
    .replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll(/\*+/g, ".*")
    .replaceAll("?", ".");
  const pattern = new RegExp(`^${source}$`, "su");
  return (name) => pattern.test(name);
}

function entriesOf(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true }).filter(({ name }) => !name.startsWith("."));
  } catch (cause) {
    throw new TaskFailure("external", "retry", `cannot list "${directory}": ${reasonOf(cause)}`, { cause, sqlState: "58P01" });
  }
}
