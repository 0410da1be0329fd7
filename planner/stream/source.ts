import { assert, SqlError } from "../../runtime/contract/errors.ts";
import { columnsOf, type Expression, mapColumns } from "../../runtime/contract/expressions.ts";
import type { BadRowPolicy, ConnectorOptions } from "../../runtime/contract/job-graph.ts";
import type { Schema } from "../../runtime/contract/types.ts";
import { durationOf_us } from "../../runtime/contract/duration.ts";
import { type CatalogColumn, isProcessingTime, type SourceObject } from "../catalog.ts";
import { inputsOf, type LogicalPlan, type ScanNode } from "../logical/nodes.ts";
import { printExpression } from "../logical/print-expression.ts";
import { calc, pick } from "./calc.ts";
import type { BoundSource } from "./bound-source.ts";
import { tableConnector } from "../logical/table-source.ts";
import { appendOnly, type OperatorPlan, type StreamPlan, type Traits } from "./nodes.ts";

/** Options of CREATE SOURCE that the planner reads; the others are the connector's. */
export const sourceOptions = ["bad_rows", "idle_timeout"] as const;

/**
 * The sources of a job: each is read once, with the columns that all its scans ask for, so that every reader sees the same
 * rows and a bad row is put aside once.
 */
export class SourceReaders {
  readonly #scans = new Map<string, { readonly columns: Set<number>; scans: number }>();
  readonly #plans = new Map<string, StreamPlan>();

  constructor(plans: readonly LogicalPlan[]) {
    const seen = new Set<LogicalPlan>();
    const visit = (plan: LogicalPlan): void => {
      if (seen.has(plan)) return;
      seen.add(plan);
      if (plan.kind === "scan") this.#add(plan);
      for (const input of inputsOf(plan)) visit(input);
    };
    for (const plan of plans) visit(plan);
  }

  /** The scan's columns, after the watermark. */
  scan(node: ScanNode, bound: BoundSource): StreamPlan {
    const read = this.#scans.get(node.source.name);
    assert(read !== undefined, "every scan of the job was counted");
    const columns = ascending(read.columns);
    const known = this.#plans.get(node.source.name);
    const plan = known ?? sourceStream(bound, columns, read.scans > 1);
    this.#plans.set(node.source.name, plan);
    return pick(
      plan,
      node.columns.map((c) => columns.indexOf(c)),
    );
  }

  #add({ source, columns }: ScanNode): void {
    const read = this.#scans.get(source.name) ?? { columns: new Set<number>(), scans: 0 };
    for (const column of columns) read.columns.add(column);
    read.scans++;
    this.#scans.set(source.name, read);
  }
}

/**
 * source -> computed columns -> watermark -> the columns asked for. The watermark stands before every filter:
 * rows that a query drops move event time on all the same.
 */
function sourceStream(bound: BoundSource, asked: readonly number[], isShared: boolean): StreamPlan {
  const wanted = new Set(asked);
  if (bound.watermark !== null) columnsOf(bound.watermark.expression, wanted);
  const columns = ascending(wanted);
  const physical = new Set<number>();
  for (const c of columns) columnsOf(bound.computed.get(c) ?? tableColumn(bound, c), physical);
  const read = readSource(bound, withRows(physical, bound.source));
  const full = computeColumns(read, bound, columns, withRows(physical, bound.source));
  const marked = bound.watermark === null ? withProcessingTime(full, bound.source, columns) : watermark(full, bound, columns);
  const plan = pick(
    marked,
    asked.map((c) => columns.indexOf(c)),
  );
  return isShared && plan.kind === "operator" ? { ...plan, isShared } : plan;
}

/** A reader reads at least one column: metadata and constants alone are no rows. */
function withRows(physical: ReadonlySet<number>, source: SourceObject): readonly number[] {
  const isRead = (c: CatalogColumn | undefined): boolean => c?.computed === null && c.metadata === null;
  if ([...physical].some((at) => isRead(source.columns[at]))) return ascending(physical);
  const first = source.columns.findIndex(isRead);
  if (first >= 0) return ascending([...physical, first]);
  throw new SqlError({ sqlState: "42601", message: `source "${source.name}" has no column that is read from its rows` });
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
  const read = columns.map((c) => columnAt(source, c));
  const schema = schemaOf(read);
  const metadata = read.flatMap((c, column) => (c.metadata === null ? [] : [{ column, key: c.metadata }]));
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
      schema: schemaOf(read.filter((c) => c.metadata === null)),
      declared: schemaOf(source.columns.filter((c) => c.computed === null && c.metadata === null)),
      badRows: bad.policy,
      ...(metadata.length === 0 ? {} : { metadata }),
      changelog: source.isChangelog,
    },
    inputs: [],
    schema,
    traits: { ...appendOnly, isChangelog: source.isChangelog, uniqueKeys: keyOf(source, schema) },
    description: `${source.connector} (${schema.columns.map((c) => c.name).join(", ")})`,
    side: bad.table === null ? null : { tag: "bad", table: bad.table },
    isShared: false,
  };
}

/** Of a table that the store keeps, the primary key holds; that of an outer source is not enforced. */
function keyOf({ connector, primaryKey }: SourceObject, { columns }: Schema): Traits["uniqueKeys"] {
  const key = primaryKey.map((name) => columns.findIndex((column) => column.name === name));
  return connector !== tableConnector || key.length === 0 || key.includes(-1) ? [] : [key];
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

/** Without a watermark, a column of processing time is the event time. */
function withProcessingTime(input: StreamPlan, source: SourceObject, columns: readonly number[]): StreamPlan {
  const timeColumn = columns.findIndex((c) => isProcessingTime(columnAt(source, c)));
  if (timeColumn < 0) return input;
  return {
    kind: "operator",
    name: "ProcessingTime",
    handle: "watermark",
    spec: { op: "processingTime", timeColumn },
    inputs: [input],
    schema: input.schema,
    traits: { ...input.traits, times: [timeColumn] },
    description: `${input.schema.columns[timeColumn]?.name}`,
    side: null,
    isShared: false,
  };
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

/** `bad_rows = 'fail' | 'skip' | 'table:<name>'`. Throws SqlError 22023 for anything else, at the option's place if that is known. */
export function badRowsOf(source: SourceObject, at?: number): { readonly policy: BadRowPolicy; readonly table: string | null } {
  const value = source.options["bad_rows"] ?? "fail";
  if (value === "fail" || value === "skip") return { policy: value, table: null };
  const table = /^table:\s*(\S+)$/.exec(value)?.[1];
  if (table !== undefined) return { policy: "side", table };
  throw new SqlError({
    sqlState: "22023",
    message: `option "bad_rows" of source "${source.name}" must be fail, skip or table:<name>, not "${value}"`,
    at,
  });
}

export function idleTimeoutOf(source: SourceObject, at?: number): number | null {
  const value = source.options["idle_timeout"];
  if (value === undefined) return null;
  const timeout_us = durationOf_us(value);
  if (timeout_us !== null && timeout_us > 0) return Math.max(1, Math.round(timeout_us / 1_000));
  throw new SqlError({
    sqlState: "22023",
    message: `option "idle_timeout" of source "${source.name}" must be a duration such as '10s', not "${value}"`,
    at,
  });
}
