// A built server as a process of its own, and SQL over HTTP to it.
import { spawn } from "node:child_process";

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** `nodeFlags`: of the process, e.g. for a CPU profile. */
export async function startServer(data, nodeFlags = []) {
  const main = new URL("../../dist/server/main.js", import.meta.url).pathname;
  const flags = ["serve", "--pg-port", "0", "--http-port", "0", "--data", data];
  const child = spawn(process.execPath, [...nodeFlags, main, ...flags], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  while (!/data in/.test(output)) {
    if (child.exitCode !== null) throw new Error(`the server ended:\n${output}`);
    await sleep(20);
  }
  const url = /(http:\/\/[^/]+)\/v1/.exec(output)[1];
  const sql = async (text) => {
    const response = await fetch(`${url}/v1/query`, { method: "POST", body: JSON.stringify({ sql: text }) });
    const body = await response.json();
    if (body.error) throw new Error(`${body.error.message}\n${text}`);
    return body.rows ?? [];
  };
  return { sql, child };
}
