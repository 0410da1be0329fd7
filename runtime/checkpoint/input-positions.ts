import { rowsOf } from "../contract/rows.ts";
import type { JobLayout } from "./layout.ts";
import type { TakenSnapshot } from "./pending-checkpoint.ts";

/** How far the job has read its input tables, of those that a checkpoint says something new about. */
export function inputPositions(layout: JobLayout, snapshots: readonly TakenSnapshot[]): ReadonlyMap<string, number> {
  const positions = new Map<string, number>();
  for (const { uid, table } of layout.inputs) {
    const log = layout.states.find((state) => state.uid === uid);
    for (const { snapshot } of snapshots) {
      for (const { puts } of snapshot.state.filter((frames) => frames.uid === uid)) {
        if (log === undefined || puts === null) continue;
        for (const [, position] of rowsOf({ columns: log.spec.columns }, log.puts.decode(puts))) positions.set(table, Number(position));
      }
    }
  }
  return positions;
}

/** Positions as of the retained checkpoints, by checkpoint. */
export class PositionHistory {
  readonly #positions = new Map<number, ReadonlyMap<string, number>>();
  #last: ReadonlyMap<string, number> = new Map();

  add(checkpoint: number, changed: ReadonlyMap<string, number>): void {
    this.#last = new Map([...this.#last, ...changed]);
    this.#positions.set(checkpoint, this.#last);
  }

  /** What was read as of the oldest retained checkpoint; nothing where that one was taken before this attempt. */
  asOf(checkpoint: number): ReadonlyMap<string, number> {
    for (const older of this.#positions.keys()) if (older < checkpoint) this.#positions.delete(older);
    return this.#positions.get(checkpoint) ?? new Map();
  }
}
