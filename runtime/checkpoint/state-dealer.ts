import type { Batch, Column, I32Column, U8Column } from "../contract/batch.ts";
import { operatorIndexOf } from "../contract/hash.ts";
import type { Schema } from "../contract/types.ts";
import { gatherRows } from "./gather.ts";
import type { StateLog } from "./layout.ts";
import type { StateReceiver } from "./read-state.ts";

/** Where things are in the batches that readLog reads. */
export interface Places {
  readonly keyGroup: number;
  readonly deleted: number;
  readonly checkpoint: number;
  readonly newest: number;
  readonly state: readonly number[];
}

export function placesOf(log: StateLog, hashed: Schema): Places {
  const at = (name: string): number => hashed.columns.findIndex((column) => column.name === name);
  const checkpoint = hashed.columns.length;
  return { keyGroup: at("key_group"), deleted: at("deleted"), checkpoint, newest: checkpoint + 1, state: log.columns.map(at) };
}

/** A subtask is sent this much at a time. */
const message_bytes_min = 1_048_576;

/** Frames for one subtask that are not sent yet. */
interface Gathered {
  frames: ArrayBuffer[];
  bytes: number;
}

/** Deals the valid rows of a log to the subtasks that own them, as frames. */
export class StateDealer {
  readonly #log: StateLog;
  readonly #maxParallelism: number;
  readonly #place: Places;
  readonly #receiver: StateReceiver;
  readonly #gathered: readonly Gathered[];
  readonly #isUnion: boolean;
  validRows = 0;

  constructor(log: StateLog, maxParallelism: number, place: Places, receiver: StateReceiver) {
    this.#log = log;
    this.#maxParallelism = maxParallelism;
    this.#place = place;
    this.#receiver = receiver;
    this.#gathered = Array.from({ length: log.parallelism }, () => ({ frames: [], bytes: 0 }));
    this.#isUnion = log.spec.redistribution.kind === "union";
  }

  /** Sends what is worth a message; rows of union tables wait for `flush`, as tasks take all of them in at once. */
  deal(batch: Batch): void {
    const valid = validRowsOf(batch, this.#place);
    this.validRows += valid.length;
    if (valid.length === 0) return;
    const state: Batch = { rows: batch.rows, columns: this.#place.state.map((c) => batch.columns[c] as Column), weights: null };
    if (this.#isUnion) {
      const frame = this.#encode(state, valid);
      for (let subtask = 0; subtask < this.#gathered.length; subtask++) this.#gather(subtask, frame.slice(0));
      return;
    }
    const groups = (batch.columns[this.#place.keyGroup] as I32Column).values;
    this.#byOwner(valid, groups).forEach((own, owner) => {
      if (own.length > 0) this.#gather(owner, this.#encode(state, own));
    });
  }

  /** Sends what is left. */
  flush(): void {
    for (let subtask = 0; subtask < this.#gathered.length; subtask++) this.#send(subtask);
  }

  /** In a buffer of its size: pooled ones are powers of two, and these may have far to go. */
  #encode(state: Batch, rows: Int32Array): ArrayBuffer {
    const own = gatherRows(state, rows);
    const { puts } = this.#log;
    return puts.encode(own, new ArrayBuffer(puts.measure(own)));
  }

  #gather(subtask: number, frame: ArrayBuffer): void {
    const gathered = this.#gathered[subtask] as Gathered;
    gathered.frames.push(frame);
    gathered.bytes += frame.byteLength;
    if (gathered.bytes >= message_bytes_min && !this.#isUnion) this.#send(subtask);
  }

  #send(subtask: number): void {
    const gathered = this.#gathered[subtask] as Gathered;
    if (gathered.frames.length === 0) return;
    const { vertex, uid, spec } = this.#log;
    this.#receiver.take(vertex, subtask, { uid, table: spec.name, frames: gathered.frames });
    gathered.frames = [];
    gathered.bytes = 0;
  }

  /** The rows of each subtask, in order. */
  #byOwner(rows: Int32Array, groups: Int32Array): readonly Int32Array[] {
    const subtasks = this.#gathered.length;
    if (subtasks === 1) return [rows];
    const owners = new Int32Array(rows.length);
    const counts = new Int32Array(subtasks);
    for (let i = 0; i < rows.length; i++) {
      const owner = operatorIndexOf(groups[rows[i] as number] as number, subtasks, this.#maxParallelism);
      owners[i] = owner;
      counts[owner] = (counts[owner] as number) + 1;
    }
    const own = Array.from(counts, (count) => new Int32Array(count));
    counts.fill(0);
    for (let i = 0; i < rows.length; i++) {
      const owner = owners[i] as number;
      (own[owner] as Int32Array)[counts[owner] as number] = rows[i] as number;
      counts[owner] = (counts[owner] as number) + 1;
    }
    return own;
  }
}

function validRowsOf(batch: Batch, place: Places): Int32Array {
  const deleted = (batch.columns[place.deleted] as U8Column).values;
  const newest = (batch.columns[place.newest] as U8Column).values;
  const rows = new Int32Array(batch.rows);
  let n = 0;
  for (let i = 0; i < batch.rows; i++) if (newest[i] === 1 && deleted[i] === 0) rows[n++] = i;
  return rows.subarray(0, n);
}
