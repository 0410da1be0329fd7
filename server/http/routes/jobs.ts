import type { Context } from "hono";
import type { JobInfo } from "../../../runtime/contract/control.ts";
import { waitingText } from "../../serving/system-tables.ts";
import type { HttpContext } from "../http-session.ts";

/** GET /v1/jobs and GET /v1/jobs/:name. */
export const listJobs = (c: Context, { engine }: HttpContext): Response => c.json({ jobs: engine.jobs().map(plain) });

export function getJob(c: Context, { engine }: HttpContext): Response {
  const name = c.req.param("name") ?? "";
  const job = engine.job(name);
  if (job === null) return c.json({ error: { code: "42P01", message: `streaming job "${name}" does not exist` } }, 404);
  return c.json({ ...plain(job), checkpoints: engine.checkpoints(name), exceptions: engine.exceptions(name) });
}

/** JSON has no bigint: watermarks become ISO text, null while there is none. */
const plain = (job: JobInfo): object => ({
  ...job,
  waiting: waitingText(job.waitsFor),
  vertices: job.vertices.map((vertex) => ({
    ...vertex,
    subtasks: vertex.subtasks.map(({ watermark_us, ...subtask }) => ({ ...subtask, watermark: isoTime(watermark_us) })),
  })),
});

const date_ms_max = 8.64e15;

function isoTime(watermark_us: bigint | null): string | null {
  if (watermark_us === null) return null;
  const ms = Number(watermark_us) / 1000;
  return Math.abs(ms) <= date_ms_max ? new Date(ms).toISOString() : ms > 0 ? "infinity" : null;
}
