import type { Value } from "../../../runtime/contract/value.ts";
import type { Change } from "./case.ts";
import { renderCell } from "./report.ts";
import type { Stage } from "./stage.ts";
import { lateTable } from "./job-sql.ts";
import { tableNamed, valuesOf } from "./tables.ts";

/** The stream whose rows come late. */
const table = "l";
const delay_us = 4_000_000n;

export interface PutAside {
  /** Takes the rows that were put aside out of the batch. */
  readonly changes: readonly Change[];
  /** What is wrong about them, a line each. */
  readonly lines: readonly string[];
}

/**
 * What was put aside as late must be rows that came, each once, and no later than a watermark can have been. The answer is then the
 * batch over the other rows: so none is lost, and none counts that was put aside. No two rows of the stream have one time.
 */
export function putAside(stage: Stage, fed: readonly Change[]): PutAside {
  const { rows } = stage.result(lateTable);
  const spec = stage.lateFrom?.spec;
  if (rows.length === 0 || spec === undefined || !("timeColumn" in spec)) return { changes: [], lines: [] };
  const time = (change: Change): Value => valuesOf(tableNamed(table), change.row).at(-1) ?? null;
  const left = new Map(fed.filter((change) => change.table === table).map((change) => [time(change), change]));
  const latest = [...left.keys()].reduce<bigint>((most, ts) => (typeof ts === "bigint" && ts > most ? ts : most), 0n);
  const changes: Change[] = [];
  const lines: string[] = [];
  for (const row of rows) {
    const ts = row[spec.timeColumn] ?? null;
    const change = left.get(ts);
    left.delete(ts);
    if (change === undefined) lines.push(`put aside what did not come, or twice: ${renderCell(row)}`);
    else if (typeof ts !== "bigint" || ts > latest - delay_us)
      lines.push(`put aside though no watermark can be so far: ${renderCell(row)}`);
    else changes.push({ ...change, weight: -1 });
  }
  return { changes, lines };
}
