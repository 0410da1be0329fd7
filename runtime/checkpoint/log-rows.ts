import type { Batch, Column } from "../contract/batch.ts";
import { hashRows, keyGroupOf } from "../contract/hash.ts";
import { nullsOf } from "../contract/nulls.ts";
import { columnOf } from "../contract/rows.ts";
import type { StateLog } from "./layout.ts";

/** Puts of a checkpoint as rows of the state log: key_group, the columns, deleted, checkpoint. */
export function putRows(log: StateLog, batch: Batch, checkpoint: number, maxParallelism: number): Batch {
  return logRows(batch, batch.columns, keyGroups(log, batch, maxParallelism), checkpoint, 0);
}

/** Deletes as rows of the state log, NULL beside the key. Where the key alone does not say the key group, it is 0: nothing is restored from a delete. */
export function deleteRows(log: StateLog, batch: Batch, checkpoint: number, maxParallelism: number): Batch {
  const { redistribution, keyColumns } = log.spec;
  const isKnown = redistribution.kind === "union" || redistribution.distribution.every((column) => column < keyColumns);
  const groups = isKnown ? keyGroups(log, batch, maxParallelism) : new Int32Array(batch.rows);
  const rest = log.spec.columns.slice(log.spec.keyColumns).map(({ type }) => nullsOf(columnOf(type, []), batch.rows));
  return logRows(batch, [...batch.columns, ...rest], groups, checkpoint, 1);
}

function logRows(batch: Batch, columns: readonly Column[], groups: Int32Array, checkpoint: number, deleted: 0 | 1): Batch {
  return {
    rows: batch.rows,
    columns: [
      { phys: "i32", values: groups, validity: null },
      ...columns,
      { phys: "u8", values: new Uint8Array(batch.rows).fill(deleted), validity: null },
      { phys: "i64", values: new BigInt64Array(batch.rows).fill(BigInt(checkpoint)), validity: null },
    ],
    weights: null,
  };
}

/** The key group that the exchange sent each row's key to; 0 for union tables, whose rows go everywhere. */
function keyGroups(log: StateLog, batch: Batch, maxParallelism: number): Int32Array {
  const groups = new Int32Array(batch.rows);
  if (log.spec.redistribution.kind === "union") return groups;
  hashRows(batch, log.spec.redistribution.distribution, groups);
  for (let i = 0; i < batch.rows; i++) groups[i] = keyGroupOf(groups[i] as number, maxParallelism);
  return groups;
}

/** Weighted rows of a changelog result as rows of its log. `position` counts on over the checkpoint's batches. */
export function changelogRows(batch: Batch, checkpoint: number, position: number): Batch {
  const positions = new BigInt64Array(batch.rows);
  for (let i = 0; i < batch.rows; i++) positions[i] = BigInt(position + i);
  return {
    rows: batch.rows,
    columns: [
      { phys: "i64", values: new BigInt64Array(batch.rows).fill(BigInt(checkpoint)), validity: null },
      { phys: "i64", values: positions, validity: null },
      { phys: "i32", values: batch.weights ?? new Int32Array(batch.rows).fill(1), validity: null },
      ...batch.columns,
    ],
    weights: null,
  };
}
