import type { Context } from "hono";
import type { Statement } from "../../../planner/front/statement.ts";
import type { JobInfo } from "../../../runtime/contract/control.ts";
import { SqlError } from "../../../runtime/contract/errors.ts";
import { isJobStatement } from "../../statements/create-job.ts";
import type { Notice } from "../../session/execution.ts";
import type { HttpContext } from "../http-session.ts";
import type { Route } from "../route.ts";
import { jobInSql, runSql, runStatements } from "../run-sql.ts";
import { listOf, open, record, text } from "../schema.ts";
import { plainJob } from "./plain-job.ts";

const submitted = record({ name: text, id: text, state: text, notices: listOf(text) });
const job = open({ id: { type: "string" }, name: text, state: text });

/** Streaming jobs by name. */
export const jobsByName: readonly Route[] = [
  {
    method: "get",
    path: "/v1/jobs",
    tag: "jobs",
    doc: "All jobs: state, vertices, subtasks, watermarks, counters",
    answer: record({ jobs: listOf(job) }),
    handle: (c, { engine }) => c.json({ jobs: engine.jobs().map(plainJob) }),
  },
  {
    method: "post",
    path: "/v1/jobs",
    tag: "jobs",
    doc: "Runs a text that makes a job: CREATE STREAMING JOB or CREATE MATERIALIZED VIEW, perhaps after its sources. The same statement sent again finds its job",
    body: { contentType: "application/json", schema: record({ sql: text }) },
    status: 201,
    answer: submitted,
    handle: submit,
  },
  {
    method: "get",
    path: "/v1/jobs/:name",
    tag: "jobs",
    doc: "One job, with its checkpoints and exceptions",
    answer: job,
    handle: (c, { engine }) => {
      const { name } = named(c, engine.jobs());
      const info = engine.job(name) as JobInfo;
      return c.json({ ...plainJob(info), checkpoints: engine.checkpoints(name), exceptions: engine.exceptions(name) });
    },
  },
  {
    method: "get",
    path: "/v1/jobs/:name/plan",
    tag: "jobs",
    doc: "The job's graph: vertices, their operators, how rows travel",
    answer: open({}),
    handle: (c, { engine }) => c.json(engine.shape(named(c, engine.jobs()).name)),
  },
  {
    method: "delete",
    path: "/v1/jobs/:name",
    tag: "jobs",
    doc: "Drops the job with its state and result",
    answer: record({ name: text }),
    handle: (c, context) => act(c, context, (name) => runSql(context, `DROP ${jobInSql(context, name)}`)),
  },
  action("pause", "Stops the job after a checkpoint", (name, context) => runSql(context, `ALTER ${jobInSql(context, name)} PAUSE`)),
  action("resume", "Runs a paused or failed job on", (name, context) => runSql(context, `ALTER ${jobInSql(context, name)} RESUME`)),
  action("cancel", "Cancels the job; its result stays readable", (name, { engine }) => engine.cancel(name)),
  action("checkpoint", "Takes a checkpoint now", (name, { engine }) => engine.checkpoint(name)),
  {
    method: "get",
    path: "/v1/archive",
    tag: "jobs",
    doc: "Jobs that have ended, with plan, exceptions and checkpoints, newest first",
    answer: record({ jobs: listOf(open({})) }),
    handle: (c, { engine }) =>
      c.json({
        jobs: engine
          .archive()
          .toReversed()
          .map((archived) => ({ ...archived, info: plainJob(archived.info) })),
      }),
  },
];

function action(verb: string, doc: string, work: (name: string, context: HttpContext) => Promise<unknown>): Route {
  return {
    method: "post",
    path: `/v1/jobs/:name/${verb}`,
    tag: "jobs",
    doc,
    answer: record({ name: text }),
    handle: (c, context) => act(c, context, (name) => work(name, context)),
  };
}

async function act(c: Context, context: HttpContext, work: (name: string) => Promise<unknown>): Promise<Response> {
  const { name } = named(c, context.engine.jobs());
  await work(name);
  return c.json({ name });
}

function named(c: Context, jobs: readonly JobInfo[]): JobInfo {
  const name = c.req.param("name") ?? "";
  const found = jobs.find((candidate) => candidate.name === name);
  if (found === undefined) throw new SqlError({ sqlState: "42P01", message: `streaming job "${name}" does not exist` });
  return found;
}

/**
 * A statement that was sent before, word for word, is the same submission: the answer is its job. So a client that heard nothing
 * may send it again.
 */
async function submit(c: Context, context: HttpContext): Promise<Response> {
  const statements = context.executor.parse(textOf(await c.req.json().catch(() => null)));
  const last = statements.findLast(isJobStatement);
  if (last === undefined) throw new SqlError({ sqlState: "22023", message: "the text makes no streaming job" });
  const news = statements.filter((statement) => !isMade(statement, context));
  try {
    const notices = await runStatements(context, news);
    return answer(c, context, last.name.name, news.length === 0 ? 200 : 201, notices);
  } catch (error) {
    // The same statement may have come by another way meanwhile.
    if (isMade(last, context)) return answer(c, context, last.name.name, 200, []);
    throw error;
  }
}

/** A job that another statement is just making is not made yet: this one waits for it. */
function isMade(statement: Statement, { objectOf, engine }: HttpContext): boolean {
  if (!("name" in statement) || typeof statement.name !== "object" || statement.name === null) return false;
  const { name } = statement.name;
  if (objectOf(name)?.definition !== statement.text) return false;
  return !isJobStatement(statement) || engine.job(name) !== null;
}

function answer(c: Context, { engine }: HttpContext, name: string, status: 200 | 201, notices: readonly Notice[]): Response {
  const info = engine.job(name);
  return c.json({ name, id: info?.id ?? "", state: info?.state ?? "CREATED", notices: notices.map(({ message }) => message) }, status);
}

function textOf(body: unknown): string {
  if (typeof body === "object" && body !== null && "sql" in body && typeof body.sql === "string") return body.sql;
  throw new SqlError({ sqlState: "22023", message: 'the body must be JSON like {"sql": "CREATE STREAMING JOB …"}' });
}
