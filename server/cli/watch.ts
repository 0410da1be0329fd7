import { quoteText } from "../../runtime/contract/quote.ts";
import { ask } from "./print-answer.ts";

const interval_ms = 1_000;

/** States in which nothing more will happen by itself. */
const resting: ReadonlySet<string> = new Set(["FINISHED", "FAILED", "CANCELED", "PAUSED"]);

interface Progress {
  readonly state: string;
  readonly restarts: number;
  readonly waiting: string | null;
  readonly error: string | null;
  readonly records_in: number;
  readonly checkpoint: number | null;
  readonly watermark: string | null;
}

/**
 * `millrace jobs watch JOB`: a line a second (on a terminal, one line that changes) until the job rests: state, rows read and
 * their rate, watermark, last checkpoint. The exit code is 0 unless the job failed.
 */
export async function watch(url: string, words: readonly string[], json: boolean): Promise<number> {
  const [job, ...more] = words;
  if (job === undefined || more.length > 0) throw new Error("usage: millrace jobs watch JOB");
  let last: { readonly at_ms: number; readonly records: number } | null = null;
  for (;;) {
    const progress = await progressOf(url, job);
    if (progress === null) throw new Error(`there is no job "${job}"`);
    const at_ms = performance.now();
    const records = Number(progress.records_in);
    const rate = last === null ? null : Math.max(0, Math.round(((records - last.records) * 1_000) / (at_ms - last.at_ms)));
    last = { at_ms, records };
    say(json ? JSON.stringify({ ...progress, records_per_second: rate }) : lineOf(progress, rate), json || resting.has(progress.state));
    if (resting.has(progress.state)) return progress.state === "FAILED" ? 1 : 0;
    await new Promise((resolve) => setTimeout(resolve, interval_ms));
  }
}

async function progressOf(url: string, job: string): Promise<Progress | null> {
  const name = quoteText(job);
  const answer = await ask(
    url,
    `SELECT j.state, j.restarts, j.waiting, j.error,
       (SELECT coalesce(sum(value), 0)::BIGINT FROM millrace.metrics WHERE job = ${name} AND metric = 'numRecordsIn') AS records_in,
       (SELECT max(id) FROM millrace.checkpoints WHERE job = ${name} AND status = 'COMPLETED') AS checkpoint,
       (SELECT min(watermark)::TEXT FROM millrace.watermarks WHERE job = ${name}) AS watermark
     FROM millrace.jobs j WHERE j.name = ${name}`,
  );
  return ((answer.rows ?? [])[0] as Progress | undefined) ?? null;
}

function lineOf(progress: Progress, rate: number | null): string {
  const parts = [
    progress.state,
    `${Number(progress.records_in).toLocaleString("en")} rows read${rate === null ? "" : `, ${rate.toLocaleString("en")}/s`}`,
    ...(progress.watermark === null ? [] : [`watermark ${progress.watermark}`]),
    ...(progress.checkpoint === null ? [] : [`checkpoint ${progress.checkpoint}`]),
    ...(Number(progress.restarts) === 0 ? [] : [`${progress.restarts} restarts`]),
    ...(progress.waiting === null ? [] : [progress.waiting]),
    ...(progress.error === null ? [] : [progress.error]),
  ];
  return parts.join(" · ");
}

/** On a terminal a line replaces the one before it, unless it is to stay. */
function say(line: string, stays: boolean): void {
  const { columns } = process.stdout;
  if (process.stdout.isTTY) process.stdout.write(`\r\u001b[K${stays ? `${line}\n` : line.slice(0, columns - 1)}`);
  else process.stdout.write(`${line}\n`);
}
