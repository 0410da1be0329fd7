import { clusterPortOf, startTaskManager, type TaskManagerProcess } from "../cluster/cluster-harness.ts";
import { type ServerProcess, startServer } from "../runner/server.ts";
import { randomOf } from "../runner/random.ts";
import { sleep } from "./sleep.ts";

const secret = "a secret of the tests, shared";
const slots = 3;
const names = ["a", "b", "c"] as const;

/** Longer than a process's death, or the silence that the server forgives, goes unnoticed. */
const unnoticed_ms_max = 4_500;

/** What befell the cluster, and how long the job was away; null where nothing had to restart. */
export interface Fault {
  readonly what: string;
  readonly recovery_ms: number | null;
}

interface JobView {
  readonly state: string;
  readonly restarts: number;
  readonly vertices: readonly { readonly subtasks: readonly { readonly state: string; readonly attempt: number }[] }[];
}

/** Three TaskManager processes and a server, which are killed and stopped at random and come back, as a supervisor would have it. */
export class ShakenCluster {
  readonly #dataDirectory: string;
  readonly #random: () => number;
  readonly #taskManagers = new Map<string, TaskManagerProcess>();
  #server: ServerProcess | null = null;
  #clusterPort = 0;

  constructor(dataDirectory: string, seed: number) {
    this.#dataDirectory = dataDirectory;
    this.#random = randomOf(seed);
  }

  get server(): ServerProcess {
    if (this.#server === null) throw new Error("the cluster was not started");
    return this.#server;
  }

  async start(): Promise<void> {
    await this.#startServer();
    for (const name of names) this.#startTaskManager(name);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#taskManagers.values()].map((taskManager) => taskManager.stop()));
    await this.#server?.stop();
  }

  /** One fault, and the time until every task of the job runs again. */
  async fault(job: string): Promise<Fault> {
    const before = attemptOf(await this.#job(job));
    const start_ms = performance.now();
    const what = await this.#inflict();
    for (;;) {
      const view = await this.#job(job);
      if (view?.state === "FINISHED") return { what, recovery_ms: null };
      const waited_ms = performance.now() - start_ms;
      if (view !== null && runs(view) && attemptOf(view) !== before) return { what, recovery_ms: waited_ms };
      // Nobody may have noticed yet: a job that is no worse off for a while had no task there.
      if (view !== null && runs(view) && waited_ms > unnoticed_ms_max) return { what, recovery_ms: null };
      await sleep(20);
    }
  }

  async #inflict(): Promise<string> {
    const dice = this.#random();
    const name = names[Math.floor(this.#random() * names.length)] as string;
    const pause_ms = Math.round(500 + this.#random() * 6_000);
    if (dice < 0.45) return this.#killTaskManager(name);
    if (dice < 0.8) return this.#pause(`TaskManager ${name}`, this.#taskManagers.get(name)?.pid as number, pause_ms);
    if (dice < 0.9) return this.#killServer();
    return this.#pause("the server", this.server.pid, pause_ms);
  }

  async #killTaskManager(name: string): Promise<string> {
    this.#taskManagers.get(name)?.signal("SIGKILL");
    this.#startTaskManager(name);
    return `kill -9 TaskManager ${name}`;
  }

  async #killServer(): Promise<string> {
    await this.server.kill();
    await this.#startServer();
    return "kill -9 the server";
  }

  async #pause(what: string, pid: number, pause_ms: number): Promise<string> {
    process.kill(pid, "SIGSTOP");
    await sleep(pause_ms);
    process.kill(pid, "SIGCONT");
    return `stop ${what} for ${pause_ms} ms`;
  }

  async #startServer(): Promise<void> {
    this.#server = await startServer({
      dataDirectory: this.#dataDirectory,
      flags: ["--provider", "standalone", "--cluster-port", String(this.#clusterPort), "--heartbeat-timeout", "3000"],
      environment: { MILLRACE_CLUSTER_SECRET: secret },
    });
    this.#clusterPort = clusterPortOf(this.#server);
  }

  #startTaskManager(name: string): void {
    this.#taskManagers.set(name, startTaskManager(name, this.#clusterPort, secret, ["--slots", String(slots)]));
  }

  async #job(name: string): Promise<JobView | null> {
    const response = await fetch(`${this.server.httpUrl}/v1/jobs/${name}`).catch(() => null);
    return response?.ok === true ? ((await response.json()) as JobView) : null;
  }
}

const subtasksOf = (view: JobView): JobView["vertices"][number]["subtasks"] => view.vertices.flatMap((vertex) => vertex.subtasks);

const runs = (view: JobView): boolean =>
  view.state === "RUNNING" && subtasksOf(view).every(({ state }) => state === "RUNNING" || state === "FINISHED");

const attemptOf = (view: JobView | null): number => Math.max(0, ...(view === null ? [] : subtasksOf(view)).map(({ attempt }) => attempt));
