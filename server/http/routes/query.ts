import type { Context } from "hono";
import { stream } from "hono/streaming";
import { SqlError } from "../../../runtime/contract/errors.ts";
import type { QueryResult } from "../../../runtime/contract/store.ts";
import { formatType, type Schema } from "../../../runtime/contract/types.ts";
import type { Notice, Outcome } from "../../session/execution.ts";
import { withSession, type HttpContext } from "../http-session.ts";
import type { Route } from "../route.ts";
import { anything, described, listOf, open, record, text } from "../schema.ts";
import { type Json, rowObjects, uniqueNames } from "../json.ts";

/** Rows of one JSON answer; more are streamed with NDJSON. */
const json_rows_max = 100_000;

export const queryRoutes: readonly Route[] = [
  {
    method: "post",
    path: "/v1/query",
    tag: "query",
    doc: "Runs the statements of the text; answers with the last one's rows. `Accept: application/x-ndjson` streams a row a line",
    body: {
      contentType: "application/json",
      schema: record({ sql: text, parameters: listOf(described("text, number, boolean or null, for $1, $2 …", anything)) }, ["parameters"]),
    },
    answer: record({ command: text, columns: listOf(record({ name: text, type: text })), rows: listOf(open({})), notices: listOf(text) }, [
      "columns",
      "rows",
      "notices",
    ]),
    handle: postQuery,
  },
];

/**
 * POST /v1/query {"sql": "…", "parameters": […]}: runs the statements of the text; the answer is the last one's.
 * With `Accept: application/x-ndjson` rows are streamed, one object a line, and a last line says how it ended if it failed.
 */
async function postQuery(c: Context, context: HttpContext): Promise<Response> {
  const { sql, parameters } = requestOf(await c.req.json().catch(() => null));
  const wantsLines = (c.req.header("accept") ?? "").includes("application/x-ndjson");
  const { session, release } = await withSession(context);
  try {
    const outcome = await runAll(sql, parameters, context, session);
    if (outcome.kind === "command") {
      release();
      return c.json({ command: outcome.tag, ...notices(outcome.notices) });
    }
    if (outcome.kind === "copyIn" || outcome.kind === "copyOut") {
      const message = `COPY ${outcome.kind === "copyIn" ? "FROM STDIN" : "TO STDOUT"} needs a Postgres connection`;
      throw new SqlError({ sqlState: "0A000", message });
    }
    if (wantsLines) return lines(c, outcome.result, release);
    const body = await whole(outcome);
    release();
    return c.json(body as Record<string, unknown>);
  } catch (error) {
    release();
    throw error;
  }
}

type HttpSession = Awaited<ReturnType<typeof withSession>>["session"];

async function runAll(sql: string, parameters: readonly (string | null)[], context: HttpContext, session: HttpSession): Promise<Outcome> {
  let last: Outcome = { kind: "command", tag: "", notices: [] };
  for (const statement of context.executor.parse(sql)) {
    if (last.kind === "rows") last.result.close();
    last = await context.executor.execute(
      statement,
      session,
      parameters.map((value) => ({ type: null, value })),
    );
  }
  return last;
}

function requestOf(body: unknown): { readonly sql: string; readonly parameters: readonly (string | null)[] } {
  if (typeof body === "object" && body !== null && "sql" in body && typeof body.sql === "string") {
    const parameters = "parameters" in body && Array.isArray(body.parameters) ? body.parameters : [];
    return { sql: body.sql, parameters: parameters.map((value: unknown) => (value === null ? null : String(value))) };
  }
  throw new SqlError({ sqlState: "22023", message: 'the body must be JSON like {"sql": "SELECT 1"}' });
}

const describeColumns = (schema: Schema): Json => {
  const names = uniqueNames(schema);
  return schema.columns.map((field, i) => ({ name: names[i] as string, type: formatType(field.type) }));
};

const notices = (list: readonly Notice[]): { notices?: readonly string[] } =>
  list.length === 0 ? {} : { notices: list.map((n) => n.message) };

async function whole(outcome: Extract<Outcome, { kind: "rows" }>): Promise<Json> {
  const { result } = outcome;
  const rows: Json[] = [];
  for (let batch = await result.next(); batch !== null; batch = await result.next()) {
    for (const row of rowObjects(result.schema, batch)) rows.push(row);
    if (rows.length > json_rows_max) {
      result.close();
      throw new SqlError({
        sqlState: "54000",
        message: `the answer has more than ${json_rows_max} rows`,
        hint: 'Add a LIMIT, or ask for a stream with "Accept: application/x-ndjson".',
      });
    }
  }
  return { columns: describeColumns(result.schema), rows, command: outcome.tag(rows.length), ...notices(outcome.notices) };
}

function lines(c: Context, result: QueryResult, release: () => void): Response {
  c.header("content-type", "application/x-ndjson");
  return stream(c, async (out) => {
    out.onAbort(() => result.close());
    try {
      for (let batch = await result.next(); batch !== null; batch = await result.next()) {
        let text = "";
        for (const row of rowObjects(result.schema, batch)) text += `${JSON.stringify(row)}\n`;
        await out.write(text);
      }
    } catch (error) {
      await out.write(`${JSON.stringify({ error: error instanceof SqlError ? error.message : "internal error" })}\n`);
    } finally {
      result.close();
      release();
    }
  });
}
