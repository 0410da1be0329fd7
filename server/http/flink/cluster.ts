import type { JobInfo, JobState, SlotInfo, TaskManagerInfo } from "../../../runtime/contract/control.ts";

export interface ClusterFacts {
  readonly jobs: readonly JobInfo[];
  readonly taskManagers: readonly TaskManagerInfo[];
  readonly version: string;
}

export const configOf = ({ version }: ClusterFacts): object => ({
  "refresh-interval": 3_000,
  "timezone-name": "UTC",
  "timezone-offset": 0,
  "flink-version": `millrace ${version}`,
  "flink-revision": version,
  features: { "web-submit": true, "web-cancel": true, "web-rescale": true, "web-history": false },
});

export function overviewOf(facts: ClusterFacts): object {
  const count = (...states: readonly JobState[]): number => facts.jobs.filter((job) => states.includes(job.state)).length;
  const slots = facts.taskManagers.flatMap((taskManager) => taskManager.slots);
  return {
    taskmanagers: facts.taskManagers.length,
    "slots-total": slots.length,
    "slots-available": free(slots),
    "jobs-running": count("INITIALIZING", "CREATED", "RUNNING", "RESTARTING", "FAILING", "CANCELLING"),
    "jobs-finished": count("FINISHED"),
    "jobs-cancelled": count("CANCELED"),
    "jobs-failed": count("FAILED"),
    "flink-version": `millrace ${facts.version}`,
    "flink-commit": facts.version,
  };
}

export const taskManagersOf = ({ taskManagers }: ClusterFacts): object => ({ taskmanagers: taskManagers.map(taskManagerOf) });

export const taskManagerOf = (facts: TaskManagerInfo): object => ({
  id: facts.id,
  path: `millrace://${facts.host}:${facts.dataPort}`,
  dataPort: facts.dataPort,
  jmxPort: -1,
  timeSinceLastHeartbeat: Math.round(facts.lastHeartbeat_ms),
  slotsNumber: facts.slots.length,
  freeSlots: free(facts.slots),
  blocked: false,
  totalResource: resourceOf(facts, facts.slots.length),
  freeResource: resourceOf(facts, free(facts.slots)),
  hardware: {
    cpuCores: facts.cpuCores,
    physicalMemory: facts.memory_bytes,
    freeMemory: facts.usage.heapTotal_bytes,
    managedMemory: 0,
  },
  metrics: {
    heapUsed: facts.usage.heapUsed_bytes,
    heapCommitted: facts.usage.heapTotal_bytes,
    nonHeapUsed: Math.max(0, facts.usage.resident_bytes - facts.usage.heapTotal_bytes),
  },
  allocatedSlots: facts.slots.flatMap(({ slot, jobs }) => jobs.map((job) => ({ index: slot, jobName: job }))),
});

/** Slots share the process's memory: none is set aside for each. */
const resourceOf = ({ slots, cpuCores }: TaskManagerInfo, count: number): object => ({
  cpuCores: (cpuCores * count) / Math.max(1, slots.length),
  taskHeapMemory: 0,
  taskOffHeapMemory: 0,
  managedMemory: 0,
  networkMemory: 0,
});

/** Slots in which no task is. Jobs share the slots of the server's own process, so several jobs may be in one. */
const free = (slots: readonly SlotInfo[]): number => slots.filter(({ state }) => state === "free").length;
