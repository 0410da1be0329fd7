import type { JobInfo } from "../../../runtime/contract/control.ts";
import { waitingText } from "../../serving/system-tables.ts";

/** JSON has no bigint: watermarks become ISO text, null while there is none. */
export const plainJob = (job: JobInfo): object => ({
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
