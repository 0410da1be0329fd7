import type { StatementOf } from "../../planner/front/statement.ts";
import { SqlError } from "../../runtime/contract/errors.ts";
import { quoteName } from "../../runtime/contract/quote.ts";
import type { Notice } from "../session/execution.ts";
import { notice, type StatementContext } from "./context.ts";
import { createJob } from "./create-job.ts";
import { parseOne } from "./parse-one.ts";

type Sink = StatementOf<"createSink">;

/** What is kept of `CREATE SINK k FROM r WITH (…)`: the sink alone, for its job has a definition of its own. */
export const withoutFrom = ({ text, at, from }: Sink): string =>
  from === null ? text : text.slice(0, from.at - at) + text.slice(from.end - at);

/** The job that writes all rows of a relation into the new sink. Without the job there is no sink either. */
export async function fillSink(sink: string, from: NonNullable<Sink["from"]>, context: StatementContext): Promise<readonly Notice[]> {
  const { schema, name, at } = from.relation;
  const job = `${sink}_from_${name}`;
  const relation = [...(schema === null ? [] : [schema]), name].map(quoteName).join(".");
  const text = `CREATE STREAMING JOB ${quoteName(job)} AS INSERT INTO ${quoteName(sink)} SELECT * FROM ${relation}`;
  try {
    const { notices } = await createJob(parseOne(text) as StatementOf<"createStreamingJob">, "CREATE SINK", context);
    return [notice(`streaming job "${job}" writes the rows of "${name}" into the sink`), ...notices];
  } catch (error) {
    await context.catalogStore.remove(sink);
    context.catalog.remove(sink);
    throw error instanceof SqlError && error.at !== undefined ? error.movedTo(at) : error;
  }
}
