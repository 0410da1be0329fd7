import { assert, SqlError } from "../../runtime/contract/errors.ts";
import { badRowSchema, type SideOutputTag } from "../../runtime/contract/job-graph.ts";
import type { JavascriptFunction } from "../../runtime/contract/javascript.ts";
import { suggest } from "../../runtime/contract/suggest.ts";
import type { JobOptions, OperatorParallelism } from "../options.ts";
import { sideSink } from "../plan-sinks.ts";
import type { OperatorPlan } from "../stream/nodes.ts";
import { handlesOf } from "./handles.ts";
import { Placement, type PlacedOperator } from "./operators.ts";

/** The operators of all sinks' plans, then the sinks for rows put aside, one per table. */
export function place(sinks: readonly OperatorPlan[], options: JobOptions, functions: ReadonlyMap<string, JavascriptFunction>): Placement {
  const placement = new Placement({
    parallelism: options.parallelism,
    functions,
    parallelismOf: (operator) => options.operatorParallelism.findLast((o) => isMeant(o, operator))?.parallelism ?? null,
  });
  for (const sink of sinks) placement.place(sink);
  addSideSinks(placement, sinks, options);
  requireKnownOperators(options.operatorParallelism, placement.operators);
  return placement;
}

interface Named {
  readonly handle: string;
  readonly number: number;
  readonly name: string;
}

function isMeant({ operator }: OperatorParallelism, { handle, number, name }: Named): boolean {
  return [handle, `${handle}${number}`, name.toLowerCase()].includes(operator.toLowerCase());
}

function requireKnownOperators(said: readonly OperatorParallelism[], operators: readonly PlacedOperator[]): void {
  const handles = [...new Set(handlesOf(operators))];
  const known = new Set([...operators.flatMap((o) => [o.handle, o.node.name.toLowerCase()]), ...handles]);
  for (const { operator, at } of said) {
    if (known.has(operator.toLowerCase())) continue;
    const near = suggest(operator, known);
    const hint = near === undefined ? `Its operators: ${handles.join(", ")}.` : `Perhaps you meant "${near}".`;
    throw new SqlError({ sqlState: "22023", message: `the job has no operator "${operator}"`, hint, at });
  }
}

interface Writer {
  readonly from: PlacedOperator;
  readonly tag: SideOutputTag;
}

function addSideSinks(placement: Placement, sinks: readonly OperatorPlan[], { lateRows }: JobOptions): void {
  const tables = new Map<string, Writer[]>();
  for (const { from, side } of placement.sides()) tables.set(side.table, [...(tables.get(side.table) ?? []), { from, tag: side.tag }]);
  if (lateRows !== null && !tables.has(lateRows.table)) throw noWindow(lateRows);
  for (const [table, writers] of tables) {
    const at = lateRows?.table === table ? lateRows.at : undefined;
    if (sinks.some(({ spec }) => spec.op === "sink" && spec.connector === "result" && spec.sink === table)) {
      throw new SqlError({ sqlState: "42P07", message: `relation "${table}" already exists`, detail: "It is the job's own result.", at });
    }
    refuseMixedRows(table, writers, at);
    const [first] = writers;
    const schema = first?.tag === "late" ? first.from.plan?.inputs[0]?.schema : badRowSchema;
    assert(schema !== undefined, "late rows are an operator's input rows");
    placement.addSink(
      sideSink(table, schema),
      writers.map(({ from, tag }) => ({ from, output: { uid: from.node.uid, tag } })),
    );
  }
}

/** The input rows of two aggregates, or late and bad rows, have different columns. */
function refuseMixedRows(table: string, writers: readonly Writer[], at: number | undefined): void {
  const late = writers.filter(({ tag }) => tag === "late").length;
  if (late === 0 || writers.length === 1) return;
  const message =
    late === writers.length ? "late_rows needs a job with one window aggregate" : `table "${table}" cannot take both late and bad rows`;
  throw new SqlError({ sqlState: "0A000", message, hint: "Make two jobs of it.", at });
}

const noWindow = ({ at }: { readonly at: number }): SqlError =>
  new SqlError({
    sqlState: "22023",
    message: "late_rows needs a job with a window aggregate",
    hint: "Only windows have late rows: GROUP BY window_start, window_end of TUMBLE, HOP, CUMULATE or SESSION.",
    at,
  });
