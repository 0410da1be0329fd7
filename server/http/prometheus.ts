import type { JobInfo } from "../../runtime/contract/control.ts";
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
export function metricsText({ engine }: HttpContext): string {
  const jobs = engine.jobs();
  const slots = engine.taskManagers().flatMap((taskManager) => taskManager.slots);
  const families = [
    gauge("flink_jobmanager_numRunningJobs", "Jobs that run.", [
      { labels: {}, value: jobs.filter((job) => job.state === "RUNNING").length },
    ]),
    gauge("flink_jobmanager_numRegisteredTaskManagers", "TaskManagers that live.", [{ labels: {}, value: engine.taskManagers().length }]),
    gauge("flink_jobmanager_taskSlotsTotal", "Slots of all TaskManagers.", [{ labels: {}, value: slots.length }]),
    gauge("flink_jobmanager_taskSlotsAvailable", "Slots in which no task is.", [
      { labels: {}, value: slots.filter(({ state }) => state === "free").length },
    ]),
    gauge(
      "flink_jobmanager_job_numRestarts",
      "Restarts of the job.",
      jobs.map((job) => ({ labels: jobLabels(job), value: job.restarts })),
    ),
    ...checkpointFamilies(jobs),
    ...taskFamilies(jobs),
    ...operatorFamilies(jobs),
  ];
  return families
    .filter((family) => family.samples.length > 0)
    .map(print)
    .join("");
}

const gauge = (name: string, doc: string, samples: readonly Sample[]): Family => ({ name, kind: "gauge", doc, samples });

const jobLabels = (job: JobInfo): Readonly<Record<string, string>> => ({ job_id: job.id, job_name: job.name });

function checkpointFamilies(jobs: readonly JobInfo[]): readonly Family[] {
  const completed = jobs.flatMap((job) => (job.lastCheckpoint === null ? [] : [{ job, last: job.lastCheckpoint }]));
  const of = (name: string, doc: string, read: (last: NonNullable<JobInfo["lastCheckpoint"]>) => number): Family =>
    gauge(
      `flink_jobmanager_job_${name}`,
      doc,
      completed.map(({ job, last }) => ({ labels: jobLabels(job), value: read(last) })),
    );
  return [
    of("lastCompletedCheckpointId", "The newest checkpoint that is complete.", (last) => last.id),
    of("lastCheckpointSize", "Its size in bytes.", (last) => last.bytes),
    of("lastCheckpointDuration", "Its time from the trigger to the commit, in ms.", (last) =>
      Math.round((last.completed_ms ?? last.triggered_ms) - last.triggered_ms),
    ),
    of("lastCheckpointCompletedTimestamp", "When it was complete, in ms.", (last) => Math.round(last.completed_ms ?? 0)),
  ];
}

function taskFamilies(jobs: readonly JobInfo[]): readonly Family[] {
  const subtasks = jobs.flatMap((job) =>
    job.vertices.flatMap((vertex) =>
      vertex.subtasks.map((subtask) => ({
        subtask,
        labels: { ...jobLabels(job), task_id: vertex.id, task_name: vertex.name, subtask_index: String(subtask.subtask) },
      })),
    ),
  );
  const of = (
    name: string,
    kind: Family["kind"],
    doc: string,
    read: (s: (typeof subtasks)[number]["subtask"]) => number | null,
  ): Family => ({
    name: `flink_taskmanager_job_task_${name}`,
    kind,
    doc,
    samples: subtasks.flatMap(({ subtask, labels }) => {
      const value = read(subtask);
      return value === null ? [] : [{ labels, value }];
    }),
  });
  return [
    of("numRecordsIn", "counter", "Rows that the task has read.", (s) => s.recordsIn),
    of("numRecordsOut", "counter", "Rows that the task has sent.", (s) => s.recordsOut),
    of("busyTimeMsPerSecond", "gauge", "Time at work.", (s) => Math.round(s.busy_ratio * 1_000)),
    of("backPressuredTimeMsPerSecond", "gauge", "Time waiting for readers.", (s) => Math.round(s.backpressured_ratio * 1_000)),
    of("currentInputWatermark", "gauge", "Its watermark, in ms since the epoch.", (s) =>
      s.watermark_us === null ? null : Number(s.watermark_us / 1_000n),
    ),
  ];
}

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
