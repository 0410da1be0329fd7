import { describe, expect, it } from "vitest";
import type { JobInfo, SubtaskInfo, TaskManagerInfo } from "../../../runtime/contract/control.ts";
import type { JobShape } from "../../../runtime/contract/job-shape.ts";
import { configOf, overviewOf, taskManagerDetailOf, taskManagersOf } from "./cluster.ts";
import type { JobFacts, VertexFacts } from "./facts.ts";
import { exceptionsOf, jobDetail, jobIds, jobsOverview, resourceRequirementsOf } from "./jobs.ts";
import { processMetrics } from "./process-metrics.ts";
import { threadInfo } from "./process-routes.ts";
import { executionResult, jobMetrics } from "./results.ts";
import { subtaskMetrics } from "./subtask-metrics.ts";
import { backpressureOf, subtaskTimes, vertexDetail, vertexMetrics, vertexTaskManagers, watermarksOf } from "./vertices.ts";

/* Flink's payloads for one running and one failed job, kept as files: a key that changes is seen. */

const now_ms = 60_000;

const subtask = (vertexId: string, index: number, state: SubtaskInfo["state"]): SubtaskInfo => ({
  vertexId,
  subtask: index,
  attempt: 2,
  state,
  slot: state === "CREATED" ? null : index,
  recordsIn: 100 * index,
  recordsOut: 10 + index,
  bytesIn: 4_096 * index,
  bytesOut: 1_024,
  framesOut: 3,
  rates: { recordsIn: 12.5 * index, recordsOut: 0.5, bytesIn: 512 * index, bytesOut: 16 },
  watermark_us: index === 0 ? null : 1_700_000_000_000_000n,
  busy_ratio: 0.25,
  backpressured_ratio: 0.5 * index,
  busy_ms: 10_000,
  backpressured_ms: 2_000 * index,
  entered_ms: {
    SCHEDULED: 2_000,
    DEPLOYING: 2_500,
    INITIALIZING: 2_600,
    RUNNING: 3_000,
    ...(state === "FINISHED" ? { FINISHED: 50_000 } : {}),
  },
});

const info: JobInfo = {
  id: "0123456789abcdef0123456789abcdef",
  name: "per_minute",
  state: "RUNNING",
  created_ms: 1_000,
  started_ms: 2_000,
  ended_ms: null,
  restarts: 1,
  parallelism: 2,
  autoscale: null,
  rescales: [],
  waitsFor: null,
  fault: null,
  lastCheckpoint: null,
  checkpointing: {
    interval_ms: 1_000,
    timeout_ms: 600_000,
    minPause_ms: 0,
    maxConcurrent: 1,
    tolerableFailures: 3,
    retained: 2,
    unaligned: false,
    alignedTimeout_ms: 0,
  },
  lastRestore: null,
  restores: 0,
  vertices: [
    { id: "source-1", name: "Source bids", parallelism: 1, inputs: [], subtasks: [subtask("source-1", 0, "FINISHED")] },
    {
      id: "agg-1",
      name: "WindowAggregate -> Sink",
      parallelism: 2,
      inputs: ["source-1"],
      subtasks: [subtask("agg-1", 0, "RUNNING"), subtask("agg-1", 1, "RUNNING")],
    },
  ],
  counters: { numLateRecordsDropped: 3 },
};

const shape: JobShape = {
  maxParallelism: 128,
  restart: "exponential-delay",
  vertices: [
    { id: "source-1", name: "Source bids", parallelism: 1, operators: [{ uid: "source", name: "Source bids" }], inputs: [] },
    {
      id: "agg-1",
      name: "WindowAggregate -> Sink",
      parallelism: 2,
      operators: [{ uid: "agg", name: "WindowAggregate" }],
      inputs: [{ from: "source-1", ship: "hash" }],
    },
  ],
};

const fault = { message: "disk full", domain: "external", sqlState: "53100", task: "WindowAggregate (2/2)", at_ms: 30_000 } as const;
const job: JobFacts = { info, shape, checkpoints: [], exceptions: [{ ...fault, task: null, at_ms: 20_000 }, fault] };
const failed: JobInfo = { ...info, id: "f".repeat(32), state: "FAILED", ended_ms: 40_000, fault };

const taskManager: TaskManagerInfo = {
  id: "tm-1",
  host: "10.0.0.2",
  pid: 4_711,
  dataPort: 7_436,
  version: "0.0.0",
  cpuCores: 2,
  memory_bytes: 8_000_000_000,
  registered_ms: 1_000,
  lastHeartbeat_ms: 250,
  usage: {
    heapUsed_bytes: 50_000_000,
    heapTotal_bytes: 80_000_000,
    heapLimit_bytes: 2_000_000_000,
    external_bytes: 7_000_000,
    resident_bytes: 200_000_000,
    collections: [{ name: "scavenge", count: 12, time_ms: 34 }],
  },
  slots: [
    { slot: 0, state: "allocated", jobs: ["per_minute"], tasks: 2 },
    { slot: 1, state: "free", jobs: [], tasks: 0 },
  ],
};

const facts = { jobs: [info, failed], taskManagers: [taskManager], version: "0.0.0" };
const vertex: VertexFacts = {
  job,
  taskManagers: [taskManager],
  vertex: info.vertices[1] as VertexFacts["vertex"],
  shape: shape.vertices[1] as VertexFacts["shape"],
};

describe("Flink's pages of jobs and cluster", () => {
  it.each([
    ["config", () => configOf(facts)],
    ["overview", () => overviewOf(facts)],
    ["taskmanagers", () => taskManagersOf(facts)],
    ["taskmanager", () => taskManagerDetailOf(taskManager, facts.jobs)],
    ["taskmanager-metrics", () => processMetrics(taskManager.usage)],
    ["thread-dump", () => threadInfo({ name: "slot-0", state: "running", frames: ["hot (task.js:1)", "turn (mailbox.js:2)"] })],
    ["jobs", () => jobIds(facts.jobs)],
    ["jobs-overview", () => jobsOverview(facts.jobs, now_ms)],
    ["job", () => jobDetail(job, now_ms)],
    ["job-exceptions", () => exceptionsOf(job, 1)],
    ["job-execution-result", () => [executionResult(info, now_ms), executionResult(failed, now_ms)]],
    ["job-metrics", () => jobMetrics(job, now_ms)],
    ["job-resource-requirements", () => resourceRequirementsOf(job)],
    ["vertex", () => vertexDetail(vertex, now_ms)],
    ["vertex-backpressure", () => backpressureOf(vertex.vertex, now_ms)],
    ["vertex-metrics", () => vertexMetrics(vertex, "1.numRecordsIn,1.busyTimeMsPerSecond,1.unknown", now_ms)],
    ["vertex-subtask-metrics", () => subtaskMetrics(subtask("agg-1", 1, "RUNNING"), now_ms)],
    ["vertex-subtasktimes", () => subtaskTimes(vertex, now_ms)],
    ["vertex-taskmanagers", () => vertexTaskManagers(vertex, now_ms)],
    ["vertex-watermarks", () => watermarksOf(vertex.vertex)],
  ])("give %s with Flink's keys", (name, answer) =>
    expect(`${JSON.stringify(answer(), null, 2)}\n`).toMatchFileSnapshot(`goldens/${name}.json`),
  );
});
