import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { claimLeadership } from "../runtime/cluster/claim-leadership.ts";
import { TaskManagerProcesses } from "../runtime/cluster/task-manager-processes.ts";
import { TaskManagers } from "../runtime/cluster/task-managers.ts";
import { TcpNetwork } from "../runtime/cluster/tcp/tcp-network.ts";
import type { Answer, Ask, Question } from "../runtime/contract/diagnostics.ts";
import type { Address } from "../runtime/contract/network.ts";
import type { Store } from "../runtime/contract/store.ts";
import { version } from "../runtime/contract/version.ts";
import type { World } from "../runtime/contract/world.ts";
import type { SlotProvider } from "../runtime/control/slot-provider.ts";
import { ThreadSlots } from "../runtime/worker/thread-slots.ts";
import { isLoopback } from "./cluster-config.ts";
import { onFreePort } from "./free-port.ts";
import type { ServerConfig } from "./config.ts";

interface Surroundings {
  readonly world: World;
  readonly store: Store;
  readonly log: (line: string) => void;
  /** Slot threads that have been started already. */
  readonly threads: ThreadSlots | null;
  /** About this process. */
  readonly ask: Ask;
}

export interface OpenedSlots {
  readonly slots: SlotProvider;
  /** Asks the process of a TaskManager about itself; null: there is none of this id, or it does not answer. */
  readonly askTaskManager: (id: string, question: Question) => Promise<Answer | null>;
}

/** The slots that the configuration asks for; TaskManagers may join from then on. */
export async function openSlots(config: ServerConfig, surroundings: Surroundings): Promise<OpenedSlots> {
  const { provider } = config.cluster;
  const { world, ask } = surroundings;
  if (provider.kind === "threads") {
    const slots = surroundings.threads ?? new ThreadSlots(config.slots, world);
    const isHere = (id: string): boolean => slots.taskManagers().some((taskManager) => taskManager.id === id);
    return { slots, askTaskManager: async (id, question) => (isHere(id) ? ask(question) : null) };
  }
  const secret = config.cluster.secret ?? randomBytes(32).toString("hex");
  const ids = provider.kind === "processes" ? Array.from({ length: provider.taskManagers }, (_, i) => `taskmanager-${i + 1}`) : [];
  return openRemote(config, surroundings, secret, ids);
}

async function openRemote(
  { cluster, slots, allowedDirectories }: ServerConfig,
  { world, store, log }: Surroundings,
  secret: string,
  ids: readonly string[],
): Promise<OpenedSlots> {
  const say = (level: string, message: string): void => log(`${level}: ${message}`);
  if (!isLoopback(cluster.listen.host) && cluster.tls === null)
    say("warn", `TaskManagers join at ${cluster.listen.host} without TLS: rows travel in the clear`);
  const taskManagers = new TaskManagers({
    world,
    network: new TcpNetwork({ world, secret, tls: cluster.tls }),
    listen: cluster.listen,
    leader: await claimLeadership(store, world),
    version,
    heartbeat_ms: cluster.heartbeat_ms,
    timeout_ms: cluster.timeout_ms,
    slotsExpected: ids.length * slots,
    log: say,
    onSilent: (id, pid) => processes.end(id, pid),
  });
  // Those that join know one port: another would be in vain.
  const { port } = cluster.listen;
  const address = await (cluster.provider.kind === "standalone"
    ? taskManagers.listen(port)
    : onFreePort(port, log, (free) => taskManagers.listen(free)));
  say("info", `TaskManagers join at ${address.host}:${address.port}`);
  const started: Started = { address, slots, secret, allowedDirectories, tlsFlags: cluster.tls?.flags ?? [] };
  const command = (id: string): ReturnType<typeof commandOf> => commandOf(id, started);
  const processes = new TaskManagerProcesses({ world, ids, command, log: say });
  processes.start();
  return { slots: closingBoth(taskManagers, processes), askTaskManager: (id, question) => taskManagers.ask(id, question) };
}

interface Started {
  readonly address: Address;
  readonly slots: number;
  readonly secret: string;
  readonly allowedDirectories: readonly string[];
  readonly tlsFlags: readonly string[];
}

/** The secret is in the environment, which other users cannot read, and not among the arguments, which they can. */
function commandOf(id: string, { address: { host, port }, slots, secret, allowedDirectories, tlsFlags }: Started) {
  const main = fileURLToPath(new URL("./main.js", import.meta.url));
  const join = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  return {
    program: process.execPath,
    args: [
      ...process.execArgv,
      main,
      "taskmanager",
      "--join",
      join,
      "--slots",
      String(slots),
      "--id",
      id,
      "--data-host",
      host,
      ...tlsFlags,
      ...allowedDirectories.flatMap((directory) => ["--allow", directory]),
    ],
    environment: { ...process.env, MILLRACE_CLUSTER_SECRET: secret, MILLRACE_ENDS_WITH_STDIN: "1" },
  };
}

/** The TaskManagers are told before their processes are asked to end. */
function closingBoth(taskManagers: TaskManagers, processes: TaskManagerProcesses): SlotProvider {
  const close = taskManagers.close.bind(taskManagers);
  return Object.assign(taskManagers, {
    close: async (): Promise<void> => {
      await close();
      await processes.close();
    },
  });
}
