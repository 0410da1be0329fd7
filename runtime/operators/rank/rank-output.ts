import type { Batch, Column } from "../../contract/batch.ts";
import type { Output } from "../../contract/operator.ts";
import type { Schema } from "../../contract/types.ts";
import { IntList } from "../../state/int-list.ts";
import { RowEmitter } from "../row-emitter.ts";

const noColumns: readonly Column[] = [];

/** Gathers changes of ranked rows, what is taken back before what is new, and sends them with their ranks. */
export class RankOutput {
  readonly #emitter: RowEmitter;
  readonly #withRank: boolean;
  readonly #taken = new Changes();
  readonly #given = new Changes();

  constructor(schema: Schema, withRank: boolean, output: Output) {
    this.#emitter = new RowEmitter(schema, output);
    this.#withRank = withRank;
  }

  add(row: number, rank: number, weight: number): void {
    if (weight !== 0) (weight < 0 ? this.#taken : this.#given).add(row, rank, weight);
  }

  flush(stored: Batch): void {
    for (const changes of [this.#taken, this.#given]) {
      this.#send(changes, stored, changes.weights.values);
      changes.clear();
    }
  }

  /** All that was added, once each, without weights. */
  flushAppended(stored: Batch): void {
    this.#send(this.#given, stored, null);
    this.#given.clear();
  }

  #send({ rows, ranks }: Changes, stored: Batch, weights: Int32Array | null): void {
    const added = this.#withRank
      ? (from: number, to: number): readonly Column[] => [{ phys: "i64", values: bigints(ranks, from, to), validity: null }]
      : () => noColumns;
    this.#emitter.emit(stored, rows.values, rows.length, weights, added);
  }
}

class Changes {
  readonly rows = new IntList();
  readonly weights = new IntList();
  readonly ranks: number[] = [];

  add(row: number, rank: number, weight: number): void {
    this.rows.push(row);
    this.weights.push(weight);
    this.ranks.push(rank);
  }

  clear(): void {
    this.rows.clear();
    this.weights.clear();
    this.ranks.length = 0;
  }
}

function bigints(ranks: readonly number[], from: number, to: number): BigInt64Array {
  const values = new BigInt64Array(to - from);
  const words = new Int32Array(values.buffer);
  for (let i = from; i < to; i++) {
    const rank = ranks[i] as number;
    words[2 * (i - from)] = rank | 0;
    words[2 * (i - from) + 1] = Math.floor(rank / 2 ** 32);
  }
  return values;
}
