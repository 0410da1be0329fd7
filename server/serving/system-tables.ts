import type { SubtaskCheckpoint } from "../../runtime/contract/checkpoints.ts";
import type { JobInfo, SlotShortage } from "../../runtime/contract/control.ts";
import { batchOf } from "../../runtime/contract/rows.ts";
import { formatType, type Schema, simple } from "../../runtime/contract/types.ts";
import type { Value } from "../../runtime/contract/value.ts";
import { columns, count, type StatementContext } from "../statements/context.ts";
import { quoteName } from "../../runtime/contract/quote.ts";
import { operatorColumns, operatorRows } from "./operator-state.ts";

/** A table of schema `millrace` whose rows are facts of the running engine: written just before a query reads it. */
interface SystemTable {
  readonly doc: string;
  readonly schema: Schema;
  readonly rows: (context: StatementContext) => Rows | Promise<Rows>;
}

type Rows = readonly (readonly Value[])[];

const us = (ms: number | null): bigint | null => (ms === null ? null : BigInt(Math.round(ms)) * 1000n);
const instant = (name: string) => [name, simple("timestamptz")] as const;
const real = (name: string) => [name, simple("double")] as const;
const perJob =
  (rows: (job: JobInfo) => readonly (readonly Value[])[]) =>
  (context: StatementContext): readonly (readonly Value[])[] =>
    context.engine.jobs().flatMap(rows);

export const systemTables = {
  jobs: {
    doc: "One row per job.",
    schema: columns(
      "name",
      "id",
      "state",
      "waiting",
      count("parallelism"),
      count("restarts"),
      instant("created"),
      instant("started"),
      instant("ended"),
      "error",
      real("last_rescale_ms"),
    ),
    rows: perJob((job) => [
      [
        job.name,
        job.id,
        job.state,
        waitingText(job.waitsFor),
        BigInt(job.parallelism),
        BigInt(job.restarts),
        us(job.created_ms),
        us(job.started_ms),
        us(job.ended_ms),
        job.fault?.message ?? null,
        job.rescales.at(-1)?.downtime_ms ?? null,
      ],
    ]),
  },
  rescales: {
    doc: "Changes of jobs' parallelism since the server's start, by hand or by load: how long the checkpoint before took, and how long no task ran.",
    schema: columns(
      "job",
      instant("time"),
      "trigger",
      count("from_parallelism"),
      count("to_parallelism"),
      real("checkpoint_ms"),
      real("downtime_ms"),
    ),
    rows: perJob((job) =>
      job.rescales.map((r) => [job.name, us(r.at_ms), r.trigger, BigInt(r.from), BigInt(r.to), r.checkpoint_ms, r.downtime_ms]),
    ),
  },
  vertices: {
    doc: "One row per vertex of each job graph.",
    schema: columns("job", "vertex", "name", count("parallelism"), count("records_in"), count("records_out")),
    rows: perJob((job) =>
      job.vertices.map((v) => [
        job.name,
        v.id,
        v.name,
        BigInt(v.parallelism),
        BigInt(v.subtasks.reduce((sum, s) => sum + s.recordsIn, 0)),
        BigInt(v.subtasks.reduce((sum, s) => sum + s.recordsOut, 0)),
      ]),
    ),
  },
  subtasks: {
    doc: "One row per subtask.",
    schema: columns(
      "job",
      "vertex",
      count("subtask"),
      count("attempt"),
      "state",
      count("slot"),
      count("records_in"),
      count("records_out"),
      real("busy"),
      real("backpressured"),
    ),
    rows: perJob((job) =>
      job.vertices.flatMap((v) =>
        v.subtasks.map((s) => [
          job.name,
          v.id,
          BigInt(s.subtask),
          BigInt(s.attempt),
          s.state,
          s.slot === null ? null : BigInt(s.slot),
          BigInt(s.recordsIn),
          BigInt(s.recordsOut),
          s.busy_ratio,
          s.backpressured_ratio,
        ]),
      ),
    ),
  },
  taskmanagers: {
    doc: "One row per TaskManager: this process, or those that joined.",
    schema: columns(
      "id",
      "host",
      count("pid"),
      count("data_port"),
      count("slots"),
      count("free_slots"),
      count("cpu_cores"),
      count("memory_bytes"),
      count("resident_bytes"),
      instant("registered"),
      instant("last_heartbeat"),
    ),
    rows: (context) =>
      context.engine
        .taskManagers()
        .map((t) => [
          t.id,
          t.host,
          BigInt(t.pid),
          BigInt(t.dataPort),
          BigInt(t.slots.length),
          BigInt(t.slots.filter(({ state }) => state === "free").length),
          BigInt(t.cpuCores),
          BigInt(t.memory_bytes),
          BigInt(t.usage.resident_bytes),
          us(t.registered_ms),
          us(t.lastHeartbeat_ms),
        ]),
  },
  slots: {
    doc: "One row per slot and job in it; a free one has none.",
    schema: columns(count("slot"), "taskmanager", "state", "job"),
    rows: (context) =>
      context.engine
        .taskManagers()
        .flatMap(({ id, slots }) =>
          slots.flatMap(({ slot, state, jobs }) => (jobs.length === 0 ? [null] : jobs).map((job) => [BigInt(slot), id, state, job])),
        ),
  },
  watermarks: {
    doc: "The current watermark of each subtask.",
    schema: columns("job", "vertex", count("subtask"), ["watermark", simple("timestamp")]),
    rows: perJob((job) => job.vertices.flatMap((v) => v.subtasks.map((s) => [job.name, v.id, BigInt(s.subtask), finite(s.watermark_us)]))),
  },
  checkpoint_subtasks: {
    doc: "What the newest checkpoints cost each subtask, of those since the server's start; NULL where a subtask has not acknowledged.",
    schema: columns(
      "job",
      count("checkpoint"),
      "vertex",
      count("subtask"),
      instant("acknowledged"),
      real("start_delay_ms"),
      real("alignment_ms"),
      real("sync_ms"),
      real("async_ms"),
      count("rows"),
      count("bytes"),
      count("processed_bytes"),
      count("persisted_bytes"),
      ["unaligned", simple("boolean")],
    ),
    rows: (context) =>
      context.engine
        .jobs()
        .flatMap((job) =>
          context.engine.checkpoints(job.name).flatMap((c) => c.subtasks.map((s) => [job.name, BigInt(c.id), ...subtaskRow(s)])),
        ),
  },
  exceptions: {
    doc: "Faults of jobs, newest first.",
    schema: columns("job", instant("time"), "task", "domain", "sqlstate", "message"),
    rows: (context) =>
      context.engine
        .jobs()
        .flatMap((job) => context.engine.exceptions(job.name).map((f) => [job.name, us(f.at_ms), f.task, f.domain, f.sqlState, f.message])),
  },
  operators: {
    doc: "One row per state table of each job's operators; rows and bytes as of the last completed checkpoint.",
    schema: operatorColumns,
    rows: async (context) => (await Promise.all(context.engine.jobs().map(({ name }) => operatorRows(name, context)))).flat(),
  },
  metrics: {
    doc: "Counters of each job, summed over its subtasks.",
    schema: columns("job", "metric", count("value")),
    rows: perJob((job) => Object.entries(job.counters).map(([metric, value]) => [job.name, metric, BigInt(value)])),
  },
} as const satisfies Readonly<Record<string, SystemTable>>;

