import { SqlError } from "../../../runtime/contract/errors.ts";
import type { Route } from "../route.ts";
import { anything, integer, listOf, record, text } from "../schema.ts";
import { nowOf, ofSubtask, ofVertex } from "./facts.ts";
import { aggregatedMetrics, aggregatedMetricsSchema, aggregatedQuery, metricListSchema, metricsAnswer } from "./metric-queries.ts";
import { placeOf } from "./places.ts";
import { subtaskMetrics } from "./subtask-metrics.ts";
import {
  backpressureOf,
  backpressureSchema,
  subtaskDetail,
  subtaskSchema,
  subtaskTimes,
  subtaskTimesSchema,
  taskManagersSchema,
  vertexDetail,
  vertexMetrics,
  vertexSchema,
  vertexTaskManagers,
  watermarksOf,
} from "./vertices.ts";

/** What is known of one vertex. */
export const vertexRoutes: readonly Route[] = [
  {
    method: "get",
    path: "/jobs/:jid/vertices/:vid",
    tag: "flink",
    doc: "The vertex's subtasks",
    answer: vertexSchema,
    handle: ofVertex((facts, _, context) => vertexDetail(facts, nowOf(context))),
  },
  {
    method: "get",
    path: "/jobs/:jid/vertices/:vid/watermarks",
    tag: "flink",
    doc: "The watermark of each subtask, in milliseconds since the epoch",
    answer: metricListSchema,
    handle: ofVertex(({ vertex }) => watermarksOf(vertex)),
  },
  {
    method: "get",
    path: "/jobs/:jid/vertices/:vid/backpressure",
    tag: "flink",
    doc: "Which shares of the time the subtasks are busy, idle, backpressured",
    answer: backpressureSchema,
    handle: ofVertex(({ vertex }, _, context) => backpressureOf(vertex, nowOf(context))),
  },
  {
    method: "get",
    path: "/jobs/:jid/vertices/:vid/subtasktimes",
    tag: "flink",
    doc: "When the subtasks came into their states",
    answer: subtaskTimesSchema,
    handle: ofVertex((facts, _, context) => subtaskTimes(facts, nowOf(context))),
  },
  {
    method: "get",
    path: "/jobs/:jid/vertices/:vid/taskmanagers",
    tag: "flink",
    doc: "The subtasks by the TaskManager they run on",
    answer: taskManagersSchema,
    handle: ofVertex((facts, _, context) => vertexTaskManagers(facts, nowOf(context))),
  },
  {
    method: "get",
    path: "/jobs/:jid/vertices/:vid/metrics",
    tag: "flink",
    doc: "Names of the vertex's metrics, or the values of those asked for",
    query: { get: "names, with commas between" },
    answer: metricListSchema,
    handle: ofVertex((facts, c, context) => vertexMetrics(facts, c.req.query("get"), nowOf(context))),
  },
  {
    method: "get",
    path: "/jobs/:jid/vertices/:vid/subtasks/metrics",
    tag: "flink",
    doc: "Names of the subtasks' metrics, or aggregates of those asked for over the subtasks",
    query: { ...aggregatedQuery, subtasks: "numbers and ranges like `1-3`, with commas between; all by default" },
    answer: aggregatedMetricsSchema,
    handle: ofVertex(({ vertex, job }, c, context) => {
      const wanted = subtasksIn(c.req.query("subtasks"));
      const subtasks = vertex.subtasks.filter(({ subtask }) => wanted(subtask));
      return aggregatedMetrics(
        subtasks.map((subtask) => subtaskMetrics(subtask, nowOf(context), job.info.lastCheckpoint)),
        c,
      );
    }),
  },
  {
    method: "get",
    path: "/jobs/:jid/vertices/:vid/subtasks/accumulators",
    tag: "flink",
    doc: "None: operators count in metrics",
    answer: record({
      id: text,
      parallelism: integer,
      subtasks: listOf(record({ subtask: integer, attempt: integer, endpoint: text, "user-accumulators": listOf(anything) })),
    }),
    handle: ofVertex(({ vertex, taskManagers }) => ({
      id: vertex.id,
      parallelism: vertex.parallelism,
      subtasks: vertex.subtasks.map((subtask) => ({
        subtask: subtask.subtask,
        attempt: subtask.attempt,
        endpoint: placeOf(subtask, taskManagers).endpoint,
        "user-accumulators": [],
      })),
    })),
  },
  {
    method: "get",
    path: "/jobs/:jid/vertices/:vid/subtasks/:subtask",
    tag: "flink",
    doc: "A subtask's present attempt",
    answer: subtaskSchema,
    handle: ofSubtask(({ taskManagers }, subtask, _, context) => subtaskDetail(subtask, placeOf(subtask, taskManagers), nowOf(context))),
  },
  {
    method: "get",
    path: "/jobs/:jid/vertices/:vid/subtasks/:subtask/metrics",
    tag: "flink",
    doc: "Names of the subtask's metrics, or the values of those asked for",
    query: { get: "names, with commas between" },
    answer: metricListSchema,
    handle: ofSubtask(({ job }, subtask, c, context) =>
      metricsAnswer(subtaskMetrics(subtask, nowOf(context), job.info.lastCheckpoint), c.req.query("get")),
    ),
  },
  {
    method: "get",
    path: "/jobs/:jid/vertices/:vid/accumulators",
    tag: "flink",
    doc: "None: operators count in metrics",
    answer: record({ id: text, "user-accumulators": listOf(anything) }),
    handle: ofVertex(({ vertex }) => ({ id: vertex.id, "user-accumulators": [] })),
  },
];

/** Which subtasks `?subtasks=` names. */
function subtasksIn(ranges: string | undefined): (subtask: number) => boolean {
  if (ranges === undefined) return () => true;
  const bounds = ranges.split(",").map((range) => {
    const [, from, to = from] = /^(\d+)(?:-(\d+))?$/.exec(range) ?? [];
    if (from === undefined) throw new SqlError({ sqlState: "22023", message: `"${range}" is no range of subtasks` });
    return [Number(from), Number(to)] as const;
  });
  return (subtask) => bounds.some(([from, to]) => from <= subtask && subtask <= to);
}
