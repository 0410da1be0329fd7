import type { JobInfo, JobState } from "../../../runtime/contract/control.ts";

export interface ClusterFacts {
  readonly jobs: readonly JobInfo[];
  readonly slots: number;
  readonly version: string;
}

/** The one TaskManager of a process whose slots are threads. */
export const taskManagerId = "local";

export const configOf = ({ version }: ClusterFacts): object => ({
  "refresh-interval": 3_000,
  "timezone-name": "UTC",
  "timezone-offset": 0,
  "flink-version": `millrace ${version}`,
  "flink-revision": version,
  features: { "web-submit": false, "web-cancel": true, "web-history": false },
});

export function overviewOf(facts: ClusterFacts): object {
  const count = (...states: readonly JobState[]): number => facts.jobs.filter((job) => states.includes(job.state)).length;
  return {
    taskmanagers: 1,
    "slots-total": facts.slots,
    "slots-available": freeSlots(facts),
    "jobs-running": count("INITIALIZING", "CREATED", "RUNNING", "RESTARTING", "FAILING", "CANCELLING"),
    "jobs-finished": count("FINISHED"),
    "jobs-cancelled": count("CANCELED"),
    "jobs-failed": count("FAILED"),
    "flink-version": `millrace ${facts.version}`,
    "flink-commit": facts.version,
  };
}

export const taskManagersOf = (facts: ClusterFacts): object => ({
  taskmanagers: [
    {
      id: taskManagerId,
      path: taskManagerId,
      dataPort: 0,
      jmxPort: -1,
      timeSinceLastHeartbeat: 0,
      slotsNumber: facts.slots,
      freeSlots: freeSlots(facts),
      blocked: false,
    },
  ],
});

/** Slots in which no task is. Jobs share slots, so several jobs may be in one. */
function freeSlots({ jobs, slots }: ClusterFacts): number {
  const subtasks = jobs.flatMap((job) => job.vertices.flatMap((vertex) => vertex.subtasks));
  const taken = new Set(
    subtasks.flatMap(({ state, slot }) => (slot !== null && (state === "RUNNING" || state === "INITIALIZING") ? [slot] : [])),
  );
  return Math.max(0, slots - taken.size);
}
