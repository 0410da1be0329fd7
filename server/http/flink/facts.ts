import type { Context } from "hono";
import type { CheckpointInfo, JobFault, JobInfo, SubtaskInfo, TaskManagerInfo, VertexInfo } from "../../../runtime/contract/control.ts";
import type { JobShape, VertexShape } from "../../../runtime/contract/job-shape.ts";
import type { HttpContext } from "../http-session.ts";

/** A job, live or archived. */
export interface JobFacts {
  readonly info: JobInfo;
  readonly shape: JobShape;
  readonly checkpoints: readonly CheckpointInfo[];
  readonly exceptions: readonly JobFault[];
}

export interface VertexFacts {
  readonly job: JobFacts;
  readonly vertex: VertexInfo;
  readonly shape: VertexShape;
  readonly taskManagers: readonly TaskManagerInfo[];
}

/** Live jobs, then those of the archive that were dropped since. */
export function allJobs({ engine }: HttpContext): readonly JobInfo[] {
  const live = engine.jobs();
  const ids = new Set(live.map(({ id }) => id));
  return [...live, ...engine.archive().flatMap(({ info }) => (ids.has(info.id) ? [] : [info]))];
}

export function findJob({ engine }: HttpContext, id: string): JobFacts | null {
  const info = engine.jobs().find((job) => job.id === id);
  if (info === undefined) return engine.archive().find((job) => job.info.id === id) ?? null;
  const { name } = info;
  return { info, shape: engine.shape(name), checkpoints: engine.checkpoints(name), exceptions: engine.exceptions(name) };
}

export const nowOf = ({ world }: HttpContext): number => world.clock.now_ms();

type Answer = Response | Promise<Response>;

/** A handler of one job by its id. */
export const ofJob =
  (answer: (job: JobFacts, c: Context, context: HttpContext) => object) =>
  (c: Context, context: HttpContext): Response => {
    const job = findJob(context, c.req.param("jid") ?? "");
    return job === null ? jobNotFound(c) : c.json(answer(job, c, context));
  };

/** A handler that acts on a live job. */
export const onJob =
  (act: (job: JobInfo, c: Context, context: HttpContext) => Answer) =>
  (c: Context, context: HttpContext): Answer => {
    const job = context.engine.jobs().find(({ id }) => id === c.req.param("jid"));
    return job === undefined ? jobNotFound(c) : act(job, c, context);
  };

export const ofVertex =
  (answer: (facts: VertexFacts, c: Context, context: HttpContext) => object) =>
  (c: Context, context: HttpContext): Response => {
    const facts = vertexFacts(c, context);
    return facts === null ? notFound(c, `vertex ${c.req.param("vid") ?? ""}`) : c.json(answer(facts, c, context));
  };

/** A handler of one subtask of a vertex. */
export const ofSubtask =
  (answer: (facts: VertexFacts, subtask: SubtaskInfo, c: Context, context: HttpContext) => object) =>
  (c: Context, context: HttpContext): Response => {
    const facts = vertexFacts(c, context);
    const subtask = facts?.vertex.subtasks.find((candidate) => String(candidate.subtask) === c.req.param("subtask"));
    const [jid = "", vid = "", index = ""] = ["jid", "vid", "subtask"].map((name) => c.req.param(name));
    if (facts === null || subtask === undefined) return notFound(c, `subtask ${index} of vertex ${vid} of job ${jid}`);
    return c.json(answer(facts, subtask, c, context));
  };

/** Of the vertex that the path names; null: there is none. */
export function vertexFacts(c: Context, context: HttpContext): VertexFacts | null {
  const job = findJob(context, c.req.param("jid") ?? "");
  const id = c.req.param("vid") ?? "";
  const vertex = job?.info.vertices.find((candidate) => candidate.id === id);
  const shape = job?.shape.vertices.find((candidate) => candidate.id === id);
  if (job === null || vertex === undefined || shape === undefined) return null;
  return { job, vertex, shape, taskManagers: context.engine.taskManagers() };
}

export const notFound = (c: Context, what: string): Response => c.json({ errors: [`${what} not found`] }, 404);

const jobNotFound = (c: Context): Response => notFound(c, `job ${c.req.param("jid") ?? ""}`);
