import type { Batch } from "../contract/batch.ts";
import type { BatchBuilder } from "../exchange/batch-builder.ts";
import { kernels, type Pointer } from "../kernels/kernels.ts";
import type { GroupTable } from "./group-table.ts";

/**
 * Ends the groups of these rows. The keys of those that the last checkpoint holds, which the next one has to delete; null: none.
 * They are built in `deleted` and borrowed until it is used again. Under a staging mark.
 */
export function eraseRows(table: GroupTable, rows: Pointer, count: number, deleted: BatchBuilder): Batch | null {
  const stored = kernels().staging.bytes(count * 4);
  const storedCount = table.storedRows(rows, count, stored);
  deleted.clear();
  if (storedCount > 0) {
    const keys: Batch = { rows: storedCount, columns: table.keys.decode(stored, storedCount), weights: null };
    deleted.append(keys, { selection: null, from: 0, to: storedCount });
  }
  table.erase(rows, count);
  return storedCount === 0 ? null : deleted.build();
}
