import type { OperatorState } from "../../runtime/contract/control.ts";
import type { Store } from "../../runtime/contract/store.ts";
import { BrokenInvariant } from "./kernel/kernel.ts";
import { splits } from "./outside.ts";

/** How many rows of each split a job's last checkpoint has, as its source's state in the store says. */
export async function positionsOf(store: Store, tables: readonly OperatorState[]): Promise<readonly number[]> {
  const [table, second] = tables.filter(({ name }) => name === "splits");
  if (table === undefined || second !== undefined) throw new BrokenInvariant("a job reads the log once");
  const { schema, rows } = await store.transact(async (transaction) => {
    const result = await transaction.query(`SELECT * FROM millrace_state."${table.table}"`);
    return { schema: result.schema, rows: await result.rows() };
  });
  const at = (name: string): number => schema.columns.findIndex((column) => column.name === name);
  const newest = new Map<string, { readonly checkpoint: bigint; readonly position: number }>();
  for (const row of rows) {
    const [split, checkpoint] = [row[at("split")] as string, row[at("checkpoint")] as bigint];
    if ((newest.get(split)?.checkpoint ?? -1n) < checkpoint) newest.set(split, { checkpoint, position: Number(row[at("position")]) });
  }
  return splits.map((split) => newest.get(split)?.position ?? 0);
}
