import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";

/** With its parents. Not by mkdir's own recursion: where nobody can make directories (/proc), Node's never comes back. */
export function makeDirectory(path: string): void {
  if (existsSync(path)) return;
  makeDirectory(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    if (!existsSync(path)) throw error; // Another subtask was faster.
  }
}
