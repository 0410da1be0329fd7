import type { Context } from "hono";
import type { TaskManagerInfo } from "../../../runtime/contract/control.ts";
import type { Route } from "../route.ts";
import { boolean, integer, listOf, nullable, number, record, text } from "../schema.ts";
import type { HttpContext } from "../http-session.ts";
import { type ClusterFacts, configOf, memoryPools, overviewOf, taskManagerDetailOf, taskManagersOf } from "./cluster.ts";
import { allJobs, notFound } from "./facts.ts";
import {
  aggregatedMetrics,
  aggregatedMetricsSchema,
  aggregatedQuery,
  metricListSchema,
  metricsAnswer,
  selected,
} from "./metric-queries.ts";
import { processMetrics } from "./process-metrics.ts";

const facts = (context: HttpContext): ClusterFacts => ({
  jobs: allJobs(context),
  taskManagers: context.engine.taskManagers(),
  version: context.version,
});

const resourceSchema = record({
  cpuCores: number,
  taskHeapMemory: integer,
  taskOffHeapMemory: integer,
  managedMemory: integer,
  networkMemory: integer,
});

const taskManagerProperties = {
  id: text,
  path: text,
  dataPort: integer,
  jmxPort: integer,
  timeSinceLastHeartbeat: integer,
  slotsNumber: integer,
  freeSlots: integer,
  blocked: boolean,
  totalResource: resourceSchema,
  freeResource: resourceSchema,
  hardware: record({ cpuCores: integer, physicalMemory: integer, freeMemory: integer, managedMemory: integer }),
  memoryConfiguration: record(Object.fromEntries(memoryPools.map((name) => [name, nullable(integer)]))),
} as const;

const memoryFigures = [
  "heapUsed",
  "heapCommitted",
  "heapMax",
  "nonHeapUsed",
  "nonHeapCommitted",
  "nonHeapMax",
  "directCount",
  "directUsed",
  "directMax",
  "mappedCount",
  "mappedUsed",
  "mappedMax",
  "memorySegmentsAvailable",
  "memorySegmentsTotal",
  ...["Available", "Used", "Total"].flatMap((of) => [`nettyShuffleMemorySegments${of}`, `nettyShuffleMemory${of}`]),
];

const taskManagerDetailSchema = record({
  ...taskManagerProperties,
  metrics: record({
    ...Object.fromEntries(memoryFigures.map((name) => [name, integer])),
    garbageCollectors: listOf(record({ name: text, count: integer, time: integer })),
  }),
  allocatedSlots: listOf(record({ index: integer, jobId: text, jobName: text, resource: resourceSchema })),
});

/** The server as a Flink cluster. */
export const clusterRoutes: readonly Route[] = [
  {
    method: "get",
    path: "/config",
    tag: "flink",
    doc: "What Flink's dashboard asks first",
    answer: record({
      "refresh-interval": integer,
      "timezone-name": text,
      "timezone-offset": integer,
      "flink-version": text,
      "flink-revision": text,
      features: record({ "web-submit": boolean, "web-cancel": boolean, "web-rescale": boolean, "web-history": boolean }),
    }),
    handle: (c, context) => c.json(configOf(facts(context))),
  },
  {
    method: "get",
    path: "/overview",
    tag: "flink",
    doc: "TaskManagers, slots, jobs by state",
    answer: record({
      taskmanagers: integer,
      "slots-total": integer,
      "slots-available": integer,
      "slots-free-and-blocked": integer,
      "taskmanagers-blocked": integer,
      "jobs-running": integer,
      "jobs-finished": integer,
      "jobs-cancelled": integer,
      "jobs-failed": integer,
      "flink-version": text,
      "flink-commit": text,
    }),
    handle: (c, context) => c.json(overviewOf(facts(context))),
  },
  {
    method: "get",
    path: "/taskmanagers",
    tag: "flink",
    doc: "TaskManagers with their slots",
    answer: record({ taskmanagers: listOf(record(taskManagerProperties)) }),
    handle: (c, context) => c.json(taskManagersOf(facts(context))),
  },
  {
    method: "get",
    path: "/taskmanagers/metrics",
    tag: "flink",
    doc: "Names of the TaskManagers' metrics, or aggregates of those asked for over the TaskManagers",
    query: { ...aggregatedQuery, taskmanagers: "ids, with commas between; all by default" },
    answer: aggregatedMetricsSchema,
    handle: (c, { engine }) => {
      const wanted = selected(engine.taskManagers(), ({ id }) => id, c.req.query("taskmanagers"));
      return c.json(
        aggregatedMetrics(
          wanted.map(({ usage }) => processMetrics(usage)),
          c,
        ),
      );
    },
  },
  {
    method: "get",
    path: "/taskmanagers/:tmid",
    tag: "flink",
    doc: "A TaskManager with its memory and the slots that jobs hold",
    answer: taskManagerDetailSchema,
    handle: ofTaskManager((found, c, context) => c.json(taskManagerDetailOf(found, allJobs(context)))),
  },
  {
    method: "get",
    path: "/taskmanagers/:tmid/metrics",
    tag: "flink",
    doc: "Names of the TaskManager's metrics, or the values of those asked for",
    query: { get: "names, with commas between" },
    answer: metricListSchema,
    handle: ofTaskManager(({ usage }, c) => c.json(metricsAnswer(processMetrics(usage), c.req.query("get")))),
  },
];

function ofTaskManager(answer: (found: TaskManagerInfo, c: Context, context: HttpContext) => Response): Route["handle"] {
  return (c, context) => {
    const id = c.req.param("tmid") ?? "";
    const found = context.engine.taskManagers().find((taskManager) => taskManager.id === id);
    return found === undefined ? notFound(c, `TaskManager ${id}`) : answer(found, c, context);
  };
}
