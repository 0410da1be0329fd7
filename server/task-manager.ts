import { mkdtempSync, mkdirSync, rmSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { MessageChannel } from "node:worker_threads";
import { TaskManager } from "../runtime/cluster/task-manager.ts";
import { TcpNetwork } from "../runtime/cluster/tcp/tcp-network.ts";
import type { ChannelPort, TaskDeployment } from "../runtime/contract/rpc.ts";
import { version } from "../runtime/contract/version.ts";
import { ThreadSlots } from "../runtime/worker/thread-slots.ts";
import { realWorld } from "../runtime/world/real-world.ts";
import { thisProcess, usageOfThisProcess } from "../runtime/world/this-process.ts";
import { narrowDirectories } from "./allowed-directories.ts";
import type { TaskManagerConfig } from "./cluster-config.ts";
import { openProcessLogs } from "./process-logs.ts";

export interface RunningTaskManager {
  close(): Promise<void>;
}

/** Wires the parts of a TaskManager process together: slot threads, data plane, the way to the server. */
export async function startTaskManager(config: TaskManagerConfig, print: (line: string) => void): Promise<RunningTaskManager> {
  const world = realWorld;
  const scratchDirectory = config.scratchDirectory ?? mkdtempSync(join(tmpdir(), "millrace-taskmanager-"));
  mkdirSync(scratchDirectory, { recursive: true, mode: 0o700 });
  const { log, ask } = openProcessLogs(scratchDirectory, "taskmanager", [config.secret], print);
  const allowed = config.allowedDirectories.map((path) => resolve(path));
  const say = (level: string, message: string): void => log(`${level}: ${message}`);
  const taskManager = new TaskManager({
    world,
    network: new TcpNetwork({ world, secret: config.secret, tls: config.tls }),
    slots: new ThreadSlots(config.slots, world),
    makePorts,
    join: config.join,
    listen: config.data,
    dataHost: config.data.host,
    description: { id: config.id ?? `${hostname()}-${process.pid}`, version, ...thisProcess },
    usage: usageOfThisProcess,
    ask,
    localise: (deployment: TaskDeployment) => ({
      ...deployment,
      scratchDirectory,
      places: { allowed: narrowDirectories(deployment.places.allowed, allowed), own: [...deployment.places.own, scratchDirectory] },
    }),
    log: say,
    // Ending threads that hang can hang itself: nothing of this process is worth that.
    onHung: (reason) => {
      say("error", `${reason}: this process ends`);
      process.kill(process.pid, "SIGKILL");
    },
  });
  await taskManager.start();
  return {
    async close() {
      await taskManager.close();
      if (config.scratchDirectory === null) rmSync(scratchDirectory, { recursive: true, force: true });
    },
  };
}

function makePorts(): readonly [ChannelPort, ChannelPort] {
  const { port1, port2 } = new MessageChannel();
  return [port1, port2];
}
