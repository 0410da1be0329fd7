import type { ResultTable, StateChange } from "../contract/control.ts";
import { type ColumnMatch, changesText, isUnchanged, matchColumns } from "./match-columns.ts";

/** A result table that goes on. */
export interface ResultMatch {
  readonly before: ResultTable;
  readonly after: ResultTable;
  readonly columns: ColumnMatch;
  readonly unchanged: boolean;
}

export interface ResultsMatch {
  readonly tables: readonly ResultMatch[];
  readonly dropped: readonly ResultTable[];
  readonly changes: readonly StateChange[];
}

/** Which result tables go on: by name, columns by name. `rowsOf`: how many rows each has. */
export function matchResults(
  before: readonly ResultTable[],
  after: readonly ResultTable[],
  rowsOf: (table: string) => number,
): ResultsMatch {
  const tables: ResultMatch[] = [];
  const changes: StateChange[] = [];
  for (const result of after) {
    const known = before.find(({ name }) => name === result.name);
    const match = known === undefined ? null : matchResult(known, result);
    const common = { operator: `Result ${result.name}`, uid: "", rows: rowsOf(result.name), notice: null, refusal: null } as const;
    if (match === null) changes.push({ ...common, rows: 0, verdict: "rebuilt", reason: "new; begins empty" });
    else if ("misfit" in match) {
      changes.push({ ...common, verdict: "rebuilt", reason: match.misfit, refusal: `${match.misfit}; its rows cannot be kept` });
    } else {
      tables.push(match);
      changes.push({
        ...common,
        verdict: match.unchanged ? "kept" : "migrated",
        reason: changesText(match.columns),
        notice: noticeOf(match, common.rows),
      });
    }
  }
  const dropped = before.filter(({ name }) => !after.some((result) => result.name === name));
  return { tables, dropped, changes: [...changes, ...dropped.map((result) => letGo(result, rowsOf(result.name)))] };
}

function matchResult(before: ResultTable, after: ResultTable): ResultMatch | { readonly misfit: string } {
  if (before.changelog !== after.changelog) return { misfit: "its rows are changed now, and were only added to, or the other way about" };
  if (keyText(before) !== keyText(after)) return { misfit: `its rows are told apart by ${keyText(after)} instead of ${keyText(before)}` };
  const stored = before.schema.columns;
  // Where whole rows are matched, one without the new column would never be found again.
  const canAdd = !after.changelog || after.uniqueKey !== null;
  const columns = matchColumns(
    {
      columns: after.schema.columns,
      defaults: after.schema.columns.map((_, i) => (canAdd && after.uniqueKey?.includes(i) !== true ? null : undefined)),
      fixed: new Set(),
    },
    stored,
  );
  if ("misfit" in columns) return columns;
  return { before, after, columns, unchanged: isUnchanged(columns, stored) };
}

const keyText = ({ uniqueKey, schema }: ResultTable): string =>
  uniqueKey === null ? "all columns" : uniqueKey.map((c) => schema.columns[c]?.name).join(", ");

const noticeOf = ({ columns: { added }, after }: ResultMatch, rows: number): string | null =>
  added.length === 0 || rows === 0
    ? null
    : `rows that "${after.name}" has already show NULL as ${added.join(", ")}${after.changelog ? " until they change" : ""}`;

const letGo = ({ name }: ResultTable, rows: number): StateChange => ({
  operator: `Result ${name}`,
  uid: "",
  verdict: "dropped",
  rows,
  reason: "the job does not write it any more",
  refusal: null,
  notice: null,
});
