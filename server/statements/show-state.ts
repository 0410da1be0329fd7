import { describeSavepoint } from "../../runtime/savepoint/inspect.ts";
import { listSavepoints } from "../../runtime/savepoint/list.ts";
import { describeState, operatorColumns, operatorRows } from "../serving/operator-state.ts";
import { type Handler, rowsOutcome, staticColumns } from "./context.ts";

const jobKinds = ["streamingJob", "materializedView"] as const;

/** SHOW STATE FOR j: what millrace.operators has of the job; of a savepoint, what its file has. */
export const showState: Handler<"showState"> = {
  describe: staticColumns(operatorColumns),
  async execute(statement, context) {
    const savepoint = (await listSavepoints(context.store)).find(({ name }) => name === statement.job.name);
    if (savepoint !== undefined && context.catalog.get(statement.job.name) === null)
      return rowsOutcome(operatorColumns, await describeSavepoint(savepoint.path, describeState), () => "SHOW");
    const { name } = context.catalog.require(statement.job, jobKinds);
    return rowsOutcome(operatorColumns, await operatorRows(name, context), () => "SHOW");
  },
};
