import { SqlError } from "../../runtime/contract/errors.ts";
import { limits } from "../../runtime/contract/limits.ts";
import type { Field } from "../../runtime/contract/types.ts";
import type { Value } from "../../runtime/contract/value.ts";
import type { BoundOf, Conversion } from "./conversion.ts";
import { type LogicalPlan, project, union, values } from "./nodes.ts";
import { type Converted, plain, translate } from "./slots.ts";

/** FROM-less SELECT: one row. */
export const convertDummy = (plan: BoundOf<"dummy">): Converted => plain(oneRow(plan.columns));

const oneRow = (columns: readonly Field[]): LogicalPlan => values({ kind: "rows", rows: [columns.map(() => 0)] }, { columns });

/** DuckDB saw that a condition is never true: what it would have read has no part in the answer. */
export const convertEmpty = (plan: BoundOf<"empty">): Converted => plain(values({ kind: "rows", rows: [] }, { columns: plan.columns }));

/** Rows of literals are one input; a row with anything else (random(), now()) is a projection of one row. */
export function convertValues(plan: BoundOf<"values">, conversion: Conversion): Converted {
  const { columns, rows } = plan;
  const at = conversion.locate("values");
  requireFew(rows.length, at);
  const literals = rows.map((row) => row.flatMap((e): Value[] => (e.kind === "literal" ? [e.value] : [])));
  if (literals.every((row) => row.length === columns.length)) return plain(values({ kind: "rows", rows: literals }, { columns }));
  if (rows.length > limits.valuesComputed_rows_max) {
    throw new SqlError({
      sqlState: "54000",
      message: `a job has at most ${limits.valuesComputed_rows_max} rows of VALUES that are not literals`,
      at,
    });
  }
  const input = conversion.convert(plan.input, conversion);
  const names = columns.map((c) => c.name);
  const projections = rows.map((row) =>
    project(
      input.plan,
      row.map((e) => translate(e, input)),
      names,
    ),
  );
  return plain(projections.length === 1 ? (projections[0] as LogicalPlan) : union(projections));
}

/** Literal rows travel inside the job's graph. */
export function requireFew(rows: number, at: number | undefined): void {
  if (rows <= limits.values_rows_max) return;
  throw new SqlError({
    sqlState: "54000",
    message: `a job has at most ${limits.values_rows_max} literal rows`,
    hint: "Put the rows into a file and read it with a source.",
    at,
  });
}
