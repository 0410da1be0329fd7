import type { Batch, Column, I64Column } from "../../contract/batch.ts";
import type { EventTimeOverSpec } from "../../contract/job-graph.ts";
import type { Output, StateDelta, Watermark } from "../../contract/operator.ts";
import { isCarried, keepsNothing, retentionOf } from "../../contract/over-retention.ts";
import type { Schema } from "../../contract/types.ts";
import { BatchBuilder } from "../../exchange/batch-builder.ts";
import { gatherColumn } from "../../expr/gather.ts";
import { staged } from "../../state/group-table.ts";
import { IntList } from "../../state/int-list.ts";
import type { RowTable } from "../../state/row-table.ts";
import { compareBy } from "../../state/value-order.ts";
import { RowEmitter } from "../row-emitter.ts";
import { CarriedAnswers } from "./carried-answers.ts";
import { OverEvaluation } from "./evaluate.ts";
import { History, historyTable } from "./history.ts";
import { Positions } from "./positions.ts";

/** One partition's share of the rows at hand: answered ones [start, fresh), new ones [fresh, end). */
interface Share {
  readonly group: number;
  /** Numbers of the answered rows in the history. */
  readonly own: Int32Array;
  readonly start: number;
  readonly fresh: number;
  readonly end: number;
}

/** Answers rows in the order of event time, from what earlier ones left behind. */
export class EventTimeAnswers {
  readonly #spec: EventTimeOverSpec;
  readonly #carried: CarriedAnswers;
  readonly #history: History | null;
  /** Over answered and new rows: of the calls that are not carried. */
  readonly #evaluation: OverEvaluation;
  readonly #framed: readonly number[];
  /** The rows at hand: of each partition the answered ones that frames reach, then the new ones. */
  readonly #rows: BatchBuilder;
  readonly #retained: BatchBuilder;
  readonly #all = new Positions();
  readonly #new = new Positions();
  readonly #emitter: RowEmitter;

  constructor(spec: EventTimeOverSpec, schema: Schema, subtask: number, output: Output) {
    this.#spec = spec;
    this.#carried = new CarriedAnswers(spec, schema);
    this.#history = keepsNothing(retentionOf(spec.calls)) ? null : new History(spec, schema, subtask);
    this.#framed = spec.calls.flatMap((call, i) => (isCarried(call) ? [] : [i]));
    this.#evaluation = new OverEvaluation(
      spec.calls.filter((call) => !isCarried(call)),
      spec.order,
    );
    this.#rows = new BatchBuilder(schema);
    this.#retained = new BatchBuilder(schema);
    this.#emitter = new RowEmitter(schema, output);
  }

  open(): void {
    this.#history?.open();
  }

  /** `due`: rows of the table, partition by partition, each in order. */
  answer(waiting: RowTable, due: Int32Array, watermark: Watermark): void {
    this.#rows.clear();
    const shares = this.#gather(waiting, due);
    const batch = this.#rows.build();
    staged(() => {
      const answers = this.#compute(shares, batch.columns);
      const { values, length } = this.#new.rows;
      this.#emitter.emit(batch, values, length, null, (from, to) => answers.map((column) => sliced(column, from, to)));
    });
    if (this.#history !== null) this.#retain(this.#history, shares, batch, watermark);
  }

  expire(watermark: Watermark): void {
    this.#history?.expire(watermark);
  }

  snapshot(checkpoint: number): readonly StateDelta[] {
    const carried = this.#carried.snapshot();
    return this.#history === null ? carried : [this.#history.takeDelta(checkpoint), ...carried];
  }

  restore(table: string, rows: Batch): void {
    if (table === historyTable) this.#history?.restore(rows);
    else this.#carried.restore(table, rows);
  }

  close(): void {
    this.#evaluation.free();
    this.#carried.close();
  }

  #gather(waiting: RowTable, due: Int32Array): readonly Share[] {
    const starts: number[] = [];
    for (let i = 0; i < due.length; i++) {
      if (i === 0 || waiting.groupOf(due[i] as number) !== waiting.groupOf(due[i - 1] as number)) starts.push(i);
    }
    const groups = new Int32Array(starts.length).fill(-1);
    const firsts = Int32Array.from(starts, (i) => due[i] as number);
    this.#history?.findGroups(waiting, firsts, groups);
    return starts.map((from, k) => {
      const start = this.#rows.rows;
      const own = this.#answered(groups[k] as number);
      const fresh = this.#rows.rows;
      this.#rows.append(waiting.rows(), { selection: due, from, to: starts[k + 1] ?? due.length });
      return { group: groups[k] as number, own, start, fresh, end: this.#rows.rows };
    });
  }

  #answered(group: number): Int32Array {
    if (this.#history === null || group < 0) return new Int32Array(0);
    const { rows, length } = this.#history.rowsOf(group);
    const own = rows.slice(0, length);
    this.#rows.append(this.#history.rows, { selection: own, from: 0, to: length });
    return own;
  }

  /** A column per call, by new row. */
  #compute(shares: readonly Share[], columns: readonly Column[]): readonly Column[] {
    const isPeer = compareBy(this.#spec.order, columns);
    this.#all.clear();
    this.#new.clear();
    for (const { start, fresh, end } of shares) {
      this.#all.begin();
      for (let row = start; row < end; row++) this.#all.rows.push(row);
      this.#all.end(isPeer);
      this.#new.begin();
      for (let row = fresh; row < end; row++) this.#new.rows.push(row);
      this.#new.end(isPeer);
    }
    const answers: Column[] = [];
    this.#carried.run(this.#new, columns, answers);
    if (this.#framed.length === 0) return answers;
    // A row's position among all is its number.
    const { values, length } = this.#new.rows;
    const framed = this.#evaluation.run(this.#all, columns);
    for (const [i, at] of this.#framed.entries()) answers[at] = gatherColumn(framed[i] as Column, values, length);
    return answers;
  }

  #retain(history: History, shares: readonly Share[], batch: Batch, watermark: Watermark): void {
    const times = (batch.columns[this.#spec.timeColumn] as I64Column).values;
    const kept = new IntList();
    for (const { group, own, start, end } of shares) {
      const added = history.retain(group, own, times.subarray(start, end), watermark);
      for (let row = end - added; row < end; row++) kept.push(row);
    }
    if (kept.length === 0) return;
    this.#retained.clear();
    this.#retained.append(batch, { selection: kept.values, from: 0, to: kept.length });
    history.add(this.#retained.build());
  }
}

/** Rows [from, to) of a column. */
function sliced(column: Column, from: number, to: number): Column {
  const rows = Int32Array.from({ length: to - from }, (_, i) => from + i);
  return gatherColumn(column, rows, to - from);
}
