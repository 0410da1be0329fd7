import type { Batch, Column } from "../contract/batch.ts";
import type { OperatorContext, StateDelta, StateTableSpec, Watermark } from "../contract/operator.ts";
import { watermark_min, watermarkStateTable } from "../contract/operator.ts";
import { batchOf } from "../contract/rows.ts";
import { integer, timestamp } from "../contract/types.ts";

const columns: StateTableSpec["columns"] = [
  { name: "subtask", type: integer },
  { name: "watermark", type: timestamp },
];

/** How far each subtask has fired: after a restore, rows of what had fired must still be late. */
export const watermarkTable: StateTableSpec = {
  name: watermarkStateTable,
  version: 1,
  columns,
  keyColumns: 1,
  redistribution: { kind: "union" },
};

/**
 * The state of that table: the least watermark of all restored subtasks is where each goes on. They are equal at an aligned barrier,
 * as every channel brought the same ones: the least is none's loss.
 */
export class StoredWatermark {
  readonly #context: OperatorContext;
  #stored: Watermark = watermark_min;
  #restored: Watermark | null = null;
  /** Subtasks that a restored checkpoint knew and this parallelism does not have. */
  #gone: number[] = [];

  constructor(context: OperatorContext) {
    this.#context = context;
  }

  /** Takes in the restored rows, all at once; returns the watermark to go on from. */
  restore(rows: Batch): Watermark {
    if (this.#context.restoredUnaligned === true) return this.#own(rows);
    const subtasks = rows.columns[0] as Extract<Column, { phys: "i32" }>;
    const watermarks = rows.columns[1] as Extract<Column, { phys: "i64" }>;
    for (let i = 0; i < rows.rows; i++) {
      const watermark = watermarks.values[i] as bigint;
      const subtask = subtasks.values[i] as number;
      if (this.#restored === null || watermark < this.#restored) this.#restored = watermark;
      if (subtask >= this.#context.parallelism && this.#context.subtaskIndex === 0) this.#gone.push(subtask);
    }
    return this.#restored ?? watermark_min;
  }

  /** At an unaligned barrier each subtask had its own; one without a row had none. */
  #own({ rows, columns: [subtasks, watermarks] }: Batch): Watermark {
    const { values } = subtasks as Extract<Column, { phys: "i32" }>;
    for (let i = 0; i < rows; i++) {
      if (values[i] !== this.#context.subtaskIndex) continue;
      this.#stored = (watermarks as Extract<Column, { phys: "i64" }>).values[i] as bigint;
      return this.#stored;
    }
    return watermark_min;
  }

  /** null when nothing changed since the last snapshot. */
  delta(watermark: Watermark): StateDelta | null {
    const gone = this.#gone.splice(0);
    if (watermark === this.#stored && gone.length === 0) return null;
    this.#stored = watermark;
    const puts = batchOf({ columns }, [[this.#context.subtaskIndex, watermark]]);
    const keys = gone.map((subtask) => [subtask]);
    return { table: watermarkTable.name, puts, deletes: keys.length === 0 ? null : batchOf({ columns: columns.slice(0, 1) }, keys) };
  }
}
