import { join } from "node:path";
import { quoteName, quoteText } from "../../../runtime/contract/quote.ts";
import type { JobInfo } from "../../../runtime/contract/control.ts";
import { SqlError } from "../../../runtime/contract/errors.ts";
import { listSavepoints } from "../../../runtime/savepoint/list.ts";
import type { HttpContext } from "../http-session.ts";
import type { Route } from "../route.ts";
import { runSql } from "../run-sql.ts";
import { boolean, record, text } from "../schema.ts";
import { type Body, bodyOf, flagOf, textOf } from "./body.ts";
import { onJob } from "./facts.ts";
import { operationSchema, poll, requestIdSchema, trigger } from "./operations.ts";

const savepointBody = record({ "target-directory": text, "cancel-job": boolean, formatType: text, triggerId: text }, [
  "target-directory",
  "cancel-job",
  "formatType",
  "triggerId",
]);

const stopBody = record({ targetDirectory: text, drain: boolean, formatType: text, triggerId: text }, [
  "targetDirectory",
  "drain",
  "formatType",
  "triggerId",
]);

const checkpointBody = record({ checkpointType: text, triggerId: text }, ["checkpointType", "triggerId"]);

/** Checkpoints and savepoints on demand: each is triggered, and asked after by its request id. */
export const savepointRoutes: readonly Route[] = [
  {
    method: "post",
    path: "/jobs/:jid/checkpoints",
    tag: "flink",
    doc: "Triggers a checkpoint",
    body: { contentType: "application/json", optional: true, schema: checkpointBody },
    status: 202,
    answer: requestIdSchema,
    handle: onJob(async (job, c, context) => {
      const body = await bodyOf(c);
      return trigger(c, context, body["triggerId"], async () => ({ checkpointId: await context.engine.checkpoint(job.name) }));
    }),
  },
  polled("/jobs/:jid/checkpoints/:trigger", "How a triggered checkpoint went"),
  {
    method: "post",
    path: "/jobs/:jid/savepoints",
    tag: "flink",
    doc: "Triggers a savepoint, and cancels the job after it if `cancel-job` says so",
    body: { contentType: "application/json", optional: true, schema: savepointBody },
    status: 202,
    answer: requestIdSchema,
    handle: onJob(async (job, c, context) => {
      const body = await bodyOf(c);
      const cancels = flagOf(body, "cancel-job");
      const directory = textOf(body, "target-directory");
      return trigger(c, context, body["triggerId"], async (id) => {
        const location = await takeSavepoint(context, job, id, directory, cancels ? "STOP" : "CREATE");
        if (cancels) await runSql(context, `CANCEL STREAMING JOB ${quoteName(job.name)}`);
        return { location };
      });
    }),
  },
  polled("/jobs/:jid/savepoints/:trigger", "How a triggered savepoint went, and where it lies"),
  {
    method: "post",
    path: "/jobs/:jid/stop",
    tag: "flink",
    doc: "Stops the job with a savepoint; `drain` first ends its input, which fires every window",
    body: { contentType: "application/json", optional: true, schema: stopBody },
    status: 202,
    answer: requestIdSchema,
    handle: onJob(async (job, c, context) => {
      const body = await bodyOf(c);
      const directory = textOf(body, "targetDirectory");
      const how = flagOf(body, "drain") ? "DRAIN" : "STOP";
      return trigger(c, context, body["triggerId"], async (id) => ({ location: await takeSavepoint(context, job, id, directory, how) }));
    }),
  },
  {
    method: "post",
    path: "/savepoint-disposal",
    tag: "flink",
    doc: "Deletes a savepoint",
    body: { contentType: "application/json", schema: record({ "savepoint-path": text }) },
    status: 202,
    answer: requestIdSchema,
    handle: async (c, context) => {
      const body: Body = await bodyOf(c);
      const path = textOf(body, "savepoint-path") ?? "";
      return trigger(c, context, body["triggerId"], async () => {
        const found = (await listSavepoints(context.store)).find((savepoint) => savepoint.path === path || savepoint.name === path);
        if (found === undefined) throw new SqlError({ sqlState: "42704", message: `savepoint "${path}" does not exist` });
        await runSql(context, `DROP SAVEPOINT ${quoteName(found.name)}`);
        return {};
      });
    },
  },
  polled("/savepoint-disposal/:trigger", "How a savepoint's deletion went"),
];

function polled(path: string, doc: string): Route {
  return { method: "get", path, tag: "flink", doc, answer: operationSchema, handle: poll };
}

const create = (job: string, savepoint: string, to: string): string => `CREATE SAVEPOINT ${savepoint} FOR STREAMING JOB ${job}${to}`;

const statements = {
  CREATE: (job: string, savepoint: string, to: string) => [create(job, savepoint, to)],
  STOP: (job: string, savepoint: string, to: string) => [`STOP STREAMING JOB ${job} WITH SAVEPOINT ${savepoint}${to}`],
  // A job that has drained is FINISHED: its savepoint is what it ended with.
  DRAIN: (job: string, savepoint: string, to: string) => [`STOP STREAMING JOB ${job} WITH DRAIN`, create(job, savepoint, to)],
} as const;

/** Where the savepoint lies. Its name tells job and request: Flink's clients give a directory, not a name. */
async function takeSavepoint(
  context: HttpContext,
  job: JobInfo,
  id: string,
  directory: string | null,
  how: keyof typeof statements,
): Promise<string> {
  const name = `${job.name}-${id.slice(0, 12)}`;
  const to = directory === null ? "" : ` TO ${quoteText(join(directory.replace(/^file:\/*(?=\/)/, ""), `${name}.duckdb`))}`;
  for (const sql of statements[how](quoteName(job.name), quoteName(name), to)) await runSql(context, sql);
  const taken = (await listSavepoints(context.store)).find((savepoint) => savepoint.name === name);
  return taken?.path ?? name;
}
