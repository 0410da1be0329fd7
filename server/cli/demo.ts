import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serverConfig, serverFlags } from "../config.ts";
import { type Answer, postQuery } from "./client.ts";
import type { Command } from "./commands.ts";
import { stopSignal } from "./serve.ts";
import { printTable } from "./table.ts";

const flightsFile = "node_modules/vega-datasets/data/flights-3m.parquet";
const flights_rows = 3_000_000;

const source = `CREATE SOURCE flights (date TIMESTAMP, delay BIGINT, distance BIGINT, origin TEXT, destination TEXT,
    WATERMARK FOR date AS date - INTERVAL '5' MINUTE)
  WITH (connector = 'filesystem', path = '${flightsFile}', format = 'parquet')`;

const job = `CREATE STREAMING JOB delays WITH (parallelism = 2) AS
  SELECT origin, window_start, window_end, count(*) AS flights, avg(delay) AS avg_delay, max(delay) AS worst
  FROM TUMBLE(flights, date, INTERVAL '1 hour') GROUP BY origin, window_start, window_end`;

const latest = `SELECT window_start, origin, flights, round(avg_delay, 1) AS avg_delay, worst
  FROM delays ORDER BY window_end DESC, flights DESC LIMIT 5`;

const worst = "SELECT origin, window_start, flights, worst FROM delays ORDER BY worst DESC LIMIT 10";

export const demo: Command = {
  doc: "start a server and run a window job over 3 million real flights",
  usage: "demo [flags]",
  flags: [...serverFlags, { name: "exit", value: null, doc: "stop once the flights are done, instead of leaving the server open" }],
  async run({ flags }) {
    if (!existsSync(flightsFile))
      throw new Error(`${flightsFile} is missing: run "npm ci" in the project's folder and start the demo there`);
    const fresh = flags["data"] === undefined ? mkdtempSync(join(tmpdir(), "millrace-demo-")) : null;
    const config = serverConfig(fresh === null ? flags : { ...flags, data: [fresh] }, process.env);
    const { startMillrace } = await import("../compose.ts"); // Only now: the other commands need no engine and start faster.
    const server = await startMillrace(config, (line) => process.stderr.write(`${line}\n`));
    const url = `http://${config.host}:${server.httpPort}`;
    try {
      const finished = await show(url, config.password);
      print(
        `\nThe doors are open:\n  psql -h ${config.host} -p ${server.pgPort}\n  curl -s ${url}/v1/query -d '{"sql": "SELECT count(*) FROM delays"}'`,
      );
      if (flags["exit"] !== undefined) return finished ? 0 : 1;
      print("Ctrl-C stops the server.");
      await stopSignal();
      return 0;
    } finally {
      await server.close();
      if (fresh !== null) rmSync(fresh, { recursive: true, force: true });
    }
  },
};

const print = (text: string): void => void process.stdout.write(`${text}\n`);

/** Runs the job and shows windows as checkpoints make them visible. True when it finished. */
async function show(url: string, password: string | null): Promise<boolean> {
  const run = (text: string): Promise<Answer> => postQuery(url, text, password);
  print(`=> ${source};`);
  print((await run(source)).command);
  print(`=> ${job};`);
  const started_ms = performance.now();
  print((await run(job)).command);
  const seconds = (): string => `${((performance.now() - started_ms) / 1000).toFixed(1)} s`;
  let shown = 0;
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    const [state] = (await run("SELECT state, error FROM millrace.jobs WHERE name = 'delays'")).rows ?? [];
    const [read] =
      (await run("SELECT coalesce(max(value), 0) AS n FROM millrace.metrics WHERE job = 'delays' AND metric = 'numRecordsIn'")).rows ?? [];
    const [windows] = (await run("SELECT count(*) AS n FROM delays")).rows ?? [];
    const now = Number(windows?.["n"] ?? 0);
    if (now > shown) {
      const percent = Math.min(100, Math.round((Number(read?.["n"] ?? 0) / flights_rows) * 100));
      print(
        `\n[${seconds()}] ${Number(read?.["n"] ?? 0).toLocaleString("en")} flights read (${percent} %), ${now.toLocaleString("en")} windows visible; the latest:`,
      );
      print(printTable(await run(latest)));
      shown = now;
    }
    if (state?.["state"] === "FINISHED") break;
    if (state?.["state"] === "FAILED" || state?.["state"] === "CANCELED") {
      print(`the job is ${String(state["state"])}: ${String(state["error"])}`);
      return false;
    }
  }
  print(`\nAll flights are done after ${seconds()}. The worst delays of an hour and airport:\n=> ${worst};`);
  print(printTable(await run(worst)));
  return true;
}
