import type { Context, Hono } from "hono";
import type { CheckpointInfo, JobInfo, VertexInfo } from "../../../runtime/contract/control.ts";
import type { HttpContext } from "../http-session.ts";
import { checkpointConfigOf, checkpointDetailOf, checkpointsOf, subtasksOf } from "./checkpoints.ts";
import { type ClusterFacts, configOf, overviewOf, taskManagerOf, taskManagersOf } from "./cluster.ts";
import { backpressureOf, exceptionsOf, jobDetail, jobIds, jobsOverview, vertexDetail, watermarksOf } from "./jobs.ts";
import { flinkState } from "./states.ts";

const entries_max = 16;

/** Flink's monitoring interface, on its paths and with its keys (Flink's "REST API" page), so that tools made for it see jobs here. */
export function addFlinkRoutes(app: Hono, context: HttpContext): void {
  const { engine } = context;
  const now_ms = (): number => context.world.clock.now_ms();
  const facts = (): ClusterFacts => ({ jobs: engine.jobs(), taskManagers: engine.taskManagers(), version: context.version });
  const ofJob = (answer: (job: JobInfo, c: Context) => unknown) => (c: Context) => {
    const id = c.req.param("jid") ?? "";
    const job = engine.jobs().find((candidate) => candidate.id === id);
    return job === undefined ? notFound(c, `job ${id}`) : c.json(answer(job, c) as object);
  };
  const ofVertex = (answer: (vertex: VertexInfo, job: JobInfo) => unknown) => (c: Context) => {
    const job = engine.jobs().find((candidate) => candidate.id === c.req.param("jid"));
    const vertex = job?.vertices.find((candidate) => candidate.id === c.req.param("vid"));
    if (job === undefined || vertex === undefined) return notFound(c, `vertex ${c.req.param("vid") ?? ""}`);
    return c.json(answer(vertex, job) as object);
  };
  /** Answers with null for what the checkpoint does not have. */
  const ofCheckpoint = (answer: (checkpoint: CheckpointInfo, c: Context) => object | null) => (c: Context) => {
    const job = engine.jobs().find((candidate) => candidate.id === c.req.param("jid"));
    const checkpoint = job === undefined ? undefined : engine.checkpoints(job.name).find(({ id }) => String(id) === c.req.param("cid"));
    const found = checkpoint === undefined ? null : answer(checkpoint, c);
    return found === null ? notFound(c, `checkpoint ${c.req.path.split("/details/")[1] ?? ""}`) : c.json(found);
  };
  app.get("/config", (c) => c.json(configOf(facts())));
  app.get("/overview", (c) => c.json(overviewOf(facts())));
  app.get("/taskmanagers", (c) => c.json(taskManagersOf(facts())));
  app.get("/taskmanagers/:tmid", (c) => {
    const id = c.req.param("tmid");
    const found = engine.taskManagers().find((taskManager) => taskManager.id === id);
    return found === undefined ? notFound(c, `TaskManager ${id}`) : c.json(taskManagerOf(found));
  });
  app.get("/jobs", (c) => c.json(jobIds(engine.jobs())));
  app.get("/jobs/overview", (c) => c.json(jobsOverview(engine.jobs(), now_ms())));
  app.get(
    "/jobs/:jid",
    ofJob((job) => jobDetail(job, now_ms())),
  );
  app.get(
    "/jobs/:jid/status",
    ofJob((job) => ({ status: flinkState(job.state) })),
  );
  app.get(
    "/jobs/:jid/checkpoints",
    ofJob((job) => checkpointsOf(job, engine.checkpoints(job.name), now_ms())),
  );
  app.get(
    "/jobs/:jid/checkpoints/config",
    ofJob((job) => checkpointConfigOf(job.checkpointing)),
  );
  app.get(
    "/jobs/:jid/checkpoints/details/:cid",
    ofCheckpoint((checkpoint) => checkpointDetailOf(checkpoint, now_ms())),
  );
  app.get(
    "/jobs/:jid/checkpoints/details/:cid/subtasks/:vid",
    ofCheckpoint((checkpoint, c) => subtasksOf(checkpoint, c.req.param("vid") ?? "", now_ms())),
  );
  app.get(
    "/jobs/:jid/exceptions",
    ofJob((job, c) => exceptionsOf(engine.exceptions(job.name), maxOf(c))),
  );
  app.get(
    "/jobs/:jid/vertices/:vid",
    ofVertex((vertex, job) => vertexDetail(vertex, job, now_ms())),
  );
  app.get("/jobs/:jid/vertices/:vid/watermarks", ofVertex(watermarksOf));
  app.get(
    "/jobs/:jid/vertices/:vid/backpressure",
    ofVertex((vertex) => backpressureOf(vertex, now_ms())),
  );
  app.patch("/jobs/:jid", async (c) => {
    const job = engine.jobs().find((candidate) => candidate.id === c.req.param("jid"));
    if (job === undefined) return notFound(c, `job ${c.req.param("jid")}`);
    if ((c.req.query("mode") ?? "cancel") !== "cancel") return c.json({ errors: ["mode must be cancel"] }, 400);
    await engine.cancel(job.name);
    return c.json({}, 202);
  });
}

const maxOf = (c: Context): number => {
  const asked = Number(c.req.query("maxExceptions"));
  return Number.isInteger(asked) && asked > 0 ? asked : entries_max;
};

const notFound = (c: Context, what: string): Response => c.json({ errors: [`${what} not found`] }, 404);
