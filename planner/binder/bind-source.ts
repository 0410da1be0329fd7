import { SqlError } from "../../runtime/contract/errors.ts";
import { type Expression, mapColumns } from "../../runtime/contract/expressions.ts";
import { formatType, type SqlType } from "../../runtime/contract/types.ts";
import { requireAllowedCalls } from "../adhoc/allow-list.ts";
import { canCompile } from "../../runtime/functions/registry.ts";
import type { BoundTable } from "../api.ts";
import type { CatalogColumn, CatalogObject, CatalogView, SourceObject } from "../catalog.ts";
import type { SqlText, TableDefinition } from "../front/statement.ts";
import { suggest } from "../../runtime/contract/suggest.ts";
import { toLogical } from "../logical/from-bound.ts";
import type { LogicalPlan } from "../logical/nodes.ts";
import { unsupported } from "../logical/refuse.ts";
import type { BoundSource } from "../stream/bound-source.ts";
import type { Binder } from "./binder.ts";

/** Under this name a table is bound before it has one in the catalog; no user's name has a space in front. */
const ownName = " table";
const select = "SELECT (";

/** One object as a catalog of its own, so that its expressions see nothing else. */
class SingleObject implements CatalogView {
  readonly version = 1;
  readonly #object: CatalogObject;

  constructor(object: CatalogObject) {
    this.#object = object;
  }

  get(name: string): CatalogObject | null {
    return name === this.#object.name ? this.#object : null;
  }

  all(): readonly CatalogObject[] {
    return [this.#object];
  }

  sideTables(): readonly never[] {
    return [];
  }

  functions(): readonly never[] {
    return [];
  }
}

const sourceWith = (columns: readonly CatalogColumn[]): SourceObject => ({
  kind: "source",
  name: ownName,
  definition: "",
  columns,
  primaryKey: [],
  watermark: null,
  connector: "",
  options: {},
  isChangelog: false,
});

/** Binds one scalar expression over a source's columns; column numbers of the result are positions in them. */
async function bindScalar(expression: SqlText, source: SourceObject, binder: Binder): Promise<{ expression: Expression; type: SqlType }> {
  const catalog = new SingleObject(source);
  const query = { text: `${select}${expression.text}) FROM "${ownName}"`, at: expression.at - select.length };
  await requireAllowedCalls(query, binder);
  const { plan, columns, locate } = await binder.bind(query, catalog);
  const { plan: logical } = toLogical(plan, ["value"], { catalog, locate });
  const bound = scalarOf(logical);
  if (bound === null) throw unsupported("a subquery or an aggregate in a column's expression", expression.at);
  return { expression: bound, type: columns[0]?.type ?? bound.type };
}

/** The one column of a plan as an expression over the source's columns; null where it is more than projections of a scan. */
function scalarOf(plan: LogicalPlan): Expression | null {
  let below = plan;
  let scalar: Expression = { kind: "column", index: 0, type: plan.schema.columns[0]?.type ?? { id: "integer" } };
  while (below.kind === "project") {
    const { expressions } = below;
    scalar = mapColumns(scalar, (column) => expressions[column.index] ?? column);
    below = below.input;
  }
  if (below.kind !== "scan") return null;
  const { columns } = below;
  return mapColumns(scalar, (column) => ({ ...column, index: columns[column.index] ?? column.index }));
}

/** Types of computed columns, and the watermark checked. */
export async function bindTable(table: TableDefinition, binder: Binder): Promise<BoundTable> {
  refuseDuplicates(table);
  const physical = sourceWith(
    table.columns.map((c) => catalogColumn(c, c.type ?? { id: "integer" })).filter((_, i) => table.columns[i]?.computed === null),
  );
  const columns: CatalogColumn[] = [];
  for (const column of table.columns) {
    const type = column.computed === null ? column.type : (await bindScalar(column.computed, physical, binder)).type;
    columns.push(catalogColumn(column, type ?? { id: "varchar" }));
  }
  return { columns, watermark: await checkedWatermark(table, columns, binder) };
}

const catalogColumn = (column: TableDefinition["columns"][number], type: SqlType): CatalogColumn => ({
  name: column.name,
  type,
  notNull: column.notNull,
  computed: column.computed?.text ?? null,
  metadata: column.metadata,
  defaultValue: column.defaultValue?.text ?? null,
});

function refuseDuplicates(table: TableDefinition): void {
  const seen = new Set<string>();
  for (const column of table.columns) {
    if (seen.has(column.name)) {
      throw new SqlError({ sqlState: "42701", message: `column "${column.name}" specified more than once`, at: column.at });
    }
    seen.add(column.name);
  }
}

async function checkedWatermark(
  table: TableDefinition,
  columns: readonly CatalogColumn[],
  binder: Binder,
): Promise<BoundTable["watermark"]> {
  const { watermark } = table;
  if (watermark === null) return null;
  const column = columns.find((c) => c.name === watermark.column);
  if (column === undefined) {
    const near = suggest(
      watermark.column,
      columns.map((c) => c.name),
    );
    throw new SqlError({
      sqlState: "42703",
      message: `column "${watermark.column}" does not exist`,
      hint: near === undefined ? undefined : `Perhaps you meant "${near}".`,
      at: watermark.at,
    });
  }
  requireTimeType(
    column.type,
    `a watermark's column is a TIMESTAMP or TIMESTAMP WITH TIME ZONE, not ${formatType(column.type)}`,
    watermark.at,
  );
  const { expression, type } = await bindScalar(watermark.expression, sourceWith(columns), binder);
  if (!canCompile(expression)) {
    const hint = "Compute it in a column of the source (c AS …) and use that column.";
    throw unsupported("this watermark expression", watermark.expression.at, hint);
  }
  if (type.id !== column.type.id) {
    throw new SqlError({
      sqlState: "42804",
      message: `the watermark of column "${column.name}" is of type ${formatType(type)}, not ${formatType(column.type)}`,
      hint: `Write it like WATERMARK FOR ${column.name} AS ${column.name} - INTERVAL '5' SECOND.`,
      at: watermark.expression.at,
    });
  }
  return { column: watermark.column, expression: watermark.expression.text };
}

function requireTimeType(type: SqlType, message: string, at: number): void {
  if (type.id === "timestamp" || type.id === "timestamptz") return;
  const hint = "Make one with a computed column: ts AS CAST(c AS TIMESTAMP).";
  throw new SqlError({ sqlState: "42804", message, hint, at });
}

/** The expressions of a source in the catalog, bound again for a job. */
export async function bindSource(source: SourceObject, binder: Binder): Promise<BoundSource> {
  // Computed columns see the physical ones; their positions count in the whole list.
  const physical = source.columns.flatMap((c, at) => (c.computed === null ? [at] : []));
  const reduced = sourceWith(physical.map((at) => source.columns[at] as CatalogColumn));
  const computed = new Map<number, Expression>();
  for (const [at, column] of source.columns.entries()) {
    if (column.computed === null) continue;
    const { expression } = await bindScalar({ text: column.computed, at: 0 }, reduced, binder);
    computed.set(
      at,
      mapColumns(expression, (c) => ({ ...c, index: physical[c.index] as number })),
    );
  }
  if (source.watermark === null) return { source, computed, watermark: null };
  const { expression } = await bindScalar({ text: source.watermark.expression, at: 0 }, sourceWith(source.columns), binder);
  const column = source.columns.findIndex((c) => c.name === source.watermark?.column);
  return { source, computed, watermark: { column, expression } };
}
