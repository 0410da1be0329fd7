import type { JobInfo, JobState, ProcessUsage, SlotInfo, TaskManagerInfo } from "../../../runtime/contract/control.ts";
import { nonHeap_bytes } from "./process-metrics.ts";

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
    "slots-free-and-blocked": 0,
    "taskmanagers-blocked": 0,
    "jobs-running": count("INITIALIZING", "CREATED", "RUNNING", "RESTARTING", "FAILING", "CANCELLING"),
    "jobs-finished": count("FINISHED"),
    "jobs-cancelled": count("CANCELED"),
    "jobs-failed": count("FAILED"),
    "flink-version": `millrace ${facts.version}`,
    "flink-commit": facts.version,
  };
}

export const taskManagersOf = ({ taskManagers }: ClusterFacts): object => ({ taskmanagers: taskManagers.map(taskManagerOf) });

const taskManagerOf = (facts: TaskManagerInfo): object => ({
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
  memoryConfiguration,
});

export const taskManagerDetailOf = (facts: TaskManagerInfo, jobs: readonly JobInfo[]): object => ({
  ...taskManagerOf(facts),
  metrics: memoryOf(facts.usage),
  allocatedSlots: facts.slots.flatMap((slot) =>
    slot.jobs.map((name) => ({
      index: slot.slot,
      jobId: jobs.find((job) => job.name === name)?.id ?? "",
      jobName: name,
      resource: resourceOf(facts, 1),
    })),
  ),
});

/** Flink sets parts of a process's memory aside for a purpose; here no part is. */
export const memoryPools = [
  "frameworkHeap",
  "taskHeap",
  "frameworkOffHeap",
  "taskOffHeap",
  "networkMemory",
  "managedMemory",
  "jvmMetaspace",
  "jvmOverhead",
  "totalFlinkMemory",
  "totalProcessMemory",
] as const;
const memoryConfiguration = Object.fromEntries(memoryPools.map((name) => [name, null]));

/** V8's heap and what lies beside it, under Flink's names; files are not mapped, and the exchange has no pool of its own. */
const memoryOf = (usage: ProcessUsage): object => ({
  heapUsed: usage.heapUsed_bytes,
  heapCommitted: usage.heapTotal_bytes,
  heapMax: usage.heapLimit_bytes,
  nonHeapUsed: nonHeap_bytes(usage),
  nonHeapCommitted: nonHeap_bytes(usage),
  nonHeapMax: -1,
  directCount: 0,
  directUsed: usage.external_bytes,
  directMax: usage.external_bytes,
  mappedCount: 0,
  mappedUsed: 0,
  mappedMax: 0,
  memorySegmentsAvailable: 0,
  memorySegmentsTotal: 0,
  nettyShuffleMemorySegmentsAvailable: 0,
  nettyShuffleMemorySegmentsUsed: 0,
  nettyShuffleMemorySegmentsTotal: 0,
  nettyShuffleMemoryAvailable: 0,
  nettyShuffleMemoryUsed: 0,
  nettyShuffleMemoryTotal: 0,
  garbageCollectors: usage.collections.map(({ name, count, time_ms }) => ({ name, count, time: time_ms })),
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
