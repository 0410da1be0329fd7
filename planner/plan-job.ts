import type { Emission } from "../runtime/contract/job-graph.ts";
import type { ResultTable } from "../runtime/contract/control.ts";
import { SqlError } from "../runtime/contract/errors.ts";
import type { JobRequest, PlannedJob } from "./api.ts";
import { requireAllowedCalls } from "./adhoc/allow-list.ts";
import { relationsOf } from "./adhoc/relations.ts";
import { type JavascriptFunction, markerOf } from "../runtime/contract/javascript.ts";
import { formatType } from "../runtime/contract/types.ts";
import { functionsCalledBy } from "./functions/calls.ts";
import type { Binder } from "./binder/binder.ts";
import { bindSource } from "./binder/bind-source.ts";
import type { CatalogView, SourceObject } from "./catalog.ts";
import { emissionOf, showsEarly } from "./emission.ts";
import { printJob, printStream } from "./explain.ts";
import type { Emit, SqlText } from "./front/statement.ts";
import { toLogical } from "./logical/from-bound.ts";
import { type Locate, located } from "./logical/locate.ts";
import type { LogicalPlan } from "./logical/nodes.ts";
import { printLogical } from "./logical/print.ts";
import { chain } from "./lowering/chain.ts";
import type { PlacedOperator } from "./lowering/operators.ts";
import { place } from "./lowering/place.ts";
import { type JobOptions, readJobOptions } from "./options.ts";
import { insertSink, resultSink } from "./plan-sinks.ts";
import type { BoundSource } from "./stream/bound-source.ts";
import type { OperatorPlan } from "./stream/nodes.ts";
import { SourceReaders } from "./stream/source.ts";
import { requireWatermarks } from "./stream/window-columns.ts";
import { emitEvery } from "./stream/emit-every.ts";
import { waitNotice } from "./stream/waiting.ts";
import { toStream } from "./stream/to-stream.ts";

interface BoundBody {
  readonly emit: Emit | null;
  readonly emission: Emission;
  readonly logical: LogicalPlan;
  readonly sources: ReadonlyMap<string, BoundSource>;
  readonly locate: Locate;
  readonly sinkOf: SinkOf;
}

/** A job statement, all the way to its graph: bind, logical, stream, lowering. */
export async function planJob(request: JobRequest, binder: Binder, defaultParallelism: number): Promise<PlannedJob> {
  const options = readJobOptions(request.options, defaultParallelism);
  const dependencies = new Set<string>();
  const functions = new Set<string>();
  const bodies: BoundBody[] = [];
  for (const { query, emit, sinkOf } of bodiesOf(request)) {
    const emission = emissionOf(emit, options.allowedLateness_us);
    await requireAllowedCalls(query, binder, request.catalog);
    for (const called of await functionsCalledBy(query, request.catalog, binder)) functions.add(called);
    const relations = await relationsOf(query, binder);
    for (const relation of relations) dependencies.add(relation);
    const bound = await bindBody(query, relations, request, binder);
    bodies.push({ ...bound, emit, emission, sinkOf });
  }
  if (request.body.kind === "insert") for (const { sink } of request.body.inserts) dependencies.add(sink.name);
  const notices: string[] = [];
  const sinks = toSinks(bodies, request, options, notices);
  const waiting = waitNotice(sinks, request.name);
  const placed = place(sinks, options, javascriptOf(request.catalog));
  const graph = chain(placed.operators, options.chaining, options.maxParallelism);
  return {
    graph,
    resultTables: placed.operators.flatMap(resultTableOf),
    checkpoints: options.checkpoints,
    restart: options.restart,
    autoscale: options.autoscale,
    savepoint: options.savepoint,
    dependencies: [...new Set([...dependencies].flatMap((name) => ownerOf(name, request.catalog))), ...functions],
    notices: [...new Set([...notices, ...(waiting === null ? [] : [waiting])])],
    explain: {
      logical: bodies.map(({ logical }) => printLogical(logical)).join("\n\n"),
      stream: printStream(sinks),
      job: printJob(graph, placed.operators),
    },
  };
}

/** By the names that plans have for them. */
const javascriptOf = (catalog: CatalogView): ReadonlyMap<string, JavascriptFunction> =>
  new Map(
    catalog.functions().flatMap(({ javascript }) => (javascript === null ? [] : [[markerOf(javascript, formatType), javascript] as const])),
  );

/** The object of that name, or the job that keeps the side table of that name. */
function ownerOf(name: string, catalog: CatalogView): readonly string[] {
  if (catalog.get(name) !== null) return [name];
  const owner = catalog.all().find((object) => "sideTables" in object && object.sideTables.some((table) => table.name === name));
  return owner === undefined ? [] : [owner.name];
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

async function bindBody(
  query: SqlText,
  relations: readonly string[],
  request: JobRequest,
  binder: Binder,
): Promise<Pick<BoundBody, "logical" | "sources" | "locate">> {
  const { catalog } = request;
  const { plan, columns, locate, windowCalls } = await binder.bind(query, catalog);
  requireWatermarks(windowCalls, catalog, relations);
  const names = columns.map((c) => c.name);
  refuseDuplicates(names, request, locate);
  const { plan: logical, sources } = located(locate, ["select"], () => toLogical(plan, names, { catalog, locate }));
  return { logical, sources: await boundSources(sources, binder), locate };
}

/** The stream plans of all bodies; a source that several read is read once. */
function toSinks(bodies: readonly BoundBody[], request: JobRequest, options: JobOptions, notices: string[]): readonly OperatorPlan[] {
  const readers = new SourceReaders(bodies.map(({ logical }) => logical));
  const { localAggregate, lateRows, timeZone, stateTtl } = options;
  return bodies.map(({ logical, sources, locate, emit, emission, sinkOf }) =>
    located(locate, ["select"], () => {
      const plan = toStream(logical, { sources, readers, locate, localAggregate, lateRows, emission, timeZone, stateTtl, notices });
      const every_ms = emit?.kind === "every" && !showsEarly(plan) ? emission.earlyEvery_ms : null;
      return sinkOf(every_ms === null ? plan : emitEvery(plan, every_ms), request);
    }),
  );
}

/** Columns of a result table have names of their own; those of an INSERT are taken by position. */
function refuseDuplicates(names: readonly string[], request: JobRequest, locate: Locate): void {
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

function resultTableOf({ node: { spec } }: PlacedOperator): readonly ResultTable[] {
  if (spec.op !== "sink" || spec.connector !== "result") return [];
  return [{ name: spec.sink, schema: spec.schema, changelog: spec.changelog, uniqueKey: spec.uniqueKey }];
}
