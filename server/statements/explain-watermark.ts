import type { JobInfo, VertexInfo } from "../../runtime/contract/control.ts";
import { timestamp } from "../../runtime/contract/types.ts";
import type { Value } from "../../runtime/contract/value.ts";
import { columns, count, type Handler, rowsOutcome, staticColumns } from "./context.ts";

const watermarkColumns = columns("vertex", count("rows_in"), ["watermark", timestamp], count("lag_ms"), "reason");
const jobKinds = ["streamingJob", "materializedView"] as const;

/** EXPLAIN WATERMARK j: how far event time is at each vertex of a job, and what holds it back: why a result may still be empty. */
export const explainWatermark: Handler<"explainWatermark"> = {
  describe: staticColumns(watermarkColumns),
  async execute(statement, context) {
    const { name } = context.catalog.require(statement.job, jobKinds);
    const job = context.engine.jobs().find((info) => info.name === name);
    const rows = job === undefined ? [] : watermarkRows(job, context.world.clock.now_ms());
    return rowsOutcome(watermarkColumns, rows, () => "EXPLAIN");
  },
};

/** In the order of the job graph. */
export function watermarkRows(job: JobInfo, now_ms: number): readonly (readonly Value[])[] {
  const vertices = new Map(job.vertices.map((vertex) => [vertex.id, vertex]));
  return job.vertices.map((vertex) => {
    const least_us = leastOf(vertex);
    const lag_ms = isTime(least_us) ? BigInt(Math.round(now_ms)) - least_us / 1_000n : null;
    const inputs = vertex.inputs.flatMap((id) => vertices.get(id) ?? []);
    return [vertex.name, BigInt(rowsIn(vertex)), isTime(least_us) ? least_us : null, lag_ms, reasonOf(vertex, least_us, inputs)];
  });
}

function reasonOf(vertex: VertexInfo, least_us: bigint | null, inputs: readonly VertexInfo[]): string {
  if (isEnd(least_us)) return "the input has ended: nothing is waited for";
  if (inputs.length > 0) return heldBackBy(inputs);
  if (rowsIn(vertex) === 0) return "no row has come yet";
  if (!isTime(least_us) && vertex.subtasks.some((s) => isTime(s.watermark_us))) return silentSubtasks(vertex);
  if (!isTime(least_us)) return "its rows have no event time: operators downstream do not wait for a watermark of it";
  const behind = vertex.subtasks.filter(({ watermark_us }) => watermark_us === least_us).map(({ subtask }) => subtask);
  const whose = behind.length < vertex.subtasks.length ? ` of subtask ${behind.join(", ")}` : "";
  return `the latest event time${whose} less its delay: a later row moves it on, or the source option idle_timeout when none comes`;
}

function silentSubtasks({ subtasks }: VertexInfo): string {
  const silent = subtasks.filter((s) => !isTime(s.watermark_us) && !isEnd(s.watermark_us)).map(({ subtask }) => subtask);
  return `subtask ${silent.join(", ")} has had no row yet, which holds the others back until it has or is idle (idle_timeout)`;
}

/** The inputs whose watermark is the least hold it back; those that have ended hold nothing back. */
function heldBackBy(inputs: readonly VertexInfo[]): string {
  const open = inputs.filter((input) => !isEnd(leastOf(input)));
  const silent = open.filter((input) => !isTime(leastOf(input)));
  if (silent.length > 0) return `waits for a first watermark of ${namesOf(silent)}`;
  const least_us = open.map((input) => leastOf(input) as bigint).reduce((a, b) => (b < a ? b : a), 2n ** 63n);
  return `as far as ${namesOf(open.filter((input) => leastOf(input) === least_us))}`;
}

const namesOf = (vertices: readonly VertexInfo[]): string => vertices.map(({ name }) => `"${name}"`).join(", ");

const rowsIn = ({ subtasks }: VertexInfo): number => subtasks.reduce((sum, { recordsIn }) => sum + recordsIn, 0);

/** null when a subtask has none. */
function leastOf({ subtasks }: VertexInfo): bigint | null {
  let least: bigint | null = null;
  for (const { watermark_us } of subtasks) {
    if (watermark_us === null) return null;
    if (least === null || watermark_us < least) least = watermark_us;
  }
  return least;
}

/** Below and above what event times can be: before the first watermark, and behind the last. */
const isTime = (watermark_us: bigint | null): watermark_us is bigint =>
  watermark_us !== null && watermark_us > -(2n ** 62n) && watermark_us < 2n ** 62n;
const isEnd = (watermark_us: bigint | null): boolean => watermark_us !== null && watermark_us >= 2n ** 62n;
