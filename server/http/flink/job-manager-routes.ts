import type { Route } from "../route.ts";
import { listOf, record, text } from "../schema.ts";
import { metricListSchema, metricsAnswer } from "./metric-queries.ts";
import { clusterMetrics, processMetrics } from "./process-metrics.ts";

/** The server's process: what Flink's dashboard calls the Job Manager. */
export const jobManagerRoutes: readonly Route[] = [
  {
    method: "get",
    path: "/jobmanager/config",
    tag: "flink",
    doc: "How the server is set up; secrets are not told",
    answer: listOf(record({ key: text, value: text })),
    handle: (c, { settings }) => c.json([...settings].map(([key, value]) => ({ key, value }))),
  },
  {
    method: "get",
    path: "/jobmanager/environment",
    tag: "flink",
    doc: "What runs it: Node.js in the place of Flink's JVM",
    answer: record({ jvm: record({ version: text, arch: text, options: listOf(text) }), classpath: listOf(text) }),
    handle: (c) =>
      c.json({
        jvm: { version: `Node.js ${process.version} (V8 ${process.versions.v8})`, arch: process.arch, options: process.execArgv },
        classpath: process.argv.slice(1, 2),
      }),
  },
  {
    method: "get",
    path: "/jobmanager/metrics",
    tag: "flink",
    doc: "Names of the server's metrics, or the values of those asked for",
    query: { get: "names, with commas between" },
    answer: metricListSchema,
    handle: (c, { engine, usage }) => {
      const running = engine.jobs().filter(({ state }) => state === "RUNNING").length;
      const metrics = { ...clusterMetrics(engine.taskManagers(), running), ...processMetrics(usage()) };
      return c.json(metricsAnswer(metrics, c.req.query("get")));
    },
  },
];
