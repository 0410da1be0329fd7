import type { Batch, I32Column } from "../contract/batch.ts";
import { TaskFailure } from "../contract/errors.ts";
import { operatorIndexOf } from "../contract/hash.ts";
import { quoteName } from "../contract/quote.ts";
import { watermark_max } from "../contract/operator.ts";
import { rowsOf } from "../contract/rows.ts";
import type { RestoredInFlight, SenderProgress } from "../contract/rpc.ts";
import type { StoreConnection } from "../contract/store.ts";
import { type ContentHash, ContentHasher } from "./content-hash.ts";
import type { DeltaRecord } from "./deltas.ts";
import { gatherRows } from "./gather.ts";
import { type InFlightLog, progressSchema, progressTable } from "./in-flight-log.ts";
import type { JobLayout } from "./layout.ts";
import { stateTable } from "./names.ts";
import { inFlightKind } from "./store-in-flight.ts";
import { type BrokenDelta, brokenDeltas } from "./verification.ts";

/** What was in flight at one checkpoint; nothing where it was aligned. */
export interface InFlightReading {
  readonly unaligned: boolean;
  readonly broken: readonly BrokenDelta[];
  /** Some edge's ends are not as wide as they were. */
  readonly rescaled: boolean;
  /** For one subtask, its frames free to be transferred. Once per subtask. */
  of(vertex: string, subtask: number): readonly RestoredInFlight[];
}

export const nothingInFlight: InFlightReading = { unaligned: false, broken: [], rescaled: false, of: () => [] };

/** Of one edge. */
interface StoredProgress {
  readonly senderCount: number;
  readonly receiverCount: number;
  readonly senders: SenderProgress[];
}

interface EdgeReading {
  readonly log: InFlightLog;
  readonly progress: StoredProgress | null;
  /** By subtask. */
  readonly frames: readonly (readonly ArrayBuffer[])[];
}

/** Throws TaskFailure where rows were in flight on an edge that the job does not have any more. */
export async function readInFlight(
  connection: StoreConnection,
  layout: JobLayout,
  checkpoint: number,
  deltas: readonly DeltaRecord[],
): Promise<InFlightReading> {
  const recorded = new Map(
    deltas.flatMap((d) => (d.kind === inFlightKind && d.checkpoint === checkpoint ? [[d.table, d.content] as const] : [])),
  );
  if (recorded.size === 0) return nothingInFlight;
  await requireEdges(connection, layout, [...recorded.keys()]);
  const read = new Map<string, ContentHash>();
  const progress = await readProgress(connection, layout.job, checkpoint, read);
  const edges: EdgeReading[] = [];
  for (const log of layout.inFlight) {
    const has = recorded.has(log.table);
    const frames = has ? await readRows(connection, log, layout.maxParallelism, checkpoint, read) : [];
    edges.push({ log, progress: progress.get(log.name) ?? null, frames });
  }
  const only = (content: ContentHash | undefined): ReadonlyMap<number, ContentHash> =>
    new Map(content === undefined ? [] : [[checkpoint, content]]);
  return {
    unaligned: true,
    broken: brokenDeltas([...recorded].map(([table, content]) => ({ table, recorded: only(content), read: only(read.get(table)) }))),
    rescaled: edges.some(isRescaled),
    of: (vertex, subtask) => edges.flatMap((reading) => (reading.log.edge.to === vertex ? restoredOf(reading, subtask) : [])),
  };
}

const isRescaled = ({ log, progress }: EdgeReading): boolean =>
  progress !== null && (progress.senderCount !== log.senders || progress.receiverCount !== log.receivers);

function restoredOf({ log, progress, frames }: EdgeReading, subtask: number): readonly RestoredInFlight[] {
  return progress === null ? [] : [{ edge: log.edge.id, frames: frames[subtask] ?? [], ...progress }];
}

async function requireEdges(connection: StoreConnection, layout: JobLayout, tables: readonly string[]): Promise<void> {
  const sql = "SELECT table_name, version FROM millrace.state_tables WHERE job = ? AND redistribution = ?";
  const versions = new Map(
    (await (await connection.query(sql, [layout.job, inFlightKind])).rows()).map(([t, v]) => [t as string, Number(v)]),
  );
  for (const table of tables) {
    if (table === progressTable(layout.job)) continue;
    const log = layout.inFlight.find((candidate) => candidate.table === table);
    if (log !== undefined && versions.get(table) === log.version) continue;
    throw new TaskFailure(
      "user",
      "fail",
      `cannot restore job "${layout.job}" with another plan from an unaligned checkpoint: rows were in flight where the plan has changed (${table}). ` +
        "Let it run with its old plan and options first, then change it: that takes an aligned checkpoint",
      { sqlState: "55000" },
    );
  }
}

async function readProgress(
  connection: StoreConnection,
  job: string,
  checkpoint: number,
  read: Map<string, ContentHash>,
): Promise<ReadonlyMap<string, StoredProgress>> {
  const columns = progressSchema.columns.map(({ name }) => name).join(", ");
  const table = progressTable(job);
  const result = await connection.query(`SELECT ${columns} FROM ${stateTable(table)} WHERE checkpoint = ? ORDER BY sender NULLS FIRST`, [
    checkpoint,
  ]);
  const hasher = new ContentHasher(progressSchema);
  const progress = new Map<string, StoredProgress>();
  for (let batch = await result.next(); batch !== null; batch = await result.next()) {
    hasher.add(batch);
    for (const [edge, sender, senderCount, receiverCount, watermark] of rowsOf(progressSchema, batch)) {
      if (sender === null)
        progress.set(edge as string, { senderCount: Number(senderCount), receiverCount: Number(receiverCount), senders: [] });
      // What has ended holds nothing back, and says so again.
      else if (watermark !== watermark_max)
        progress.get(edge as string)?.senders.push({ sender: Number(sender), watermark: watermark as bigint | null });
    }
  }
  read.set(table, hasher.value());
  return progress;
}

/** In the order that Replay goes by, dealt to the subtasks that own the rows' key groups. */
async function readRows(
  connection: StoreConnection,
  log: InFlightLog,
  maxParallelism: number,
  checkpoint: number,
  read: Map<string, ContentHash>,
): Promise<readonly (readonly ArrayBuffer[])[]> {
  const columns = log.hashed.columns.map(({ name }) => quoteName(name)).join(", ");
  const result = await connection.query(
    `SELECT ${columns} FROM ${stateTable(log.table)} WHERE checkpoint = ? ORDER BY sender, receiver, queue, position`,
    [checkpoint],
  );
  const hasher = new ContentHasher(log.hashed);
  const frames = Array.from({ length: log.receivers }, (): ArrayBuffer[] => []);
  for (let batch = await result.next(); batch !== null; batch = await result.next()) {
    hasher.add(batch);
    deal(log, batch, maxParallelism, frames);
  }
  read.set(log.table, hasher.value());
  return frames;
}

function deal(
  log: InFlightLog,
  { rows, columns: [groups, ...columns] }: Batch,
  maxParallelism: number,
  frames: readonly ArrayBuffer[][],
): void {
  const { values } = groups as I32Column;
  const own = frames.map((): number[] => []);
  for (let row = 0; row < rows; row++) own[operatorIndexOf(values[row] as number, log.receivers, maxParallelism)]?.push(row);
  own.forEach((selected, subtask) => {
    if (selected.length === 0) return;
    frames[subtask]?.push(log.stored.encode(gatherRows({ rows, columns, weights: null }, Int32Array.from(selected)), null));
  });
}