function subtaskRow({ vertexId, subtask, acknowledged_ms, figures: f }: SubtaskCheckpoint): readonly Value[] {
  const place = [vertexId, BigInt(subtask), us(acknowledged_ms)];
  if (f === null) return [...place, null, null, null, null, null, null, null, null, null];
  const sizes = [f.rows, f.bytes, f.processed_bytes, f.persisted_bytes].map(BigInt);
  return [...place, f.startDelay_ms, f.alignment_ms, f.sync_ms, f.async_ms, ...sizes, f.unaligned];
}

/** What a job waits for before its tasks can run. */
export function waitingText(shortage: SlotShortage | null): string | null {
  if (shortage === null) return null;
  const { needed, free, behind } = shortage;
  return `waits for ${needed} slots, ${free} are free${behind === null ? "" : ` and kept for job "${behind}", which came before`}`;
}

/** ±infinity stand for "none yet" and "the end". */
const finite = (watermark_us: bigint | null): bigint | null =>
  watermark_us === null || watermark_us <= -(2n ** 62n) ? null : watermark_us >= 2n ** 62n ? 9223372036854775807n : watermark_us;

/** Creates the tables, so that queries over them bind before anything runs. */
export const systemTableDdl: readonly string[] = Object.entries(systemTables).map(
  ([name, table]) =>
    `CREATE OR REPLACE TABLE millrace.${quoteName(name)} (${table.schema.columns.map((c) => `${quoteName(c.name)} ${formatType(c.type)}`).join(", ")})`,
);

/** Writes today's facts into the system tables among `relations` (`millrace.jobs`, …). */
export async function refreshSystemTables(relations: readonly string[], context: StatementContext): Promise<void> {
  const wanted = relations.map((relation) => /^millrace\.(\w+)$/.exec(relation)?.[1] ?? "").filter(isSystemTable);
  if (wanted.length === 0) return;
  // Rows that are read from the store itself are read before it is written.
  const found = new Map<string, Rows>();
  for (const name of wanted) found.set(name, await systemTables[name].rows(context));
  await context.store.transact(async (t) => {
    for (const name of wanted) {
      const { schema } = systemTables[name];
      await t.run(`DELETE FROM millrace.${quoteName(name)}`);
      const now = found.get(name) ?? [];
      if (now.length > 0) await t.append("millrace", name, schema, [batchOf(schema, now)]);
    }
  });
}

const isSystemTable = (name: string): name is keyof typeof systemTables => Object.hasOwn(systemTables, name);
