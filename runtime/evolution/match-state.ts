import type { StateLog } from "../checkpoint/layout.ts";
import type { StateChange } from "../contract/control.ts";
import type { JobGraph, OperatorNode } from "../contract/job-graph.ts";
import { changesText, type ColumnMatch, isUnchanged, matchColumns } from "./match-columns.ts";
import { sourcesBelow } from "./sources-below.ts";
import { stateColumns, type StoredTable } from "./stored-state.ts";

/** A state table that goes on. */
export interface TableMatch {
  readonly log: StateLog;
  readonly stored: StoredTable;
  readonly columns: ColumnMatch;
  readonly unchanged: boolean;
}

export interface StateMatch {
  readonly tables: readonly TableMatch[];
  /** Tables that nothing takes, those of operators that do not fit among them. */
  readonly dropped: readonly StoredTable[];
  /** One per operator with state. */
  readonly changes: readonly StateChange[];
}

export interface MatchRequest {
  readonly graph: JobGraph;
  readonly logs: readonly StateLog[];
  readonly stored: readonly StoredTable[];
  /** Names of operators that the job had, by uid. */
  readonly nameOf: (uid: string) => string;
}

/** Which stored state goes to which operator: by uid, tables by name, columns by name (decisions/0012). */
export function matchState({ graph, logs, stored, nameOf }: MatchRequest): StateMatch {
  const nodes = graph.vertices.flatMap((vertex) => vertex.operators);
  const known = new Set(stored.map(({ uid }) => uid));
  const found = nodes.flatMap((node): readonly OperatorMatch[] => {
    const needed = logs.filter((log) => log.uid === node.uid);
    if (needed.length === 0) return [];
    const own = stored.filter(({ uid }) => uid === node.uid);
    if (own.length > 0) return [matchOperator(node, needed, own)];
    return [
      begins(
        node,
        sourcesBelow(graph, node.uid).some((uid) => known.has(uid)),
      ),
    ];
  });
  const gone = [...known].filter((uid) => !logs.some((log) => log.uid === uid));
  const tables = found.flatMap((one) => one.tables);
  return {
    tables,
    dropped: stored.filter((table) => !tables.some((match) => match.stored === table)),
    changes: [...found.map(({ change }) => change), ...gone.map((uid) => letGo(uid, nameOf(uid), rowsOf(stored, uid)))],
  };
}

interface OperatorMatch {
  readonly tables: readonly TableMatch[];
  readonly change: StateChange;
}

const rowsOf = (stored: readonly StoredTable[], uid: string): number =>
  stored.reduce((sum, table) => sum + (table.uid === uid ? table.rows : 0), 0);

function matchOperator(node: OperatorNode, needed: readonly StateLog[], own: readonly StoredTable[]): OperatorMatch {
  const rows = rowsOf(own, node.uid);
  const tables: TableMatch[] = [];
  const common = { operator: node.name, uid: node.uid, rows };
  const misfit = (why: string): OperatorMatch => ({
    tables: [],
    change: { ...common, verdict: "rebuilt", reason: why, refusal: `${why}; its results would leave out the rows before`, notice: null },
  });
  for (const log of needed) {
    const table = own.find(({ name }) => name === log.spec.name);
    if (table === undefined) return misfit(`it had no state "${log.spec.name}"`);
    const isLike = table.version === log.spec.version && table.keyColumns === log.spec.keyColumns;
    if (!isLike || table.redistribution !== log.spec.redistribution.kind)
      return misfit(`the layout of its state "${log.spec.name}" is another`);
    const columns = matchColumns(neededColumns(log), stateColumns(table));
    if ("misfit" in columns) return misfit(columns.misfit);
    tables.push({ log, stored: table, columns, unchanged: isUnchanged(columns, stateColumns(table)) });
  }
  const lost = own.find(({ name, rows: held }) => held > 0 && !needed.some((log) => log.spec.name === name));
  if (lost !== undefined) return misfit(`it has no state "${lost.name}" any more`);
  const reasons = tables.map(({ columns }) => changesText(columns)).filter((text) => text !== "");
  const added = rows === 0 ? [] : tables.flatMap(({ columns }) => columns.added);
  const notices = [
    ...(added.length > 0
      ? [`${added.join(", ")} of ${node.name} takes in only rows from now on, as state from before does not have it`]
      : []),
    ...otherConditions(node, tables),
  ];
  return {
    tables,
    change: {
      ...common,
      verdict: tables.every(({ unchanged }) => unchanged) ? "kept" : "migrated",
      reason: [...reasons, ...otherConditions(node, tables)].join("; "),
      refusal: null,
      notice: notices.length === 0 ? null : notices.join("; "),
    },
  };
}

function neededColumns(log: StateLog): Parameters<typeof matchColumns>[0] {
  const { columns, defaults, redistribution } = log.spec;
  return {
    columns: columns.map(({ type }, i) => ({ name: log.columns[i] as string, type })),
    defaults,
    fixed: new Set(redistribution.kind === "keyed" ? redistribution.distribution : []),
  };
}

/** State kept from rows that met something else. */
function otherConditions({ name, conditions = "" }: OperatorNode, tables: readonly TableMatch[]): readonly string[] {
  const before = tables.find(({ stored }) => stored.rows > 0 && stored.conditions !== null && stored.conditions !== conditions)?.stored
    .conditions;
  if (before === undefined || before === null) return [];
  const text = (condition: string): string => (condition === "" ? "all" : `those with ${condition}`);
  return [`rows that ${name} took in before were ${text(before)}, now ${text(conditions)}`];
}

/** Sources, values and sinks have missed nothing; what is new over sources that have been read has. */
function begins({ name, uid, spec }: OperatorNode, hasMissed: boolean): OperatorMatch {
  const common = { operator: name, uid, verdict: "rebuilt", rows: 0, notice: null } as const;
  if (spec.op === "source" || spec.op === "values")
    return { tables: [], change: { ...common, reason: "new; reads from its start", refusal: null } };
  if (spec.op === "sink" || !hasMissed) return { tables: [], change: { ...common, reason: "new", refusal: null } };
  const refusal = "it is new, and the rows that its sources have given before are gone by";
  return { tables: [], change: { ...common, reason: "new; begins with the rows that come", refusal } };
}

const letGo = (uid: string, operator: string, rows: number): StateChange => ({
  operator,
  uid,
  verdict: "dropped",
  rows,
  reason: "the query does not have it any more",
  refusal: null,
  notice: null,
});
