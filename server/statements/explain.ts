import type { PlannedJob } from "../../planner/api.ts";
import type { ExplainStage, Statement } from "../../planner/front/statement.ts";
import { SqlError } from "../../runtime/contract/errors.ts";
import { columns, type Handler, rowsOutcome, staticColumns, type StatementContext } from "./context.ts";
import { planJob } from "./create-job.ts";

const planColumns = columns("QUERY PLAN");

const titles: Readonly<Record<ExplainStage, string>> = {
  logical: "== Logical Plan ==",
  stream: "== Stream Plan ==",
  job: "== Job Graph ==",
};

/** The plan of a job statement, or of the job that a query would be. */
export const explain: Handler<"explain"> = {
  describe: staticColumns(planColumns),
  async execute(statement, context) {
    const planned = await planOf(statement.statement, context);
    const stages = statement.stages.length > 0 ? statement.stages : (Object.keys(titles) as ExplainStage[]);
    const text = stages.map((stage) => `${titles[stage]}\n${planned.explain[stage]}`).join("\n\n");
    return rowsOutcome(
      planColumns,
      text.split("\n").map((line) => [line]),
      () => "EXPLAIN",
    );
  },
};

function planOf(statement: Statement, context: StatementContext): Promise<PlannedJob> {
  switch (statement.kind) {
    case "createStreamingJob":
    case "createMaterializedView":
      return planJob(statement, {}, context);
    case "query":
      return context.planner.planJob({
        name: "query",
        body: { kind: "select", query: statement.query, emit: null },
        options: new Map(),
        catalog: context.catalog.frozen(),
      });
    default:
      throw new SqlError({
        sqlState: "0A000",
        message: "this statement has no plan",
        hint: "EXPLAIN takes CREATE STREAMING JOB, CREATE MATERIALIZED VIEW or a query.",
        at: statement.at,
      });
  }
}
