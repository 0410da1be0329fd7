import { connected } from "../contract/connected.ts";
import { SqlError } from "../contract/errors.ts";
import type { Store, StoreConnection } from "../contract/store.ts";
import { abandonableReads, abandonableTransaction } from "./abandon.ts";
import { readDeltas } from "./deltas.ts";
import { assertAttempt, type JobClaim } from "./job-records.ts";
import type { JobLayout, StateLog } from "./layout.ts";
import { readContent } from "./read-state.ts";
import type { LogSize } from "./restore.ts";
import { compactLog } from "./rewrite.ts";
import { brokenDeltas } from "./verification.ts";

const logRows_min = 1_000;
const growth_max = 4;

/** The logs that are worth it: more than four times the rows that were valid when last counted. */
export const compactionCandidates = (sizes: ReadonlyMap<string, LogSize>): readonly string[] =>
  [...sizes].filter(([, { logRows, validRows }]) => logRows > Math.max(logRows_min, growth_max * validRows)).map(([table]) => table);

interface CompactionRequest {
  readonly store: Store;
  readonly layout: JobLayout;
  readonly claim: JobClaim;
  readonly log: StateLog;
  /** The oldest checkpoint that may still be restored: what it needs, and what came later, stays. */
  readonly base: number;
  /** Once it is aborted the compaction comes to nothing, and soon: whoever takes over the job must not wait for it. */
  readonly signal: AbortSignal;
}

/**
 * Replaces the log's rows up to `base` by those that are valid then. They are verified first, so that compaction never
 * gives damaged rows a new, fitting record. Safe to be killed at any moment: the change is one transaction.
 */
export async function compactStateLog(request: CompactionRequest): Promise<{ readonly removedRows: number; readonly validRows: number }> {
  const { store, layout, log, base, signal } = request;
  const logRows = await verifiedRows(request);
  const validRows = await store.transact(async (transaction) => {
    await assertAttempt(transaction, request.claim);
    return compactLog(abandonableTransaction(transaction, signal), layout.job, log, base, logRows);
  });
  return { removedRows: logRows - validRows, validRows };
}

const verifiedRows = ({ store, layout, log, base, signal }: CompactionRequest): Promise<number> =>
  connected(store, (connection) => verifyLog(abandonableReads(connection, signal), layout.job, log, base));

/** How many rows the log has up to `base`. Throws SqlError 58030 when they are not those that were written. */
export async function verifyLog(
  connection: Pick<StoreConnection, "query">,
  job: string,
  log: Pick<StateLog, "table" | "hashed">,
  base: number,
): Promise<number> {
  const deltas = await readDeltas(connection, job);
  const recorded = new Map(
    deltas.flatMap((d) =>
      d.kind !== "result" && d.table === log.table && d.checkpoint <= base ? [[d.checkpoint, d.content] as const] : [],
    ),
  );
  const read = await readContent(connection, log, base);
  const broken = brokenDeltas([{ table: log.table, recorded, read }])[0];
  if (broken !== undefined) throw new SqlError({ sqlState: "58030", message: `state is damaged: ${broken.message}` });
  return [...read.values()].reduce((sum, content) => sum + content.rows, 0);
}
