import type { Statement } from "../../planner/front/statement.ts";
import { quoteName } from "../../runtime/contract/quote.ts";
import type { Notice, Outcome } from "../session/execution.ts";
import { type HttpContext, withSession } from "./http-session.ts";

/** Runs statements that answer with no rows, or whose rows nobody reads, one after the other in a session of their own. */
export async function runStatements(context: HttpContext, statements: readonly Statement[]): Promise<readonly Notice[]> {
  const { session, release } = await withSession(context);
  const notices: Notice[] = [];
  try {
    for (const statement of statements) {
      const outcome: Outcome = await context.executor.execute(statement, session, []);
      if (outcome.kind === "rows") outcome.result.close();
      notices.push(...outcome.notices);
    }
    return notices;
  } finally {
    release();
  }
}

export const runSql = (context: HttpContext, sql: string): Promise<readonly Notice[]> =>
  runStatements(context, context.executor.parse(sql));

/** `STREAMING JOB "j"` or `MATERIALIZED VIEW "v"`: how statements call a job. */
export const jobInSql = ({ objectOf }: HttpContext, name: string): string =>
  `${objectOf(name)?.kind === "materializedView" ? "MATERIALIZED VIEW" : "STREAMING JOB"} ${quoteName(name)}`;
