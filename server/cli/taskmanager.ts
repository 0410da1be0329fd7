import { taskManagerConfig, taskManagerFlags } from "../cluster-config.ts";
import type { Command } from "./commands.ts";
import { stopSignal } from "./serve.ts";

export const taskmanager: Command = {
  doc: "offer slots of this machine to a server that runs with --provider standalone or processes; MILLRACE_CLUSTER_SECRET is the server's",
  usage: "taskmanager --join HOST:PORT [flags]",
  flags: taskManagerFlags,
  async run({ flags }) {
    const config = taskManagerConfig(flags, process.env);
    const { startTaskManager } = await import("../task-manager.ts"); // Only now: the other commands need no engine and start faster.
    const taskManager = await startTaskManager(config, (line) => process.stderr.write(`${line}\n`));
    await Promise.race([stopSignal(), endOfStdin()]);
    const late = setTimeout(() => process.exit(1), stop_ms_max);
    await taskManager.close();
    clearTimeout(late);
    return 0;
  },
};

const stop_ms_max = 4_000;

/** The server that started this process holds the other end of its stdin, whatever it dies of: then nothing here must linger. */
function endOfStdin(): Promise<void> {
  if (process.env["MILLRACE_ENDS_WITH_STDIN"] !== "1") return new Promise(() => undefined);
  return new Promise((resolve) => {
    process.stdin.once("end", resolve).once("error", resolve).resume();
  });
}
