import type { Engine, OperatorState } from "../../runtime/contract/control.ts";
import { act } from "./cluster/acts.ts";
import { Cluster, type ClusterOptions, targetOf } from "./cluster/cluster.ts";
import { BrokenInvariant } from "./kernel/kernel.ts";
import type { Marks } from "./marks.ts";
import { Unsupported } from "./model/tokens.ts";
import { setOutside, splits } from "./outside.ts";
import { positionsOf } from "./positions.ts";
import { type Program, type Query, sortedText } from "./programs.ts";
import { faultsEnd_ms } from "./scenario.ts";

/** What a run came to. */
export interface Report {
  /** null: every job ended with exactly its rows. */
  readonly failure: string | null;
  /** The model store does not know some SQL of this seed. */
  readonly unsupported: string | null;
  readonly hash: number;
  readonly events: number;
  readonly virtual_ms: number;
  readonly marks: Marks;
}

/** Faults over, everything must come to its end within this. */
const heal_ms_max = 240_000;
const care_ms = 250;

/**
 * One run of a scenario: jobs are created and disturbed; then all faults stop, and one who uses the cluster sees to it that each
 * job runs to its end. Its rows must then be exactly those of the batch.
 */
export async function simulate(options: ClusterOptions): Promise<Report> {
  const cluster = new Cluster(options);
  setOutside(cluster.outside);
  let failure: string | null = null;
  let unsupported: string | null = null;
  try {
    await runScenario(cluster, options);
  } catch (error) {
    if (error instanceof Unsupported) unsupported = error.message;
    failure = error instanceof BrokenInvariant ? error.message : ((error as Error).stack ?? String(error));
    cluster.kernel.note(`failed: ${failure}`);
  } finally {
    cluster.watch.close();
    await cluster.end();
    setOutside(null);
  }
  const { kernel, witness } = cluster;
  return { failure, unsupported, hash: kernel.hash, events: kernel.events, virtual_ms: kernel.now_ms, marks: witness.marks };
}

async function runScenario(cluster: Cluster, options: ClusterOptions): Promise<void> {
  const { scenario } = options;
  const { kernel, programs } = cluster;
  for (const [i, program] of programs.entries()) kernel.schedule(20 + i * 100, "create", null, () => begin(cluster, program));
  for (const step of scenario.steps) kernel.schedule(step.at_ms, "step", null, () => act(cluster, step));
  let healed = false;
  kernel.schedule(faultsEnd_ms, "heal", null, () => {
    healed = true;
    heal(cluster);
  });
  const end = await kernel.run(() => healed && isOver(cluster), faultsEnd_ms + heal_ms_max);
  if (end !== "done") throw new BrokenInvariant(`the cluster did not come to its end (${end}): ${describe(cluster)}`);
  const tables = new Map(programs.map(({ name }) => [name, cluster.server.engine?.stateTables(name) ?? []]));
  await cluster.end();
  for (const program of programs) await verify(cluster, program, await answerOf(cluster, program, tables.get(program.name) ?? [], options));
}

/** The server may not be up yet, or have died again. */
function begin(cluster: Cluster, program: Program): void {
  if (cluster.server.engine === null) cluster.kernel.schedule(50, "create", null, () => begin(cluster, program));
  else void cluster.create(program);
}

/** No fault from now on. */
function heal(cluster: Cluster): void {
  const { kernel, disk, outside, server, duplicates } = cluster;
  kernel.note("no more faults");
  disk.heal();
  outside.readFaults = 0;
  outside.commitFaults = 0;
  outside.stageFaults = 0;
  outside.sinkDelay_ms = 0;
  cluster.networkDelay_ms = 0;
  duplicates.end();
  server.endFormer();
  if (disk.invalidated) server.kill(10);
  care(cluster);
}

/** Whatever state a job was left in, its user makes it run to its end. */
function care(cluster: Cluster): void {
  for (const program of cluster.programs) if (!cluster.busy(program.name)) careFor(cluster, program);
  cluster.kernel.schedule(care_ms, "care", null, () => care(cluster));
}

function careFor(cluster: Cluster, program: Program): void {
  const { engine } = cluster.server;
  const { name } = program;
  if (engine === null) return;
  switch (engine.job(name)?.state) {
    case undefined:
      return void cluster.create(program);
    case "PAUSED":
    case "FAILED":
      return void cluster.client.resume(name);
    case "CANCELED":
      return void cluster.drop(program);
    default:
      return;
  }
}

const isOver = (cluster: Cluster): boolean => {
  const { engine } = cluster.server;
  return engine !== null && cluster.client.waiting.length === 0 && cluster.programs.every((program) => hasAllRows(engine, program));
};

/** A job that reads a table is through when a checkpoint has all that the table's log has. */
function hasAllRows(engine: Engine, { name, reads }: Program): boolean {
  const state = engine.job(name)?.state;
  if (reads === null) return state === "FINISHED";
  const committed = engine.changeLogs.progressOf(name, reads).committed ?? Number.NEGATIVE_INFINITY;
  return state === "RUNNING" && committed >= engine.changeLogs.head(reads);
}

function describe({ programs, server, client }: Cluster): string {
  if (server.engine === null) return "the server is down";
  const jobs = programs.map(({ name }) => {
    const job = server.engine?.job(name);
    return `"${name}" is ${job?.state ?? "gone"}${job?.fault === null || job === null ? "" : ` (${job?.fault.message})`}`;
  });
  return [...jobs, ...client.waiting.map((what) => `no answer to ${what}`)].join(", ");
}

/** Of all rows of the log, or where the input was made to end of those that the job had read; of a table as it is. */
async function answerOf(
  cluster: Cluster,
  program: Program,
  tables: readonly OperatorState[],
  { library, scenario }: ClusterOptions,
): Promise<readonly string[]> {
  const { name, reads, queries } = program;
  const { query } = cluster.catalog.version(name) ?? { query: 0 };
  if (reads !== null)
    return sortedText(
      await cluster.store.transact(async (transaction) => (await transaction.query((queries[query] as Query).batch)).rows()),
    );
  const whole = splits.map(() => scenario.rowsPerSplit);
  if (!cluster.catalog.isDrained(name)) return library.answer(program, query, whole);
  const positions = await positionsOf(cluster.store, tables);
  cluster.witness.marks.add(positions.every((rows) => rows === scenario.rowsPerSplit) ? "drained at the end" : "drained before the end");
  return library.answer(program, query, positions);
}

async function verify(cluster: Cluster, program: Program, expected: readonly string[]): Promise<void> {
  const submission = cluster.catalog.get(program.name);
  const rows =
    program.into === "target"
      ? cluster.outside.target(submission === null ? "" : targetOf(submission)).visible
      : await cluster.store.transact(async (transaction) => (await transaction.query(`SELECT * FROM public.${program.name}`)).rows());
  const actual = sortedText(rows);
  if (actual.length === expected.length && actual.every((row, i) => row === expected[i])) return;
  const missing = expected.filter((row) => !actual.includes(row)).slice(0, 3);
  const extra = actual.filter((row, i) => !expected.includes(row) || actual[i - 1] === row).slice(0, 3);
  throw new BrokenInvariant(
    `"${program.name}" has ${actual.length} rows instead of ${expected.length}; missing ${missing.join(" ")}, too many ${extra.join(" ")}`,
  );
}
