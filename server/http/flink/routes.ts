import type { Context, Hono } from "hono";
import type { JobInfo, VertexInfo } from "../../../runtime/contract/control.ts";
import type { HttpContext } from "../http-session.ts";
import { checkpointsOf } from "./checkpoints.ts";
import { type ClusterFacts, configOf, overviewOf, taskManagersOf } from "./cluster.ts";
import { backpressureOf, exceptionsOf, jobDetail, jobIds, jobsOverview, vertexDetail, watermarksOf } from "./jobs.ts";
import { flinkState } from "./states.ts";

const entries_max = 16;

/** Flink's monitoring interface, on its paths and with its keys (Flink's "REST API" page), so that tools made for it see jobs here. */
export function addFlinkRoutes(app: Hono, context: HttpContext): void {
  const { engine } = context;
  const now_ms = (): number => context.world.clock.now_ms();
  const facts = (): ClusterFacts => ({ jobs: engine.jobs(), slots: context.slots, version: context.version });
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
  app.get("/config", (c) => c.json(configOf(facts())));
  app.get("/overview", (c) => c.json(overviewOf(facts())));
  app.get("/taskmanagers", (c) => c.json(taskManagersOf(facts())));
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
    ofJob((job) => checkpointsOf(engine.checkpoints(job.name))),
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
