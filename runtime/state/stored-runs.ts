import { type Batch, type Column, words } from "../contract/batch.ts";
import type { Schema } from "../contract/types.ts";

/** The columns of a state table of buffered rows: its own in front, then the input's, renamed where a name is taken. */
export function bufferedColumns(own: Schema["columns"], input: Schema): Schema["columns"] {
  const taken = new Set(own.map((column) => column.name));
  return [
    ...own,
    ...input.columns.map(({ name, type }) => {
      let free = name;
      while (taken.has(free)) free = `${free}_`;
      taken.add(free);
      return { name: free, type };
    }),
  ];
}

/** `count` rows with identities in a row. */
export interface StoredRun {
  readonly checkpoint: number;
  readonly subtask: number;
  readonly first: number;
  readonly count: number;
}

/** The identity columns of all rows of the runs. */
export function identities(runs: readonly StoredRun[]): readonly Column[] {
  const rows = runs.reduce((sum, run) => sum + run.count, 0);
  const checkpoints = new BigInt64Array(rows);
  const subtasks = new Int32Array(rows);
  const positions = new BigInt64Array(rows);
  const low = words(positions);
  let at = 0;
  for (const run of runs) {
    checkpoints.fill(BigInt(run.checkpoint), at, at + run.count);
    subtasks.fill(run.subtask, at, at + run.count);
    for (let k = 0; k < run.count; k++) low[2 * (at + k)] = run.first + k;
    at += run.count;
  }
  return [
    { phys: "i64", values: checkpoints, validity: null },
    { phys: "i32", values: subtasks, validity: null },
    { phys: "i64", values: positions, validity: null },
  ];
}

/** The identity of one restored row, as a run. */
export function identityAt({ columns }: Batch, row: number): StoredRun {
  const [checkpoints, subtasks, positions] = columns;
  return {
    checkpoint: Number((checkpoints as Extract<Column, { phys: "i64" }>).values[row]),
    subtask: (subtasks as Extract<Column, { phys: "i32" }>).values[row] as number,
    first: Number((positions as Extract<Column, { phys: "i64" }>).values[row]),
    count: 1,
  };
}

/** Adds a run behind others; runs that follow each other become one. */
export function pushRun(runs: StoredRun[], run: StoredRun): void {
  const last = runs.at(-1);
  const follows =
    last !== undefined && last.checkpoint === run.checkpoint && last.subtask === run.subtask && last.first + last.count === run.first;
  if (follows) runs[runs.length - 1] = { ...last, count: last.count + run.count };
  else runs.push(run);
}
