import type { Batch, Column } from "../../contract/batch.ts";
import type { SessionAggregateSpec } from "../../contract/job-graph.ts";
import type { StateDelta } from "../../contract/operator.ts";
import type { Field, Schema } from "../../contract/types.ts";
import { ColumnBuffer } from "../../kernels/column-buffer.ts";
import { kernels, type Pointer } from "../../kernels/kernels.ts";
import { stageIntegers } from "../../kernels/stage-column.ts";
import { GoneKeys } from "../../state/gone-keys.ts";
import { staged, stagedRows } from "../../state/group-table.ts";
import { sessionsTable } from "./layout.ts";
import type { SessionCut, Sessions } from "./sessions.ts";

/** Deltas of the `sessions` table, and its rows read back. */
export class SessionCheckpoint {
  readonly #sessions: Sessions;
  readonly #table: string;
  readonly #keyCount: number;
  /** (keys, start) of stored sessions that ended, were merged away or begin earlier now. */
  readonly #gone: GoneKeys;
  readonly #counts = new ColumnBuffer();

  constructor(spec: SessionAggregateSpec, input: Schema, sessions: Sessions) {
    this.#sessions = sessions;
    this.#table = sessionsTable(spec, input).name;
    this.#keyCount = spec.keys.length;
    this.#gone = new GoneKeys([...spec.keys.map((key) => (input.columns[key] as Field).type), spec.timeType]);
  }

  /** Call while the sessions still have their keys. */
  gone(sessions: readonly number[]): void {
    const { list, keys } = this.#sessions;
    const stored = sessions.filter((session) => list.isStored[session] === 1);
    if (stored.length === 0) return;
    staged(() => {
      const keyColumns = keys.decode(this.#sessions.keyAddressesOf(stored), stored.length);
      const starts = BigInt64Array.from(stored, (session) => list.storedStart[session] as bigint);
      this.#gone.add([...keyColumns, i64(starts)], stored.length);
    });
    for (const session of stored) list.isStored[session] = 0;
  }

  /** The deletes are borrowed: the task encodes them before anything else runs here. */
  snapshot(): StateDelta | null {
    const { list } = this.#sessions;
    const changed = this.#sessions.takeDirty();
    this.gone(changed.filter((session) => list.storedStart[session] !== list.start[session]));
    return staged(() => {
      const deletes = this.#gone.take(() => this.#keysOf(changed));
      for (const session of changed) {
        list.isStored[session] = 1;
        list.storedStart[session] = list.start[session] as bigint;
      }
      if (changed.length === 0) return deletes === null ? null : { table: this.#table, puts: null, deletes };
      const rest = this.#sessions.freeze(changed, (cut, places, rows, count) => this.#rowsOf(cut, places, rows, count));
      return { table: this.#table, puts: null, deletes, rest };
    });
  }

  restore(rows: Batch): void {
    const { list } = this.#sessions;
    staged(() => {
      const keys = this.#sessions.keysOf(rows.columns.slice(0, this.#keyCount), rows.rows);
      const [starts, ends, ...rest] = rows.columns.slice(this.#keyCount);
      const counts = rest.pop() as Column;
      const opened = new Int32Array(rows.rows);
      for (let i = 0; i < rows.rows; i++) {
        const key = kernels().heap().u32[(keys >>> 2) + i] as number;
        const start = (starts as Extract<Column, { phys: "i64" }>).values[i] as bigint;
        const session = this.#sessions.open(key, start, (ends as Extract<Column, { phys: "i64" }>).values[i] as bigint);
        list.isStored[session] = 1;
        list.storedStart[session] = start;
        opened[i] = session;
      }
      this.#sessions.merge(opened, rows.rows, rest, stageIntegers(counts, rows.rows));
      this.#sessions.takeDirty();
    });
  }

  free(): void {
    this.#gone.free();
  }

  #keysOf(sessions: readonly number[]): Batch | null {
    const { list, keys } = this.#sessions;
    const starts = BigInt64Array.from(sessions, (session) => list.start[session] as bigint);
    const columns = [...keys.decode(this.#sessions.keyAddressesOf(sessions), sessions.length), i64(starts)];
    return sessions.length === 0 ? null : { rows: sessions.length, columns, weights: null };
  }

  #rowsOf({ keys: keyRows, starts, ends }: SessionCut, places: Uint32Array, rows: Pointer, count: number): Batch {
    const { keys, layout } = this.#sessions;
    const addresses = stagedRows(Array.from(places, (place) => keyRows[place] as number));
    const counts = kernels().staging.bytes(count * 8);
    kernels().run.gather64(rows, count, layout.extraOffset, counts);
    return {
      rows: count,
      columns: [
        ...keys.decode(addresses, count),
        i64(BigInt64Array.from(places, (place) => starts[place] as bigint)),
        i64(BigInt64Array.from(places, (place) => ends[place] as bigint)),
        ...layout.aggregates.store(rows, count),
        this.#counts.i64(counts, count, null),
      ],
      weights: null,
    };
  }
}

const i64 = (values: BigInt64Array): Column => ({ phys: "i64", values, validity: null });
