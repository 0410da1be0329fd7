import type { ResultTable } from "../runtime/contract/control.ts";
import { SqlError } from "../runtime/contract/errors.ts";
import { badRowSchema } from "../runtime/contract/job-graph.ts";
import type { Schema } from "../runtime/contract/types.ts";
import type { JobRequest, PlannedJob } from "./api.ts";
import { relationsOf } from "./adhoc/relations.ts";
import type { Binder } from "./binder/binder.ts";
import { bindSource } from "./binder/bind-source.ts";
import type { SourceObject } from "./catalog.ts";
import { printJob, printStream } from "./explain.ts";
import type { Emit, SqlText } from "./front/statement.ts";
import { toLogical } from "./logical/from-bound.ts";
import { located } from "./logical/locate.ts";
import type { LogicalPlan } from "./logical/nodes.ts";
import { printLogical } from "./logical/print.ts";
import { chain } from "./lowering/chain.ts";
import { handlesOf } from "./lowering/handles.ts";
import { Placement, type PlacedOperator } from "./lowering/operators.ts";
import { type JobOptions, readJobOptions } from "./options.ts";
import { insertSink, resultSink, sideSink } from "./plan-sinks.ts";
import type { BoundSource, StreamContext } from "./stream/context.ts";
import type { OperatorPlan } from "./stream/nodes.ts";
import { toStream } from "./stream/to-stream.ts";

interface PlannedBody {
  readonly logical: LogicalPlan;
  readonly sink: OperatorPlan;
}

/** A job statement, all the way to its graph: bind, logical, stream, lowering. */
export async function planJob(request: JobRequest, binder: Binder, defaultParallelism: number): Promise<PlannedJob> {
  const options = readJobOptions(request.options, defaultParallelism);
  const notices: string[] = [];
  const dependencies = new Set<string>();
  const bodies: PlannedBody[] = [];
  for (const { query, emit, sinkOf } of bodiesOf(request)) {
    requireOnClose(emit, query);
    for (const relation of await relationsOf(query, binder)) dependencies.add(relation);
    bodies.push(await planBody(query, request, binder, options, notices, sinkOf));
  }
  if (request.body.kind === "insert") for (const { sink } of request.body.inserts) dependencies.add(sink.name);
  const placed = place(bodies, options);
  const graph = chain(placed.operators, options.chaining, options.maxParallelism);
  return {
    graph,
    resultTables: placed.operators.flatMap(resultTableOf),
    checkpoints: options.checkpoints,
    restart: options.restart,
    dependencies: [...dependencies].filter((name) => request.catalog.get(name) !== null),
    notices: [...new Set(notices)],
    explain: {
      logical: bodies.map(({ logical }) => printLogical(logical)).join("\n"),
      stream: printStream(bodies.map(({ sink }) => sink)),
      job: printJob(graph, placed.operators),
    },
  };
}

type SinkOf = (input: ReturnType<typeof toStream>, request: JobRequest) => OperatorPlan;

function bodiesOf({ name, body }: JobRequest): readonly { readonly query: SqlText; readonly emit: Emit | null; readonly sinkOf: SinkOf }[] {
  if (body.kind === "select") return [{ query: body.query, emit: body.emit, sinkOf: (input) => resultSink(name, input) }];
  return body.inserts.map((insert) => ({
    query: insert.query,
    emit: insert.emit,
    sinkOf: (input, { catalog }) => insertSink(insert, input, catalog),
  }));
}

function requireOnClose(emit: Emit | null, query: SqlText): void {
  if (emit === null || emit.kind === "onWindowClose") return;
  throw new SqlError({
    sqlState: "0A000",
    message: `EMIT ${emit.kind === "onUpdate" ? "ON UPDATE" : "EVERY"} is not supported yet`,
    hint: "Windows emit once, when the watermark passes their end.",
    at: query.at + query.text.length,
  });
}

async function planBody(
  query: SqlText,
  request: JobRequest,
  binder: Binder,
  options: JobOptions,
  notices: string[],
  sinkOf: SinkOf,
): Promise<PlannedBody> {
  const { catalog } = request;
  const { plan, columns, locate } = await binder.bind(query, catalog);
  const names = columns.map((c) => c.name);
  refuseDuplicates(names, request, locate);
  const { plan: logical, sources } = located(locate, ["select"], () => toLogical(plan, names, { catalog, locate }));
  const context: StreamContext = {
    sources: await boundSources(sources, binder),
    locate,
    localAggregate: options.localAggregate,
    lateRows: options.lateRows,
    notices,
  };
  const sink = located(locate, ["select"], () => sinkOf(toStream(logical, context), request));
  return { logical, sink };
}

/** Columns of a result table have names of their own; those of an INSERT are taken by position. */
function refuseDuplicates(
  names: readonly string[],
  request: JobRequest,
  locate: (...words: readonly string[]) => number | undefined,
): void {
  const double = names.find((name, i) => names.indexOf(name) !== i);
  if (double === undefined || request.body.kind === "insert") return;
  const hint = "Give each column a name of its own: SELECT a AS x, b AS y.";
  throw new SqlError({ sqlState: "42701", message: `column "${double}" specified more than once`, hint, at: locate(double) });
}

async function boundSources(sources: ReadonlySet<SourceObject>, binder: Binder): Promise<ReadonlyMap<string, BoundSource>> {
  const bound = new Map<string, BoundSource>();
  for (const source of sources) bound.set(source.name, await bindSource(source, binder));
  return bound;
}

/** Operators of all bodies, then the sinks for rows put aside, one per table. */
function place(bodies: readonly PlannedBody[], options: JobOptions): Placement {
  const used = new Set<string>();
  const placement = new Placement({
    parallelism: options.parallelism,
    parallelismOf: ({ handle, number, name }) => {
      const set = options.operatorParallelism.find((o) => [`${handle}${number}`, name].includes(o.operator) || o.operator === handle);
      if (set !== undefined) used.add(set.operator);
      return set?.parallelism ?? null;
    },
  });
  for (const { sink } of bodies) placement.place(sink);
  const tables = new Map<string, { from: PlacedOperator; tag: "late" | "bad" }[]>();
  for (const { from, side } of placement.sides()) tables.set(side.table, [...(tables.get(side.table) ?? []), { from, tag: side.tag }]);
  for (const [table, writers] of tables) {
    const [first] = writers;
    const schema = first?.tag === "late" ? (first.from.node.inputs[0] as Schema) : badRowSchema;
    placement.addSink(
      sideSink(table, schema),
      writers.map(({ from, tag }) => ({ from, output: { uid: from.node.uid, tag } })),
    );
  }
  refuseUnknownOperators(options, used, placement);
  return placement;
}

function refuseUnknownOperators(options: JobOptions, used: ReadonlySet<string>, placement: Placement): void {
  const unknown = options.operatorParallelism.find((o) => !used.has(o.operator));
  if (unknown === undefined) return;
  throw new SqlError({
    sqlState: "22023",
    message: `this job has no operator "${unknown.operator}"`,
    hint: `Its operators: ${handlesOf(placement.operators).join(", ")}.`,
    at: unknown.at,
  });
}

function resultTableOf({ node: { spec } }: PlacedOperator): readonly ResultTable[] {
  if (spec.op !== "sink" || spec.connector !== "result") return [];
  return [{ name: spec.sink, schema: spec.schema, changelog: spec.changelog, uniqueKey: spec.uniqueKey }];
}
