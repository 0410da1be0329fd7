import type { Batch } from "../../contract/batch.ts";
import type { JoinSpec } from "../../contract/job-graph.ts";
import type { Schema } from "../../contract/types.ts";
import type { RowChanges } from "../../state/row-changes.ts";
import { RowTable, type RowTableOptions } from "../../state/row-table.ts";
import { grownInts } from "../../state/slots/slot-column.ts";

/** 0: the left input, 1: the right one. */
export type SideNumber = 0 | 1;

export function sideOptions(spec: JoinSpec, schema: Schema, side: SideNumber): RowTableOptions {
  return side === 0
    ? { name: "left", schema, keys: spec.leftKeys, changelog: spec.leftChangelog }
    : { name: "right", schema, keys: spec.rightKeys, changelog: spec.rightChangelog };
}

/** Keys that must be equal bring matching rows together; a mark also asks whether there is any row to compare with, so a strict key does not. */
export function distributionOf(spec: JoinSpec, side: SideNumber): readonly number[] {
  const keys = side === 0 ? spec.leftKeys : spec.rightKeys;
  return spec.kind === "mark" ? keys.filter((_, k) => spec.nullsMatch[k] === true) : keys;
}

/** Whether a partner came is all that these ask of the right side: where the key says it all, the first row of a key answers for the others. */
const keepsFirstOnly = ({ kind, residual, rightChangelog }: JoinSpec, side: SideNumber): boolean =>
  side === 1 && !rightChangelog && residual === null && (kind === "semi" || kind === "anti" || kind === "mark");

/** The rows of one input, and of each how many rows of the other input it matches. */
export class Side {
  readonly table: RowTable;
  /** By row number: how much the current batch changed the row's count. */
  weightOf: Int32Array = new Int32Array(0);
  /** By row number: the counts of its matches, added up. */
  matches: Int32Array = new Int32Array(0);

  readonly #keepsFirstOnly: boolean;

  constructor(spec: JoinSpec, schema: Schema, side: SideNumber, subtask: number) {
    this.table = new RowTable(sideOptions(spec, schema, side), subtask);
    this.#keepsFirstOnly = keepsFirstOnly(spec, side);
  }

  add(batch: Batch): RowChanges {
    const changes = this.table.add(batch);
    return this.#keepsFirstOnly ? this.#firstOfKeys(changes) : changes;
  }

  /** Forgets the rows whose key was there before. */
  #firstOfKeys({ rows, weights, count }: RowChanges): RowChanges {
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const row = rows[i] as number;
      if (this.table.firstOf(this.table.groupOf(row)) === row) rows[kept++] = row;
      else this.table.remove(row);
    }
    return { rows, weights, count: kept };
  }

  /** Makes room for what is known of each row. */
  reserve(): void {
    this.weightOf = grownInts(this.weightOf, this.table.end);
    this.matches = grownInts(this.matches, this.table.end);
  }
}
