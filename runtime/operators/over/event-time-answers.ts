import { type Batch, batch_rows_target, type Column, type I64Column, words } from "../../contract/batch.ts";
import type { EventTimeOverSpec } from "../../contract/job-graph.ts";
import type { Output, StateDelta, Watermark } from "../../contract/operator.ts";
import { isCarried, keepsNothing, retentionOf } from "../../contract/over-retention.ts";
import { sliceBatch } from "../../contract/slice-batch.ts";
import type { Schema } from "../../contract/types.ts";
import { BatchBuilder } from "../../exchange/batch-builder.ts";
import { gatherColumn } from "../../expr/gather.ts";
import { staged } from "../../state/group-table.ts";
import { IntList } from "../../state/int-list.ts";
import type { RowTable } from "../../state/row-table.ts";
import { type CompareRows, compareBy } from "../../state/value-order.ts";
import { CarriedAnswers } from "./carried-answers.ts";
import { OverEvaluation } from "./evaluate.ts";
import { History, historyTable } from "./history.ts";
import { Positions } from "./positions.ts";

/** One partition's share of the rows at hand: new ones [from, to) of the batch, answered ones [ownFrom, ownTo) of those gathered. */
interface Share {
  readonly group: number;
  readonly from: number;
  readonly to: number;
  readonly ownFrom: number;
  readonly ownTo: number;
}

/** Answers rows in the order of event time, from what earlier ones left behind. */
export class EventTimeAnswers {
  readonly #spec: EventTimeOverSpec;
  readonly #carried: CarriedAnswers;
  readonly #history: History | null;
  /** Over answered and new rows: of the calls that are not carried. */
  readonly #evaluation: OverEvaluation;
  readonly #framed: readonly number[];
  /** The rows at hand: the new ones, then the answered ones that their frames reach. */
  readonly #rows: BatchBuilder;
  readonly #retained: BatchBuilder;
  /** Numbers in the history of the answered ones. */
  readonly #own = new IntList();
  readonly #all = new Positions();
  readonly #new = new Positions();
  /** Positions of the new rows among all. */
  readonly #newAt = new IntList();
  readonly #output: Output;

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
    this.#output = output;
  }

  open(now_ms: number): void {
    this.#history?.open(now_ms);
  }

  /** Forgets partitions whose time to live is over. */
  forget(now_ms: number): void {
    this.#history?.forget(now_ms);
    this.#carried.expire(now_ms);
  }

  /** `due`: rows of the table, partition by partition, each in order. */
  answer(waiting: RowTable, due: Int32Array, watermark: Watermark, now_ms: number): void {
    this.forget(now_ms);
    this.#rows.clear();
    const shares = this.#gather(waiting, due);
    const batch = this.#rows.build();
    staged(() => this.#emit(batch, due.length, this.#compute(shares, batch.columns, due.length, now_ms)));
    if (this.#history !== null) this.#retain(this.#history, shares, batch, watermark, now_ms);
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
    const starts = startsOf(waiting, due);
    const groups = new Int32Array(starts.length).fill(-1);
    this.#history?.findGroups(
      waiting,
      starts.map((from) => due[from] as number),
      groups,
    );
    this.#own.clear();
    const shares: Share[] = [];
    for (let k = 0; k < starts.length; k++) {
      const ownFrom = this.#own.length;
      this.#pushAnswered(groups[k] as number);
      shares.push({
        group: groups[k] as number,
        from: starts[k] as number,
        to: starts[k + 1] ?? due.length,
        ownFrom,
        ownTo: this.#own.length,
      });
    }
    this.#rows.append(waiting.rows(), { selection: due, from: 0, to: due.length });
    if (this.#history !== null) this.#rows.append(this.#history.rows, { selection: this.#own.values, from: 0, to: this.#own.length });
    return shares;
  }

  #pushAnswered(group: number): void {
    if (this.#history === null || group < 0) return;
    const { rows, length } = this.#history.rowsOf(group);
    for (let i = 0; i < length; i++) this.#own.push(rows[i] as number);
  }

  /** A column per call, by new row; there are `count` of them. */
  #compute(shares: readonly Share[], columns: readonly Column[], count: number, now_ms: number): readonly Column[] {
    const isPeer = compareBy(this.#spec.order, columns);
    const answers: Column[] = [];
    if (this.#framed.length < this.#spec.calls.length) {
      this.#placeNew(shares, isPeer);
      this.#carried.run(this.#new, columns, answers, now_ms);
    }
    if (this.#framed.length === 0) return answers;
    this.#placeAll(shares, isPeer, count);
    const framed = this.#evaluation.run(this.#all, columns);
    for (const [i, at] of this.#framed.entries()) answers[at] = gatherColumn(framed[i] as Column, this.#newAt.values, count);
    return answers;
  }

  #placeNew(shares: readonly Share[], isPeer: CompareRows): void {
    this.#new.clear();
    for (const { from, to } of shares) {
      this.#new.begin();
      for (let row = from; row < to; row++) this.#new.rows.push(row);
      this.#new.end(isPeer);
    }
  }

  #placeAll(shares: readonly Share[], isPeer: CompareRows, count: number): void {
    this.#all.clear();
    this.#newAt.clear();
    for (const { from, to, ownFrom, ownTo } of shares) {
      this.#all.begin();
      for (let own = ownFrom; own < ownTo; own++) this.#all.rows.push(count + own);
      for (let row = from; row < to; row++) {
        this.#newAt.push(this.#all.count);
        this.#all.rows.push(row);
      }
      this.#all.end(isPeer);
    }
  }

  /** The new rows stand in front of the batch, in the order of their answers. */
  #emit(batch: Batch, count: number, answers: readonly Column[]): void {
    const rows: Batch = { rows: count, columns: [...batch.columns, ...answers], weights: null };
    for (let from = 0; from < count; from += batch_rows_target) {
      this.#output.batch(sliceBatch(rows, from, Math.min(count, from + batch_rows_target)));
    }
  }

  #retain(history: History, shares: readonly Share[], batch: Batch, watermark: Watermark, now_ms: number): void {
    const times = words((batch.columns[this.#spec.timeColumn] as I64Column).values);
    const kept = new IntList();
    for (const { group, from, to, ownFrom, ownTo } of shares) {
      const added = history.retain(group, this.#own.values.subarray(ownFrom, ownTo), { times, from, to }, watermark);
      for (let row = to - added; row < to; row++) kept.push(row);
    }
    if (kept.length === 0) return;
    this.#retained.clear();
    this.#retained.append(batch, { selection: kept.values, from: 0, to: kept.length });
    history.add(this.#retained.build(), now_ms);
  }
}

/** Where each partition's rows begin. */
function startsOf(waiting: RowTable, due: Int32Array): Int32Array {
  const starts = new IntList();
  let before = -1;
  for (let i = 0; i < due.length; i++) {
    const group = waiting.groupOf(due[i] as number);
    if (group !== before) starts.push(i);
    before = group;
  }
  return starts.values.subarray(0, starts.length);
}
