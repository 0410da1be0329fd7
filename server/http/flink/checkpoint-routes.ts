import type { Context } from "hono";
import type { CheckpointInfo } from "../../../runtime/contract/checkpoints.ts";
import type { HttpContext } from "../http-session.ts";
import type { Route } from "../route.ts";
import { checkpointConfigSchema, checkpointDetailSchema, checkpointsSchema, checkpointSubtasksSchema } from "./checkpoint-schemas.ts";
import { checkpointConfigOf, checkpointDetailOf, checkpointsOf, subtasksOf } from "./checkpoints.ts";
import { findJob, notFound, nowOf, ofJob } from "./facts.ts";

/** What is known of a job's checkpoints. */
export const checkpointRoutes: readonly Route[] = [
  {
    method: "get",
    path: "/jobs/:jid/checkpoints",
    tag: "flink",
    doc: "Counts, summary, the latest, and the history, newest first",
    answer: checkpointsSchema,
    handle: ofJob(({ info, checkpoints }, _, context) => checkpointsOf(info, checkpoints, nowOf(context))),
  },
  {
    method: "get",
    path: "/jobs/:jid/checkpoints/config",
    tag: "flink",
    doc: "The job's settings of checkpoints",
    answer: checkpointConfigSchema,
    handle: ofJob(({ info }) => checkpointConfigOf(info.checkpointing)),
  },
  {
    method: "get",
    path: "/jobs/:jid/checkpoints/details/:cid",
    tag: "flink",
    doc: "A checkpoint with its figures per vertex",
    answer: checkpointDetailSchema,
    handle: ofCheckpoint((checkpoint, _, context) => checkpointDetailOf(checkpoint, nowOf(context))),
  },
  {
    method: "get",
    path: "/jobs/:jid/checkpoints/details/:cid/subtasks/:vid",
    tag: "flink",
    doc: "A vertex's durations, delays and sizes in a checkpoint, per subtask",
    answer: checkpointSubtasksSchema,
    handle: ofCheckpoint((checkpoint, c, context) => subtasksOf(checkpoint, c.req.param("vid") ?? "", nowOf(context))),
  },
];

/** `answer` is null for what the checkpoint does not have. */
function ofCheckpoint(answer: (checkpoint: CheckpointInfo, c: Context, context: HttpContext) => object | null): Route["handle"] {
  return (c, context) => {
    const job = findJob(context, c.req.param("jid") ?? "");
    const checkpoint = job?.checkpoints.find(({ id }) => String(id) === c.req.param("cid"));
    const found = checkpoint === undefined ? null : answer(checkpoint, c, context);
    return found === null ? notFound(c, `checkpoint ${c.req.path.split("/details/")[1] ?? ""}`) : c.json(found);
  };
}
