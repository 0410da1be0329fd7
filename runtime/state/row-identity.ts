import { type Batch, type Column, words } from "../contract/batch.ts";
import { bigint, integer, type Schema } from "../contract/types.ts";
import { IntList } from "./int-list.ts";
import { grownInts } from "./slots/slot-column.ts";

/**
 * Identity of buffered rows in the state: the checkpoint that first stored them, the subtask that did, and a count there.
 * Checkpoint ids never come twice, so neither do identities, at any parallelism.
 */
export const identityColumns: Schema["columns"] = [
  { name: "stored_by", type: bigint },
  { name: "stored_at_subtask", type: integer },
  { name: "position", type: bigint },
];

const notStored = -1;

/**
 * What of a row table's rows the state has: of each row the run that stored it and its position there, and which rows were
 * added, changed or ended since the last snapshot.
 */
export class StoredRows {
  readonly #subtask: number;
  /** A run is one subtask's rows of one checkpoint. */
  readonly #checkpoints: number[] = [];
  readonly #subtasks: number[] = [];
  readonly #restored = new Map<string, number>();
  #current = { checkpoint: notStored, run: notStored };
  #run: Int32Array = new Int32Array(0);
  #position: Int32Array = new Int32Array(0);
  #nextPosition = 0;
  #isChanged = new Uint8Array(0);
  readonly #changed = new IntList();
  readonly #goneRuns = new IntList();
  readonly #gonePositions = new IntList();

  constructor(subtask: number) {
    this.#subtask = subtask;
  }

  reserve(capacity: number): void {
    this.#run = grownInts(this.#run, capacity);
    this.#position = grownInts(this.#position, capacity);
    if (this.#isChanged.length >= this.#run.length) return;
    const grown = new Uint8Array(this.#run.length);
    grown.set(this.#isChanged);
    this.#isChanged = grown;
  }

  /** A row that no snapshot has seen. */
  begin(row: number): void {
    this.#run[row] = notStored;
  }

  /** The next snapshot stores the row. */
  change(row: number): void {
    if (this.#isChanged[row] === 1) return;
    this.#isChanged[row] = 1;
    this.#changed.push(row);
  }

  /** The row is no more: if the state has it, the next snapshot deletes it. */
  end(row: number): void {
    if (this.#run[row] === notStored) return;
    this.#goneRuns.push(this.#run[row] as number);
    this.#gonePositions.push(this.#position[row] as number);
    this.#run[row] = notStored;
  }

  /** Changed rows that are there: a slot may have ended, and begun again, since it changed. Read them before the next change. */
  takeChanged(counts: Int32Array): Int32Array {
    const { values, length } = this.#changed;
    let kept = 0;
    for (let i = 0; i < length; i++) {
      const row = values[i] as number;
      this.#isChanged[row] = 0;
      if (counts[row] !== 0) values[kept++] = row;
    }
    this.#changed.clear();
    return values.subarray(0, kept);
  }

  /** The identity columns of the rows; those that have none get one. */
  identify(rows: Int32Array, checkpoint: number): readonly Column[] {
    const run = this.#runOf(checkpoint);
    for (const row of rows) {
      if (this.#run[row] !== notStored) continue;
      this.#run[row] = run;
      this.#position[row] = this.#nextPosition++;
    }
    const runs = new Int32Array(rows.length);
    const positions = new Int32Array(rows.length);
    for (let i = 0; i < rows.length; i++) {
      runs[i] = this.#run[rows[i] as number] as number;
      positions[i] = this.#position[rows[i] as number] as number;
    }
    return this.#columns(runs, positions, rows.length);
  }

  /** Identities of stored rows that ended since the last call. */
  takeEnded(): Batch | null {
    const { values: runs, length } = this.#goneRuns;
    const { values: positions } = this.#gonePositions;
    if (length === 0) return null;
    const columns = this.#columns(runs, positions, length);
    this.#goneRuns.clear();
    this.#gonePositions.clear();
    return { rows: length, columns, weights: null };
  }

  /** Row i of the state, which begins with the identity columns, is in slot `slots[i]`. */
  restore(state: Batch, slots: Int32Array): void {
    const [checkpoints, subtasks, positions] = state.columns
      .slice(0, identityColumns.length)
      .map((c) => (c as { values: ArrayLike<number | bigint> }).values);
    for (let i = 0; i < state.rows; i++) {
      const slot = slots[i] as number;
      this.#run[slot] = this.#restoredRun(Number(checkpoints?.[i]), Number(subtasks?.[i]));
      this.#position[slot] = Number(positions?.[i]);
    }
  }

  #runOf(checkpoint: number): number {
    if (this.#current.checkpoint !== checkpoint) {
      this.#current = { checkpoint, run: this.#addRun(checkpoint, this.#subtask) };
      this.#nextPosition = 0;
    }
    return this.#current.run;
  }

  #restoredRun(checkpoint: number, subtask: number): number {
    const key = `${checkpoint}/${subtask}`;
    const known = this.#restored.get(key);
    if (known !== undefined) return known;
    const run = this.#addRun(checkpoint, subtask);
    this.#restored.set(key, run);
    return run;
  }

  #addRun(checkpoint: number, subtask: number): number {
    this.#subtasks.push(subtask);
    return this.#checkpoints.push(checkpoint) - 1;
  }

  /** No BigInt is made per row: a position is the low word of its 64 bits. */
  #columns(runs: Int32Array, positions: Int32Array, count: number): readonly Column[] {
    const checkpoints = new BigInt64Array(count);
    const subtasks = new Int32Array(count);
    const places = new BigInt64Array(count);
    const placeWords = words(places);
    const checkpointWords = words(checkpoints);
    for (let i = 0; i < count; i++) {
      const run = runs[i] as number;
      const checkpoint = this.#checkpoints[run] as number;
      checkpointWords[2 * i] = checkpoint | 0;
      checkpointWords[2 * i + 1] = Math.floor(checkpoint / 2 ** 32);
      subtasks[i] = this.#subtasks[run] as number;
      placeWords[2 * i] = positions[i] as number;
    }
    return [
      { phys: "i64", values: checkpoints, validity: null },
      { phys: "i32", values: subtasks, validity: null },
      { phys: "i64", values: places, validity: null },
    ];
  }
}
