import type { JobInfo, JobState } from "../../../runtime/contract/control.ts";
import { boolean, integer, type JsonSchema, listOf, mapOf, record, text, words } from "../schema.ts";
import type { JobFacts } from "./facts.ts";
import { planOf, planSchema } from "./plan.ts";
import { aggregateState, countStates, flinkState, taskStates, timesOf } from "./states.ts";
import { ioMetrics, ioMetricsSchema } from "./io-metrics.ts";
import { timesOfSubtasks } from "./subtask-times.ts";

const jobStates = [
  "INITIALIZING",
  "CREATED",
  "RUNNING",
  "FAILING",
  "FAILED",
  "CANCELLING",
  "CANCELED",
  "FINISHED",
  "RESTARTING",
  "SUSPENDED",
  "RECONCILING",
] as const satisfies readonly JobState[];

export const statusSchema = words(...jobStates);
export const taskStateSchema = words(...taskStates);
export const timesSchema = { "start-time": integer, "end-time": integer, duration: integer } as const;
const perTaskState = (name: (state: string) => string): Readonly<Record<string, JsonSchema>> =>
  Object.fromEntries(taskStates.map((state) => [name(state), integer]));
export const taskCountsSchema = record(perTaskState((state) => state));

export const jobIdsSchema = record({ jobs: listOf(record({ id: text, status: statusSchema })) });

export const jobIds = (jobs: readonly JobInfo[]): object => ({
  jobs: jobs.map(({ id, state }) => ({ id, status: flinkState(state) })),
});

export const jobsOverviewSchema = record({
  jobs: listOf(
    record({
      jid: text,
      name: text,
      ...timesSchema,
      state: statusSchema,
      "last-modification": integer,
      "pending-operators": integer,
      tasks: record({ total: integer, ...perTaskState((state) => state.toLowerCase()) }),
    }),
  ),
});

export const jobsOverview = (jobs: readonly JobInfo[], now_ms: number): object => ({ jobs: jobs.map((job) => jobOverview(job, now_ms)) });

function jobOverview(job: JobInfo, now_ms: number): object {
  const subtasks = job.vertices.flatMap((vertex) => vertex.subtasks);
  const counts = Object.entries(countStates(subtasks)).map(([state, n]) => [state.toLowerCase(), n]);
  const times = timesOf(job, now_ms);
  return {
    jid: job.id,
    name: job.name,
    ...times,
    state: flinkState(job.state),
    "last-modification": times["end-time"] < 0 ? times["start-time"] : times["end-time"],
    "pending-operators": 0,
    tasks: { total: subtasks.length, ...Object.fromEntries(counts) },
  };
}

export const jobDetailSchema = record({
  jid: text,
  name: text,
  isStoppable: boolean,
  state: statusSchema,
  ...timesSchema,
  maxParallelism: integer,
  now: integer,
  timestamps: record(Object.fromEntries(jobStates.map((state) => [state, integer]))),
  vertices: listOf(
    record({
      id: text,
      name: text,
      maxParallelism: integer,
      parallelism: integer,
      status: taskStateSchema,
      ...timesSchema,
      tasks: taskCountsSchema,
      metrics: ioMetricsSchema,
    }),
  ),
  "status-counts": mapOf(integer),
  plan: planSchema,
});

export function jobDetail({ info, shape }: JobFacts, now_ms: number): object {
  const states = info.vertices.map((vertex) => aggregateState(countStates(vertex.subtasks), vertex.parallelism));
  return {
    jid: info.id,
    name: info.name,
    isStoppable: info.state === "RUNNING",
    state: flinkState(info.state),
    ...timesOf(info, now_ms),
    maxParallelism: shape.maxParallelism,
    now: Math.round(now_ms),
    timestamps: timestampsOf(info),
    vertices: info.vertices.map((vertex, i) => ({
      id: vertex.id,
      name: vertex.name,
      maxParallelism: shape.maxParallelism,
      parallelism: vertex.parallelism,
      status: states[i],
      ...timesOfSubtasks(vertex.subtasks, now_ms),
      tasks: countStates(vertex.subtasks),
      metrics: ioMetrics(vertex.subtasks, now_ms),
    })),
    "status-counts": tally(states),
    plan: planOf(info, shape),
  };
}

/** When the job came into each state, 0 for those that it has not been in; of the past only what is kept is told. */
function timestampsOf(info: JobInfo): Readonly<Record<string, number>> {
  const known: Partial<Record<JobState, number | null>> = {
    INITIALIZING: info.created_ms,
    CREATED: info.created_ms,
    RUNNING: info.started_ms,
    ...(info.ended_ms === null ? {} : { [flinkState(info.state)]: info.ended_ms }),
  };
  return Object.fromEntries(jobStates.map((state) => [state, Math.round(known[state] ?? 0)]));
}

function tally(states: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const state of states) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

export const exceptionsSchema = record({
  exceptionHistory: record({
    entries: listOf(
      record(
        {
          exceptionName: text,
          stacktrace: text,
          timestamp: integer,
          taskName: text,
          failureLabels: mapOf(text),
          concurrentExceptions: listOf(record({})),
        },
        ["taskName"],
      ),
    ),
    truncated: boolean,
  }),
});

/** Newest first. */
export function exceptionsOf({ exceptions }: JobFacts, entries_max: number): object {
  const newest = exceptions.toReversed();
  return {
    exceptionHistory: {
      entries: newest.slice(0, entries_max).map((fault) => ({
        exceptionName: fault.sqlState,
        stacktrace: fault.message,
        timestamp: Math.round(fault.at_ms),
        ...(fault.task === null ? {} : { taskName: fault.task }),
        failureLabels: { domain: fault.domain },
        concurrentExceptions: [],
      })),
      truncated: newest.length > entries_max,
    },
  };
}

export const resourceRequirementsSchema = mapOf(record({ parallelism: record({ lowerBound: integer, upperBound: integer }) }));

export const resourceRequirementsOf = ({ shape }: JobFacts): object =>
  Object.fromEntries(shape.vertices.map(({ id, parallelism }) => [id, { parallelism: { lowerBound: 1, upperBound: parallelism } }]));
