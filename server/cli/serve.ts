import { type ServerConfig, serverConfig, serverFlags } from "../config.ts";
import type { Millrace } from "../compose.ts";
import type { SlotThreads } from "../slot-threads.ts";
import type { Command } from "./commands.ts";

export const serve: Command = {
  doc: "start a server: Postgres wire and HTTP",
  usage: "serve [flags]",
  flags: serverFlags,
  async run({ flags }) {
    const config = serverConfig(flags, process.env);
    const started_ms = performance.now();
    // Only now: the other commands need no engine and start faster.
    const { startSlotThreads } = await import("../slot-threads.ts");
    const threads = startSlotThreads(config);
    const server = await started(config, threads).catch(async (error: unknown) => {
      await threads?.close();
      throw error;
    });
    const print = (text: string): void => {
      process.stdout.write(text);
      server.printed(text);
    };
    print(
      [
        `Millrace is ready (${Math.round(performance.now() - started_ms)} ms)`,
        `  psql -h ${config.host} -p ${server.pgPort}`,
        `  curl -s http://${config.host}:${server.httpPort}/v1/query -d '{"sql": "SHOW JOBS"}'`,
        `  data in ${config.dataDirectory}`,
        "",
      ].join("\n"),
    );
    await stopSignal();
    print("stopping\n");
    if (await closedInTime(server)) return 0;
    process.stderr.write(`not everything stopped within ${stop_ms_max / 1000} s: leaving\n`);
    return process.exit(1);
  },
};

async function started(config: ServerConfig, threads: SlotThreads | null): Promise<Millrace> {
  const { startMillrace } = await import("../compose.ts");
  return startMillrace(config, (line) => process.stderr.write(`${line}\n`), threads);
}

const stop_ms_max = 20_000;

/** What does not stop must not keep the process: what matters is in the store already. */
function closedInTime(server: Millrace): Promise<boolean> {
  const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), stop_ms_max).unref());
  return Promise.race([server.close().then(() => true), late]);
}

/** SIGINT or SIGTERM; a second one ends the process at once. */
export function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => {
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
      resolve();
    };
    process.once("SIGINT", stop);
    process.once("SIGTERM", stop);
  });
}
