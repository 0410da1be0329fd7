import type { Context } from "hono";
import type { Options, Statement } from "../../../planner/front/statement.ts";
import { SqlError } from "../../../runtime/contract/errors.ts";
import { isJobStatement, type JobStatement } from "../../statements/create-job.ts";
import type { HttpContext } from "../http-session.ts";
import type { Route } from "../route.ts";
import { runStatements } from "../run-sql.ts";
import { anything, boolean, integer, listOf, mapOf, record, text, words } from "../schema.ts";
import { type Body, bodyOf, flagOf, textOf } from "./body.ts";
import { notFound } from "./facts.ts";
import { planSchema, previewOf } from "./plan.ts";

const runBody = record(
  {
    entryClass: text,
    programArgs: text,
    programArgsList: listOf(text),
    parallelism: integer,
    jobId: text,
    allowNonRestoredState: boolean,
    savepointPath: text,
    claimMode: text,
    restoreMode: text,
    flinkConfiguration: mapOf(text),
  },
  [
    "entryClass",
    "programArgs",
    "programArgsList",
    "parallelism",
    "jobId",
    "allowNonRestoredState",
    "savepointPath",
    "claimMode",
    "restoreMode",
    "flinkConfiguration",
  ],
);

/** SQL scripts in the place of Flink's jars: upload, look at the plan, run. */
export const scriptRoutes: readonly Route[] = [
  {
    method: "get",
    path: "/jars",
    tag: "flink",
    doc: "Uploaded SQL scripts, newest first",
    answer: record({
      address: text,
      files: listOf(record({ id: text, name: text, uploaded: integer, entry: listOf(record({ name: text, description: anything })) })),
    }),
    handle: (c, { scripts }) =>
      c.json({
        address: new URL(c.req.url).origin,
        files: scripts.list().map(({ id, name, uploaded_ms }) => ({
          id,
          name,
          uploaded: Math.round(uploaded_ms),
          entry: [{ name: "sql", description: null }],
        })),
      }),
  },
  {
    method: "post",
    path: "/jars/upload",
    tag: "flink",
    doc: "Uploads a SQL script, as the form's file `jarfile`",
    body: { contentType: "multipart/form-data", schema: record({ jarfile: text }) },
    answer: record({ filename: text, status: words("success") }),
    handle: async (c, context) => {
      const file = Object.values(await c.req.parseBody()).find((part) => part instanceof File);
      if (file === undefined) throw new SqlError({ sqlState: "22023", message: "the form holds no file" });
      const sql = await file.text();
      context.executor.parse(sql);
      return c.json({ filename: context.scripts.add(file.name, sql), status: "success" });
    },
  },
  {
    method: "delete",
    path: "/jars/:script",
    tag: "flink",
    doc: "Deletes an uploaded script",
    answer: record({}),
    handle: (c, { scripts }) => (scripts.remove(c.req.param("script") ?? "") ? c.json({}) : scriptNotFound(c)),
  },
  planRoute("get"),
  planRoute("post"),
  {
    method: "post",
    path: "/jars/:script/run",
    tag: "flink",
    doc: "Runs a script's statements; the answer names the last job that it makes",
    body: { contentType: "application/json", optional: true, schema: runBody },
    answer: record({ jobid: text }),
    handle: async (c, context) => {
      const script = scriptOf(c, context);
      if (script === null) return scriptNotFound(c);
      const options = optionsOf(await bodyOf(c));
      const statements = script.map((statement) => (isJobStatement(statement) ? withOptions(statement, options) : statement));
      const job = lastJob(statements);
      await runStatements(context, statements);
      return c.json({ jobid: context.engine.job(job.name.name)?.id ?? "" });
    },
  },
];

/** What the script's last job will look like. Its sources must be there: nothing is made. */
function planRoute(method: "get" | "post"): Route {
  return {
    method,
    path: "/jars/:script/plan",
    tag: "flink",
    doc: "The plan of a script's last job; what it reads must exist",
    answer: record({ plan: planSchema }),
    handle: async (c, context) => {
      const script = scriptOf(c, context);
      if (script === null) return scriptNotFound(c);
      const job = lastJob(script);
      return c.json({ plan: previewOf(job.name.name, await context.plannedShape(job)) });
    },
  };
}

function lastJob(statements: readonly Statement[]): JobStatement {
  const job = statements.findLast(isJobStatement);
  if (job === undefined) throw new SqlError({ sqlState: "22023", message: "the script makes no streaming job" });
  return job;
}

function scriptOf(c: Context, { scripts, executor }: HttpContext): readonly Statement[] | null {
  const sql = scripts.read(c.req.param("script") ?? "");
  return sql === null ? null : executor.parse(sql);
}

const scriptNotFound = (c: Context): Response => notFound(c, `script ${c.req.param("script") ?? ""}`);

/** What Flink's body says, as options of the job. */
function optionsOf(body: Body): ReadonlyMap<string, string> {
  const options = new Map<string, string>();
  const { parallelism } = body;
  if (parallelism !== undefined && parallelism !== null) options.set("parallelism", String(Number(parallelism)));
  const savepoint = textOf(body, "savepointPath");
  if (savepoint !== null) options.set("from_savepoint", savepoint);
  if (flagOf(body, "allowNonRestoredState")) options.set("allow_non_restored_state", "on");
  return options;
}

function withOptions(statement: JobStatement, added: ReadonlyMap<string, string>): JobStatement {
  const options: Options = new Map([
    ...statement.options,
    ...[...added].map(([name, value]) => [name, { value, at: statement.name.at }] as const),
  ]);
  return { ...statement, options };
}
