// Processes of Millrace whose lines are kept with the time that they came at.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

const main = new URL("../../dist/server/main.js", import.meta.url).pathname;

/** `lines` grows: `{ at, text }`, with `at` as performance.now() has it. */
export function startProcess(args, environment = {}) {
  const child = spawn(process.execPath, [main, ...args], { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...environment } });
  const lines = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on("line", (text) => lines.push({ at: performance.now(), text }));
  const exited = new Promise((resolve) => child.once("exit", resolve));
  return { child, lines, exited };
}

/** The first line of the process that matches and came at or after `from`; null when there is none yet. */
export const lineOf = ({ lines }, pattern, from = 0) => lines.find(({ at, text }) => at >= from && pattern.test(text)) ?? null;
