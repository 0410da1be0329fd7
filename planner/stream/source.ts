import { assert, SqlError } from "../../runtime/contract/errors.ts";
import { columnsOf, type Expression, mapColumns } from "../../runtime/contract/expressions.ts";
import type { BadRowPolicy, ConnectorOptions } from "../../runtime/contract/job-graph.ts";
import type { Schema } from "../../runtime/contract/types.ts";
import { durationOf_ms } from "../duration.ts";
import type { CatalogColumn, SourceObject } from "../catalog.ts";
import type { ScanNode } from "../logical/nodes.ts";
import { printExpression } from "../logical/print-expression.ts";
import { calc, pick } from "./calc.ts";
import type { BoundSource, StreamContext } from "./context.ts";
import { appendOnly, type OperatorPlan, type StreamPlan } from "./nodes.ts";

/** Options of CREATE SOURCE that the planner reads; the others are the connector's. */
export const sourceOptions = ["bad_rows", "idle_timeout"] as const;

/**
 * source -> computed columns -> watermark -> the columns asked for. The watermark stands before every filter:
 * rows that the query drops move event time on all the same.
 */
export function scanStream(node: ScanNode, context: StreamContext): StreamPlan {
  const bound = context.sources.get(node.source.name);
  assert(bound !== undefined, "the sources of a query are bound before it is planned");
  const wanted = new Set(node.columns);
  if (bound.watermark !== null) columnsOf(bound.watermark.expression, wanted);
  const columns = ascending(wanted);
  const physical = new Set<number>();
  for (const c of columns) columnsOf(bound.computed.get(c) ?? tableColumn(bound, c), physical);
  const read = readSource(bound, ascending(physical.size > 0 ? physical : [0]));
  const full = computeColumns(read, bound, columns, ascending(physical));
  const marked = bound.watermark === null ? full : watermark(full, bound, columns);
  return pick(
    marked,
    node.columns.map((c) => columns.indexOf(c)),
  );
}

const ascending = (values: Iterable<number>): readonly number[] => [...values].sort((a, b) => a - b);

const columnAt = (source: SourceObject, at: number): CatalogColumn => {
  const column = source.columns[at];
  assert(column !== undefined, "a column is one of the source's");
  return column;
};

const tableColumn = (bound: BoundSource, at: number): Expression => ({
  kind: "column",
  index: at,
  type: columnAt(bound.source, at).type,
});

const schemaOf = (columns: readonly CatalogColumn[]): Schema => ({ columns: columns.map(({ name, type }) => ({ name, type })) });

function readSource({ source }: BoundSource, columns: readonly number[]): OperatorPlan {
  const schema = schemaOf(columns.map((c) => columnAt(source, c)));
  const bad = badRowsOf(source);
  return {
    kind: "operator",
    name: `Source ${source.name}`,
    handle: "source",
    spec: {
      op: "source",
      connector: source.connector,
      source: source.name,
      options: connectorOptions(source),
      schema,
      declared: schemaOf(source.columns.filter((c) => c.computed === null)),
      badRows: bad.policy,
    },
    inputs: [],
    schema,
    traits: appendOnly,
    description: `${source.connector} (${schema.columns.map((c) => c.name).join(", ")})`,
    side: bad.table === null ? null : { tag: "bad", table: bad.table },
    isShared: false,
  };
}

function computeColumns(input: StreamPlan, bound: BoundSource, columns: readonly number[], physical: readonly number[]): StreamPlan {
  const expressions = columns.map((c) =>
    mapColumns(bound.computed.get(c) ?? tableColumn(bound, c), (column) => ({ ...column, index: physical.indexOf(column.index) })),
  );
  return calc(
    input,
    null,
    expressions,
    columns.map((c) => columnAt(bound.source, c).name),
  );
}

function watermark(input: StreamPlan, bound: BoundSource, columns: readonly number[]): OperatorPlan {
  assert(bound.watermark !== null, "the source has a watermark");
  const timeColumn = columns.indexOf(bound.watermark.column);
  const expression = mapColumns(bound.watermark.expression, (c) => ({ ...c, index: columns.indexOf(c.index) }));
  const bad = badRowsOf(bound.source);
  return {
    kind: "operator",
    name: "Watermark",
    handle: "watermark",
    spec: {
      op: "watermark",
      timeColumn,
      expression,
      idleTimeout_ms: idleTimeoutOf(bound.source),
      badRows: bad.policy,
      source: bound.source.name,
    },
    inputs: [input],
    schema: input.schema,
    traits: { ...input.traits, times: [timeColumn] },
    description: `${input.schema.columns[timeColumn]?.name} as ${printExpression(expression, input.schema)}`,
    side: bad.table === null ? null : { tag: "bad", table: bad.table },
    isShared: false,
  };
}

function connectorOptions(source: SourceObject): ConnectorOptions {
  const own: readonly string[] = sourceOptions;
  return Object.fromEntries(Object.entries(source.options).filter(([name]) => !own.includes(name)));
}

/** `bad_rows = 'fail' | 'skip' | 'table:<name>'`. Throws SqlError 22023 for anything else. */
export function badRowsOf(source: SourceObject): { readonly policy: BadRowPolicy; readonly table: string | null } {
  const value = source.options["bad_rows"] ?? "fail";
  if (value === "fail" || value === "skip") return { policy: value, table: null };
  const table = /^table:\s*(\S+)$/.exec(value)?.[1];
  if (table !== undefined) return { policy: "side", table };
  throw new SqlError({
    sqlState: "22023",
    message: `option "bad_rows" of source "${source.name}" must be fail, skip or table:<name>, not "${value}"`,
  });
}

export function idleTimeoutOf(source: SourceObject): number | null {
  const value = source.options["idle_timeout"];
  if (value === undefined) return null;
  const timeout_ms = durationOf_ms(value);
  if (timeout_ms !== null && timeout_ms > 0) return timeout_ms;
  throw new SqlError({
    sqlState: "22023",
    message: `option "idle_timeout" of source "${source.name}" must be a duration such as '10s', not "${value}"`,
  });
}
