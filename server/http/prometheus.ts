import type { JobInfo } from "../../runtime/contract/control.ts";
import { clusterMetrics, processMetrics } from "./flink/process-metrics.ts";
import type { Metrics } from "./flink/metric-queries.ts";
import { jobMetrics } from "./flink/results.ts";
import { subtaskMetrics } from "./flink/subtask-metrics.ts";
import type { HttpContext } from "./http-session.ts";

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

interface Family {
  readonly name: string;
  readonly kind: "counter" | "gauge";
  readonly doc: string;
  readonly samples: readonly Sample[];
}

/** GET /metrics: Prometheus' text format, under the names that Flink's reporter gives, so that boards for Flink work. */
export function metricsText({ engine, usage, world }: HttpContext): string {
  const jobs = engine.jobs();
  const taskManagers = engine.taskManagers();
  const now_ms = world.clock.now_ms();
  const running = jobs.filter((job) => job.state === "RUNNING").length;
  const families = [
    ...gauges("flink_jobmanager_", [{ labels: {}, metrics: { ...clusterMetrics(taskManagers, running), ...processMetrics(usage()) } }]),
    ...gauges(
      "flink_taskmanager_",
      taskManagers.map((taskManager) => ({
        labels: { host: taskManager.host, tm_id: taskManager.id },
        metrics: processMetrics(taskManager.usage),
      })),
    ),
    ...gauges(
      "flink_jobmanager_job_",
      jobs.map((info) => ({ labels: jobLabels(info), metrics: jobMetrics({ info, checkpoints: engine.checkpoints(info.name) }, now_ms) })),
    ),
    ...taskFamilies(jobs, now_ms),
    ...operatorFamilies(jobs),
  ];
  return families.map(print).join("");
}

interface Labelled {
  readonly labels: Readonly<Record<string, string>>;
  readonly metrics: Metrics;
}

/** One family for each name that any of them has. */
function gauges(prefix: string, each: readonly Labelled[], counters: ReadonlySet<string> = new Set()): readonly Family[] {
  const names = [...new Set(each.flatMap(({ metrics }) => Object.keys(metrics)))];
  return names.map((name) => ({
    name: `${prefix}${name.replaceAll(/\W/g, "_")}`,
    kind: counters.has(name) ? "counter" : "gauge",
    doc: docs[name] ?? name,
    samples: each.flatMap(({ labels, metrics }) => (metrics[name] === undefined ? [] : [{ labels, value: metrics[name] }])),
  }));
}

const jobLabels = (job: JobInfo): Readonly<Record<string, string>> => ({ job_id: job.id, job_name: job.name });

const counted: ReadonlySet<string> = new Set(["numRecordsIn", "numRecordsOut", "numBytesIn", "numBytesOut", "numBuffersOut"]);

const docs: Readonly<Record<string, string>> = {
  numRunningJobs: "Jobs that run.",
  numRegisteredTaskManagers: "TaskManagers that live.",
  taskSlotsTotal: "Slots of all TaskManagers.",
  taskSlotsAvailable: "Slots in which no task is.",
  numRestarts: "Restarts of the job.",
  lastCompletedCheckpointId: "The newest checkpoint that is complete.",
  lastCheckpointSize: "Its size in bytes.",
  lastCheckpointDuration: "Its time from the trigger to the commit, in ms.",
  lastCheckpointCompletedTimestamp: "When it was complete, in ms.",
  numRecordsIn: "Rows that the task has read.",
  numRecordsOut: "Rows that the task has sent.",
  numBytesIn: "Bytes of the rows that came from other tasks.",
  numBytesOut: "Bytes of the rows that went to other tasks.",
  busyTimeMsPerSecond: "Time at work.",
  idleTimeMsPerSecond: "Time with nothing to do.",
  backPressuredTimeMsPerSecond: "Time waiting for readers.",
  currentInputWatermark: "Its watermark, in ms since the epoch.",
};

const taskFamilies = (jobs: readonly JobInfo[], now_ms: number): readonly Family[] =>
  gauges(
    "flink_taskmanager_job_task_",
    jobs.flatMap((job) =>
      job.vertices.flatMap((vertex) =>
        vertex.subtasks.map((subtask) => ({
          labels: { ...jobLabels(job), task_id: vertex.id, task_name: vertex.name, subtask_index: String(subtask.subtask) },
          metrics: subtaskMetrics(subtask, now_ms, job.lastCheckpoint),
        })),
      ),
    ),
    counted,
  );

function operatorFamilies(jobs: readonly JobInfo[]): readonly Family[] {
  const names = [...new Set(jobs.flatMap((job) => Object.keys(job.counters)))].sort();
  return names.map((name) => ({
    name: `flink_taskmanager_job_operator_${name}`,
    kind: "counter",
    doc: "Sum over the job's operators.",
    samples: jobs.flatMap((job) => (job.counters[name] === undefined ? [] : [{ labels: jobLabels(job), value: job.counters[name] }])),
  }));
}

function print({ name, kind, doc, samples }: Family): string {
  const lines = samples.map(({ labels, value }) => {
    const list = Object.entries(labels).map(([key, text]) => `${key}="${escaped(text)}"`);
    return `${name}${list.length === 0 ? "" : `{${list.join(",")}}`} ${value}\n`;
  });
  return `# HELP ${name} ${doc}\n# TYPE ${name} ${kind}\n${lines.join("")}`;
}

const escaped = (text: string): string => text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
