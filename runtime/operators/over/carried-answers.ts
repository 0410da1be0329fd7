import { type Batch, type Column, type I64Column, words } from "../../contract/batch.ts";
import type { EventTimeOverSpec } from "../../contract/job-graph.ts";
import type { StateDelta, StateTableSpec } from "../../contract/operator.ts";
import type { Frame, OverCall } from "../../contract/ordering.ts";
import { isCarried } from "../../contract/over-retention.ts";
import type { Field, Schema } from "../../contract/types.ts";
import { gatherColumn } from "../../expr/gather.ts";
import { staged } from "../../state/group-table.ts";
import { Carry, carrySpec } from "./carry.ts";
import { readColumns, readsOf } from "./evaluate.ts";
import { framesOf } from "./frame-bounds.ts";
import { type CarriedRows, FrameTree } from "./frame-tree.ts";
import type { Positions } from "./positions.ts";
import { addCounts, rankValues } from "./rank-values.ts";

type Aggregate = Extract<OverCall, { readonly kind: "aggregate" }>;

/** Calls whose frames end alike. `name`: of the state table. */
interface CarriedGroup {
  readonly name: string;
  readonly frame: Frame | null;
  readonly calls: readonly Aggregate[];
}

/** Aggregates up to the row, and up to its peers; the first group counts the rows too. None if no call is carried. */
function groupsOf(calls: readonly OverCall[]): readonly CarriedGroup[] {
  if (!calls.some(isCarried)) return [];
  const aggregates = calls.filter((call): call is Aggregate => call.kind === "aggregate" && isCarried(call));
  const toRow = aggregates.filter(({ frame }) => frame.end.kind === "currentRow" && frame.end.unit === "rows");
  const toPeers = aggregates.filter((call) => !toRow.includes(call));
  const groups = [toPeers, toRow].filter((own) => own.length > 0);
  if (groups.length === 0) return [{ name: "partitions", frame: null, calls: [] }];
  return groups.map((own, i) => ({ name: i === 0 ? "partitions" : "partitions_to_row", frame: own[0]?.frame ?? null, calls: own }));
}

const keysOf = ({ partition }: EventTimeOverSpec, schema: Schema): readonly Field[] =>
  partition.map((key, i) => ({ name: `${schema.columns[key]?.name}_${i}`, type: (schema.columns[key] as Field).type }));

export const carriedTables = (spec: EventTimeOverSpec, schema: Schema): readonly StateTableSpec[] =>
  groupsOf(spec.calls).map(({ name, calls }) =>
    carrySpec(
      name,
      keysOf(spec, schema),
      calls.map(({ call }) => call),
    ),
  );

interface CarriedState extends CarriedGroup {
  readonly carry: Carry;
  readonly tree: FrameTree;
  readonly reads: ReadonlySet<number>;
}

/** Answers that go on from those of earlier rows: row numbers, ranks, and aggregates from the partition's first row on. */
export class CarriedAnswers {
  readonly #spec: EventTimeOverSpec;
  readonly #groups: readonly CarriedState[];

  constructor(spec: EventTimeOverSpec, schema: Schema) {
    this.#spec = spec;
    this.#groups = groupsOf(spec.calls).map((group) => {
      const calls = group.calls.map(({ call }) => call);
      const carry = new Carry(group.name, keysOf(spec, schema), calls, spec.ttl_ms);
      return { ...group, carry, tree: new FrameTree(carry.layout.aggregates, carry.layout.row_bytes), reads: readsOf(calls) };
    });
  }

  /** Writes the columns of carried calls to their places in `into`; positions are those of new rows alone. Under a staging mark. */
  run(positions: Positions, columns: readonly Column[], into: Column[], now_ms: number): void {
    const { calls, order, partition } = this.#spec;
    const firsts = positions.starts.values.subarray(0, positions.starts.length).map((p) => positions.rows.values[p] as number);
    const keys = partition.map((key) => gatherColumn(columns[key] as Column, firsts, firsts.length));
    for (const [g, { carry, tree, reads, frame, calls: own }] of this.#groups.entries()) {
      const carried = carry.partitions(keys, firsts.length, now_ms);
      if (frame !== null) {
        const parts = framesOf(frame, { positions, columns, order });
        const results = tree.values(readColumns(columns, reads, positions), positions, parts, carried);
        for (const [i, call] of own.entries()) into[calls.indexOf(call)] = results[i] as Column;
      }
      if (g === 0) this.#ranks(carry, carried, positions, into);
    }
  }

  /** Forgets partitions whose time is over. */
  expire(now_ms: number): void {
    for (const { carry } of this.#groups) carry.expire(now_ms);
  }

  snapshot(): readonly StateDelta[] {
    return this.#groups.map(({ carry }) => carry.takeDelta());
  }

  /** false: the table is another's. */
  restore(table: string, rows: Batch): boolean {
    const group = this.#groups.find(({ name }) => name === table);
    if (group === undefined) return false;
    staged(() => group.carry.restore(rows));
    return true;
  }

  close(): void {
    for (const { carry } of this.#groups) carry.free();
  }

  #ranks(carry: Carry, carried: CarriedRows, positions: Positions, into: Column[]): void {
    const { starts, count } = positions;
    const dense = rankValues({ kind: "denseRank", type: { id: "bigint" } }, positions) as I64Column;
    const before = Array.from({ length: starts.length }, (_, k) => carry.counted(carried, k));
    for (const [i, call] of this.#spec.calls.entries()) {
      if (call.kind !== "rowNumber" && call.kind !== "rank" && call.kind !== "denseRank") continue;
      const ranks = rankValues(call, positions);
      const counter = call.kind === "denseRank" ? 1 : 0;
      addCounts(ranks, positions, (k) => before[k]?.[counter] ?? 0);
      into[i] = ranks;
    }
    const groups = words(dense.values);
    for (let k = 0; k < starts.length; k++) {
      const first = starts.values[k] as number;
      const end = k + 1 < starts.length ? (starts.values[k + 1] as number) : count;
      carry.count(carried, k, end - first, groups[2 * (end - 1)] as number);
    }
  }
}
