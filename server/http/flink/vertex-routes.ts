import type { Route } from "../route.ts";
import { anything, listOf, record, text } from "../schema.ts";
import { nowOf, ofVertex } from "./facts.ts";
import {
  backpressureOf,
  backpressureSchema,
  metricListSchema,
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
    handle: ofVertex((facts, c) => vertexMetrics(facts, c.req.query("get"))),
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
