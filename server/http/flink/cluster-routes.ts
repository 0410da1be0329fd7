import type { Route } from "../route.ts";
import { boolean, integer, listOf, number, record, text } from "../schema.ts";
import type { HttpContext } from "../http-session.ts";
import { type ClusterFacts, configOf, overviewOf, taskManagerOf, taskManagersOf } from "./cluster.ts";
import { allJobs, notFound } from "./facts.ts";

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

const taskManagerSchema = record({
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
  metrics: record({ heapUsed: integer, heapCommitted: integer, nonHeapUsed: integer }),
  allocatedSlots: listOf(record({ index: integer, jobName: text })),
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
    answer: record({ taskmanagers: listOf(taskManagerSchema) }),
    handle: (c, context) => c.json(taskManagersOf(facts(context))),
  },
  {
    method: "get",
    path: "/taskmanagers/:tmid",
    tag: "flink",
    doc: "A TaskManager with the slots that jobs hold",
    answer: taskManagerSchema,
    handle: (c, { engine }) => {
      const id = c.req.param("tmid") ?? "";
      const found = engine.taskManagers().find((taskManager) => taskManager.id === id);
      return found === undefined ? notFound(c, `TaskManager ${id}`) : c.json(taskManagerOf(found));
    },
  },
];
