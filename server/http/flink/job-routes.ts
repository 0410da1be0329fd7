import type { Context } from "hono";
import { SqlError } from "../../../runtime/contract/errors.ts";
import type { Route } from "../route.ts";
import { jobInSql, runSql } from "../run-sql.ts";
import { anything, boolean, integer, listOf, mapOf, record, text } from "../schema.ts";
import { type Body, bodyOf } from "./body.ts";
import { allJobs, nowOf, ofJob, onJob } from "./facts.ts";
import {
  exceptionsOf,
  exceptionsSchema,
  jobDetail,
  jobDetailSchema,
  jobIds,
  jobIdsSchema,
  jobsOverview,
  jobsOverviewSchema,
  resourceRequirementsOf,
  resourceRequirementsSchema,
  statusSchema,
} from "./jobs.ts";
import { planOf, planSchema } from "./plan.ts";
import { executionResult, executionResultSchema, jobMetrics } from "./results.ts";
import { flinkState } from "./states.ts";
import {
  aggregatedMetrics,
  aggregatedMetricsSchema,
  aggregatedQuery,
  metricListSchema,
  metricsAnswer,
  selected,
} from "./metric-queries.ts";

const entries_max = 16;

/** Jobs and what is known of each, ended and dropped ones too. */
export const jobRoutes: readonly Route[] = [
  {
    method: "get",
    path: "/jobs",
    tag: "flink",
    doc: "Ids and states",
    answer: jobIdsSchema,
    handle: (c, context) => c.json(jobIds(allJobs(context))),
  },
  {
    method: "get",
    path: "/jobs/overview",
    tag: "flink",
    doc: "Every job with its tasks per state",
    answer: jobsOverviewSchema,
    handle: (c, context) => c.json(jobsOverview(allJobs(context), nowOf(context))),
  },
  {
    method: "get",
    path: "/jobs/metrics",
    tag: "flink",
    doc: "Names of the jobs' metrics, or aggregates of those asked for over the jobs",
    query: { ...aggregatedQuery, jobs: "ids, with commas between; all by default" },
    answer: aggregatedMetricsSchema,
    handle: (c, context) => {
      const jobs = selected(context.engine.jobs(), ({ id }) => id, c.req.query("jobs"));
      const metrics = jobs.map((info) => jobMetrics({ info, checkpoints: context.engine.checkpoints(info.name) }, nowOf(context)));
      return c.json(aggregatedMetrics(metrics, c));
    },
  },
  {
    method: "get",
    path: "/jobs/:jid",
    tag: "flink",
    doc: "A job with its vertices and plan",
    answer: jobDetailSchema,
    handle: ofJob((job, _, context) => jobDetail(job, nowOf(context))),
  },
  {
    method: "patch",
    path: "/jobs/:jid",
    tag: "flink",
    doc: "Cancels the job",
    query: { mode: "`cancel`, which is also the default" },
    status: 202,
    answer: record({}),
    handle: onJob(async (job, c, { engine }) => {
      if ((c.req.query("mode") ?? "cancel") !== "cancel") return c.json({ errors: ["mode must be cancel"] }, 400);
      await engine.cancel(job.name);
      return c.json({}, 202);
    }),
  },
  {
    method: "get",
    path: "/jobs/:jid/yarn-cancel",
    tag: "flink",
    doc: "Cancels the job: what Flink's dashboard asks, as proxies in front of it may pass nothing but GET",
    status: 202,
    answer: record({}),
    handle: onJob(async (job, c, { engine }) => {
      // A GET carries no Origin: what a page of another site makes a browser ask is told by this.
      if (!["same-origin", "none", undefined].includes(c.req.header("sec-fetch-site")))
        return c.json({ errors: ["requests of other sites are refused"] }, 403);
      await engine.cancel(job.name);
      return c.json({}, 202);
    }),
  },
  {
    method: "get",
    path: "/jobs/:jid/status",
    tag: "flink",
    doc: "The job's state",
    answer: record({ status: statusSchema }),
    handle: ofJob(({ info }) => ({ status: flinkState(info.state) })),
  },
  {
    method: "get",
    path: "/jobs/:jid/plan",
    tag: "flink",
    doc: "The plan as Flink's dashboard draws it",
    answer: record({ plan: planSchema }),
    handle: ofJob(({ info, shape }) => ({ plan: planOf(info, shape) })),
  },
  {
    method: "get",
    path: "/jobs/:jid/config",
    tag: "flink",
    doc: "Restart strategy and parallelism",
    answer: record({
      jid: text,
      name: text,
      "execution-config": record({
        "execution-mode": text,
        "restart-strategy": text,
        "job-parallelism": integer,
        "object-reuse-mode": boolean,
        "user-config": mapOf(text),
      }),
    }),
    handle: ofJob(({ info, shape }) => ({
      jid: info.id,
      name: info.name,
      "execution-config": {
        "execution-mode": "PIPELINED",
        "restart-strategy": shape.restart,
        "job-parallelism": info.parallelism,
        "object-reuse-mode": true,
        "user-config": {},
      },
    })),
  },
  {
    method: "get",
    path: "/jobs/:jid/accumulators",
    tag: "flink",
    doc: "The operators' counters, summed over the job",
    answer: record({
      "job-accumulators": listOf(anything),
      "user-task-accumulators": listOf(record({ name: text, type: text, value: text })),
      "serialized-user-task-accumulators": record({}),
    }),
    handle: ofJob(({ info }) => ({
      "job-accumulators": [],
      "user-task-accumulators": Object.entries(info.counters).map(([name, value]) => ({ name, type: "LongCounter", value: String(value) })),
      "serialized-user-task-accumulators": {},
    })),
  },
  {
    method: "get",
    path: "/jobs/:jid/metrics",
    tag: "flink",
    doc: "Names of the job's metrics, or the values of those asked for",
    query: { get: "names, with commas between" },
    answer: metricListSchema,
    handle: ofJob((job, c, context) => metricsAnswer(jobMetrics(job, nowOf(context)), c.req.query("get"))),
  },
  {
    method: "get",
    path: "/jobs/:jid/execution-result",
    tag: "flink",
    doc: "Whether the job has ended, and how",
    answer: executionResultSchema,
    handle: ofJob(({ info }, _, context) => executionResult(info, nowOf(context))),
  },
  {
    method: "get",
    path: "/jobs/:jid/exceptions",
    tag: "flink",
    doc: "Faults, newest first",
    query: { maxExceptions: `how many; ${entries_max} unless said` },
    answer: exceptionsSchema,
    handle: ofJob((job, c) => exceptionsOf(job, maxOf(c))),
  },
  {
    method: "get",
    path: "/jobs/:jid/resource-requirements",
    tag: "flink",
    doc: "The parallelism of each vertex",
    answer: resourceRequirementsSchema,
    handle: ofJob(resourceRequirementsOf),
  },
  {
    method: "put",
    path: "/jobs/:jid/resource-requirements",
    tag: "flink",
    doc: "Rescales the job: the greatest upper bound becomes its parallelism",
    body: { contentType: "application/json", schema: resourceRequirementsSchema },
    answer: record({}),
    handle: onJob(async (job, c, context) => {
      const parallelism = wantedParallelism(await bodyOf(c));
      await runSql(context, `ALTER ${jobInSql(context, job.name)} SET (parallelism = ${parallelism})`);
      return c.json({});
    }),
  },
];

const maxOf = (c: Context): number => {
  const asked = Number(c.req.query("maxExceptions"));
  return Number.isInteger(asked) && asked > 0 ? asked : entries_max;
};

function wantedParallelism(body: Body): number {
  const bounds = Object.values(body).map(
    (vertex) => (vertex as { parallelism?: { upperBound?: unknown } } | null)?.parallelism?.upperBound,
  );
  if (bounds.length > 0 && bounds.every((bound): bound is number => typeof bound === "number" && Number.isInteger(bound) && bound > 0))
    return Math.max(...bounds);
  throw new SqlError({
    sqlState: "22023",
    message: 'the body must be like {"<vertex>": {"parallelism": {"lowerBound": 1, "upperBound": 2}}}',
  });
}
