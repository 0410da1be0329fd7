import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { World } from "../contract/world.ts";

export interface TaskManagerProcessesOptions {
  readonly world: World;
  /** Ids of the TaskManagers: one process each. */
  readonly ids: readonly string[];
  /** Program and arguments of one. */
  readonly command: (id: string) => { readonly program: string; readonly args: readonly string[]; readonly environment: NodeJS.ProcessEnv };
  readonly log: (level: "info" | "warn" | "error", message: string) => void;
}

/** A process that dies is replaced after a delay that doubles while the next dies soon, too. */
const restart_ms_min = 100;
const restart_ms_max = 5_000;
const stable_ms = 10_000;
/** How long processes may take to end when asked. */
const close_ms_max = 5_000;

/**
 * Keeps one TaskManager process running under each id. The processes end by themselves when the pipe to their stdin closes, which
 * it does whatever this process dies of.
 */
export class TaskManagerProcesses {
  readonly #options: TaskManagerProcessesOptions;
  readonly #running = new Map<string, ChildProcess>();
  #closing = false;

  constructor(options: TaskManagerProcessesOptions) {
    this.#options = options;
  }

  start(): void {
    for (const id of this.#options.ids) this.#spawn(id, restart_ms_min);
  }

  /** The TaskManager was given up: what is left of it must not linger. One that was replaced meanwhile is not meant. */
  end(id: string, pid: number): void {
    const child = this.#running.get(id);
    if (child?.pid === pid) child.kill("SIGKILL");
  }

  async close(): Promise<void> {
    this.#closing = true;
    await Promise.all(
      [...this.#running.values()].map(
        (child) =>
          new Promise<void>((resolve) => {
            child.once("exit", () => resolve());
            child.kill("SIGTERM");
            const stopWaiting = this.#options.world.timers.after(close_ms_max, () => child.kill("SIGKILL"));
            child.once("exit", stopWaiting);
          }),
      ),
    );
  }

  #spawn(id: string, restart_ms: number): void {
    if (this.#closing) return;
    const { world, command, log } = this.#options;
    const { program, args, environment } = command(id);
    const started_ms = world.clock.monotonic_ms();
    // Detached: Ctrl-C is for the server, which ends them in its order.
    const child = spawn(program, args, { env: environment, stdio: ["pipe", "ignore", "pipe"], detached: true });
    this.#running.set(id, child);
    child.stdin.on("error", () => undefined);
    createInterface({ input: child.stderr }).on("line", (line) => log("info", `${id}: ${line}`));
    let over = false;
    const onEnd = (reason: string): void => {
      if (over) return;
      over = true;
      this.#running.delete(id);
      if (this.#closing) return;
      const wait_ms = world.clock.monotonic_ms() - started_ms >= stable_ms ? restart_ms_min : restart_ms;
      log("warn", `the process of TaskManager ${id} ended (${reason}): the next starts in ${wait_ms} ms`);
      world.timers.after(wait_ms, () => this.#spawn(id, Math.min(2 * wait_ms, restart_ms_max)));
    };
    child.once("error", (error) => onEnd(error.message));
    child.once("exit", (code, signal) => onEnd(signal ?? `code ${code}`));
  }
}
