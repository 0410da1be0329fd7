import type { Batch } from "../../contract/batch.ts";
import type { JoinSpec } from "../../contract/job-graph.ts";
import type { OperatorContext } from "../../contract/operator.ts";
import type { Schema } from "../../contract/types.ts";
import type { RowChanges } from "../../state/row-changes.ts";
import { RowTable } from "../../state/row-table.ts";
import type { RowTableOptions } from "../../state/row-table-spec.ts";
import { RowTtl } from "../../state/row-ttl.ts";
import { grownInts } from "../../state/slots/slot-column.ts";

/** 0: the left input, 1: the right one. */
export type SideNumber = 0 | 1;

export function sideOptions(spec: JoinSpec, schema: Schema, side: SideNumber): RowTableOptions {
  const attributes = attributesOf(spec, side);
  return side === 0
    ? { name: "left", schema, keys: spec.leftKeys, changelog: spec.leftChangelog, attributes }
    : { name: "right", schema, keys: spec.rightKeys, changelog: spec.rightChangelog, attributes };
}

/**
 * What follows from the rows is not stored. Where rows have a time to live it does not: rows that matched, and that results speak of, may
 * be forgotten.
 */
function attributesOf({ kind, ttl_ms }: JoinSpec, side: SideNumber): readonly string[] {
  if (ttl_ms === undefined) return [];
  if (kind === "mark") return side === 0 ? ["matches", "unknowns", "mark"] : [];
  return alone[kind][side] === null ? [] : ["matches"];
}

/** What a row contributes besides its pairs, by side: a row padded with NULLs when nothing matches, or itself when (not) matched. */
export type Alone = "unmatched" | "matched" | null;

export const alone: Readonly<Record<Exclude<JoinSpec["kind"], "mark">, readonly [Alone, Alone]>> = {
  inner: [null, null],
  left: ["unmatched", null],
  right: [null, "unmatched"],
  full: ["unmatched", "unmatched"],
  single: ["unmatched", null],
  semi: ["matched", null],
  anti: ["unmatched", null],
};

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
  readonly #ttl: RowTtl | null;
  readonly #storesMatches: boolean;

  constructor(spec: JoinSpec, schema: Schema, side: SideNumber, { subtaskIndex, metrics }: OperatorContext) {
    const ttl_ms = spec.ttl_ms?.[side] ?? null;
    const options = sideOptions(spec, schema, side);
    const report = ttl_ms === null ? null : (rows: number): void => metrics.add("numForgottenRetractions", rows);
    this.table = new RowTable(options, subtaskIndex, report);
    this.#ttl = ttl_ms === null ? null : new RowTtl(ttl_ms, this.table);
    this.#keepsFirstOnly = keepsFirstOnly(spec, side);
    this.#storesMatches = (options.attributes ?? []).length > 0;
  }

  add(batch: Batch, now_ms: number): RowChanges {
    const all = this.table.add(batch);
    const changes = this.#keepsFirstOnly ? this.#firstOfKeys(all, now_ms) : all;
    if (this.#ttl !== null) for (let i = 0; i < changes.count; i++) this.#ttl.touch(changes.rows[i] as number, now_ms);
    return changes;
  }

  /** Forgets rows whose time is over, but those that must stay. */
  expire(now_ms: number, mayGo: (row: number) => boolean = () => true): void {
    this.#ttl?.expire(now_ms, mayGo);
  }

  /** After a restore. */
  open(now_ms: number): void {
    this.#ttl?.touchAll(now_ms);
    this.reserve();
  }

  /** The matches of a row that was there before the batch are others now. */
  noteMatches(row: number): void {
    if (this.#storesMatches) this.table.noteChanged(row);
  }

  /** Forgets the rows whose key was there before, which counts as a touch of the first one. */
  #firstOfKeys({ rows, weights, count }: RowChanges, now_ms: number): RowChanges {
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const row = rows[i] as number;
      const first = this.table.firstOf(this.table.groupOf(row));
      if (first === row) rows[kept++] = row;
      else {
        this.table.remove(row);
        this.#ttl?.touch(first, now_ms);
      }
    }
    return { rows, weights, count: kept };
  }

  /** Makes room for what is known of each row. */
  reserve(): void {
    this.weightOf = grownInts(this.weightOf, this.table.end);
    this.matches = this.#storesMatches ? this.table.attribute(0) : grownInts(this.matches, this.table.end);
  }
}
