import type { ContentHash } from "./content-hash.ts";

/** What a state table's log should hold and what was read from it, by checkpoint. */
export interface TableEvidence {
  readonly table: string;
  readonly recorded: ReadonlyMap<number, ContentHash>;
  readonly read: ReadonlyMap<number, ContentHash>;
}

export interface BrokenDelta {
  readonly table: string;
  readonly checkpoint: number;
  readonly message: string;
}

/** The deltas whose rows are not those that were written, oldest first. */
export function brokenDeltas(evidence: readonly TableEvidence[]): readonly BrokenDelta[] {
  return evidence.flatMap(brokenInTable).sort((a, b) => a.checkpoint - b.checkpoint);
}

function brokenInTable({ table, recorded, read }: TableEvidence): BrokenDelta[] {
  const checkpoints = new Set([...recorded.keys(), ...read.keys()]);
  return [...checkpoints].flatMap((checkpoint) => {
    const message = difference(recorded.get(checkpoint), read.get(checkpoint));
    return message === null ? [] : [{ table, checkpoint, message: `checkpoint ${checkpoint}, state table "${table}": ${message}` }];
  });
}

function difference(recorded: ContentHash | undefined, read: ContentHash | undefined): string | null {
  if (recorded === undefined) return `${read?.rows ?? 0} rows that no record speaks of`;
  if (read === undefined) return recorded.rows === 0 ? null : `its ${recorded.rows} rows are missing`;
  if (recorded.rows !== read.rows) return `${read.rows} rows instead of ${recorded.rows}`;
  return recorded.hash === read.hash ? null : "the content of its rows has changed";
}

export type RecoveryDecision =
  | { readonly do: "fresh" }
  | { readonly do: "restore"; readonly checkpoint: number; readonly skipped: readonly number[] }
  | { readonly do: "refuse"; readonly reason: string };

/** The newest retained checkpoint that contains no broken delta. `retained` is newest first. */
export function decideRecovery(retained: readonly number[], broken: readonly BrokenDelta[]): RecoveryDecision {
  if (retained.length === 0) return { do: "fresh" };
  const firstBroken = broken[0];
  const good = retained.find((checkpoint) => firstBroken === undefined || checkpoint < firstBroken.checkpoint);
  if (good === undefined) return { do: "refuse", reason: firstBroken?.message ?? "" };
  return { do: "restore", checkpoint: good, skipped: retained.filter((checkpoint) => checkpoint > good) };
}
