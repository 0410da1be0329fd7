import type { TokenReader } from "../reader.ts";
import type { ExplainStage, Statement, StatementKind } from "../statement.ts";
import { notSupported } from "../syntax-error.ts";
import type { Head, StatementBody } from "./form.ts";

const stageNames = ["logical", "stream", "job"] as const satisfies readonly ExplainStage[];
const explained: ReadonlySet<StatementKind> = new Set([
  "query",
  "modify",
  "createStreamingJob",
  "createMaterializedView",
  "createView",
  "createTable",
]);

/** `EXPLAIN [(LOGICAL, STREAM, JOB)] statement`; without a list all stages. Flink's `EXPLAIN PLAN FOR` is the same. `EXPLAIN WATERMARK j`. */
export function explain(reader: TokenReader, head: Head): StatementBody {
  for (const word of ["analyze", "verbose"]) if (reader.at(word)) throw notSupported(`EXPLAIN ${word.toUpperCase()}`, reader.offset);
  if (reader.eat("watermark")) {
    if (reader.at("streaming", "job") && reader.peek(2) !== undefined) reader.need("streaming", "job");
    return { kind: "explainWatermark", job: reader.name() };
  }
  const stages = reader.atMark("(") && !isQuery(reader) ? reader.list(() => readStage(reader)) : stageNames;
  reader.eat("plan", "for");
  const first = reader.peek();
  const statement: Statement = head.nested(reader);
  if (!explained.has(statement.kind)) throw reader.errorAt(first);
  return { kind: "explain", stages, statement };
}

/** `EXPLAIN (SELECT …)`: the parenthesis belongs to the query. */
const isQuery = (reader: TokenReader): boolean =>
  ["select", "with", "values", "table", "from"].some((word) => reader.peek(1)?.value === word) || reader.atMark("(", 1);

function readStage(reader: TokenReader): ExplainStage {
  const stage = stageNames.find((name) => reader.eat(name));
  if (stage === undefined) throw reader.error(stageNames.map((name) => name.toUpperCase()));
  return stage;
}
