import type { StoreConnection, StoreTransaction } from "../contract/store.ts";
import type { ContentHash } from "./content-hash.ts";

/** One row of millrace.checkpoint_deltas; see system-tables.ts. */
export type DeltaRecord =
  | { readonly kind: "delta" | "base" | "in_flight"; readonly checkpoint: number; readonly table: string; readonly content: ContentHash }
  | { readonly kind: "result"; readonly checkpoint: number; readonly table: string; readonly rows: number; readonly totalRows: number };

export async function writeDeltas(transaction: StoreTransaction, job: string, deltas: readonly DeltaRecord[]): Promise<void> {
  if (deltas.length === 0) return;
  const values = deltas.map(() => "(?, ?, ?, ?, ?, ?::BIGINT, ?::BIGINT)").join(", ");
  await transaction.run(
    `INSERT INTO millrace.checkpoint_deltas VALUES ${values}`,
    deltas.flatMap((delta) =>
      delta.kind === "result"
        ? [job, delta.checkpoint, delta.table, delta.kind, delta.rows, null, delta.totalRows]
        : [job, delta.checkpoint, delta.table, delta.kind, delta.content.rows, delta.content.hash, null],
    ),
  );
}

export async function readDeltas(connection: Pick<StoreConnection, "query">, job: string): Promise<readonly DeltaRecord[]> {
  const result = await connection.query(
    "SELECT checkpoint, table_name, kind, row_count, content_hash, total_rows FROM millrace.checkpoint_deltas WHERE job = ?",
    [job],
  );
  return (await result.rows()).map(([checkpoint, table, kind, rows, hash, totalRows]): DeltaRecord => {
    const common = { checkpoint: Number(checkpoint), table: table as string };
    return kind === "result"
      ? { ...common, kind, rows: Number(rows), totalRows: Number(totalRows) }
      : { ...common, kind: kind as "delta" | "base" | "in_flight", content: { rows: Number(rows), hash: hash as bigint } };
  });
}
