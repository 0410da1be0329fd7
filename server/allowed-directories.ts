import { relative, isAbsolute } from "node:path";

const isInside = (path: string, directory: string): boolean => {
  const way = relative(directory, path);
  return !way.startsWith("..") && !isAbsolute(way);
};

/** What both lists allow; an empty list allows everything. What they have in common may be nothing: then only a path that none can name. */
export function narrowDirectories(a: readonly string[], b: readonly string[]): readonly string[] {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const common = [...a.filter((x) => b.some((y) => isInside(x, y))), ...b.filter((y) => a.some((x) => isInside(y, x)))];
  return common.length === 0 ? [nowhere] : [...new Set(common)];
}

/** A directory that does not exist and cannot be made. */
const nowhere = "/dev/null/nowhere";
