import type { Batch, Column } from "../contract/batch.ts";
import type { Schema } from "../contract/types.ts";
import { BatchBuilder } from "../exchange/batch-builder.ts";
import { identityColumns } from "../state/row-identity.ts";

interface StoredRun {
  readonly checkpoint: number;
  readonly subtask: number;
  readonly first: number;
  readonly count: number;
}

/** The rows of one input, buffered per window_end until it fires, with what of them the state already has. */
export class WindowRows {
  readonly #schema: Schema;
  readonly #subtask: number;
  readonly #windows = new Map<bigint, { readonly rows: BatchBuilder; readonly stored: StoredRun[]; stored_rows: number }>();
  readonly #dropped: StoredRun[] = [];
  #position = 0;
  #positionsOf = -1;

  constructor(schema: Schema, subtask: number) {
    this.#schema = schema;
    this.#subtask = subtask;
  }

  /** Adds rows [from, to) of the batch to the window's buffer. */
  append(windowEnd: bigint, batch: Batch, from: number, to: number): void {
    this.#window(windowEnd).rows.append(batch, { selection: null, from, to });
  }

  ends(): readonly bigint[] {
    return [...this.#windows.keys()];
  }

  rowsOf(windowEnd: bigint): Batch | null {
    return this.#windows.get(windowEnd)?.rows.build() ?? null;
  }

  drop(windowEnd: bigint): void {
    this.#dropped.push(...(this.#windows.get(windowEnd)?.stored ?? []));
    this.#windows.delete(windowEnd);
  }

  /** Rows that no snapshot has yet, with their new identities in front. */
  takeNew(checkpoint: number): Batch | null {
    if (this.#positionsOf !== checkpoint) this.#position = 0;
    this.#positionsOf = checkpoint;
    const fresh = new BatchBuilder(this.#schema);
    const first = this.#position;
    for (const window of this.#windows.values()) {
      const from = window.stored_rows;
      const count = window.rows.rows - from;
      if (count === 0) continue;
      fresh.append(window.rows.build(), { selection: null, from, to: window.rows.rows });
      window.stored.push({ checkpoint, subtask: this.#subtask, first: this.#position, count });
      window.stored_rows += count;
      this.#position += count;
    }
    if (fresh.rows === 0) return null;
    const batch = fresh.build();
    return { ...batch, columns: [...identities([{ checkpoint, subtask: this.#subtask, first, count: fresh.rows }]), ...batch.columns] };
  }

  /** Identities of stored rows whose windows were dropped since the last call. */
  takeDropped(): Batch | null {
    const runs = this.#dropped.splice(0);
    const rows = runs.reduce((sum, run) => sum + run.count, 0);
    return rows === 0 ? null : { rows, columns: identities(runs), weights: null };
  }

  /** Rows of the state: identities, then the input's columns. */
  restore(state: Batch, windowEndColumn: number): void {
    const [checkpoints, subtasks, positions] = state.columns;
    const data: Batch = { rows: state.rows, columns: state.columns.slice(identityColumns.length), weights: null };
    const ends = data.columns[windowEndColumn] as Extract<Column, { phys: "i64" }>;
    for (let i = 0; i < state.rows; i++) {
      const window = this.#window(ends.values[i] as bigint);
      window.rows.append(data, { selection: null, from: i, to: i + 1 });
      window.stored.push({
        checkpoint: Number((checkpoints as Extract<Column, { phys: "i64" }>).values[i]),
        subtask: (subtasks as Extract<Column, { phys: "i32" }>).values[i] as number,
        first: Number((positions as Extract<Column, { phys: "i64" }>).values[i]),
        count: 1,
      });
      window.stored_rows++;
    }
  }

  #window(windowEnd: bigint): { readonly rows: BatchBuilder; readonly stored: StoredRun[]; stored_rows: number } {
    let window = this.#windows.get(windowEnd);
    if (window === undefined) {
      window = { rows: new BatchBuilder(this.#schema), stored: [], stored_rows: 0 };
      this.#windows.set(windowEnd, window);
    }
    return window;
  }
}

function identities(runs: readonly StoredRun[]): readonly Column[] {
  const rows = runs.reduce((sum, run) => sum + run.count, 0);
  const checkpoints = new BigInt64Array(rows);
  const subtasks = new Int32Array(rows);
  const positions = new BigInt64Array(rows);
  let at = 0;
  for (const run of runs) {
    checkpoints.fill(BigInt(run.checkpoint), at, at + run.count);
    subtasks.fill(run.subtask, at, at + run.count);
    const first = BigInt(run.first);
    for (let k = 0; k < run.count; k++) positions[at + k] = first + BigInt(k);
    at += run.count;
  }
  return [
    { phys: "i64", values: checkpoints, validity: null },
    { phys: "i32", values: subtasks, validity: null },
    { phys: "i64", values: positions, validity: null },
  ];
}
