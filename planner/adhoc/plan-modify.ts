import { assert, SqlError } from "../../runtime/contract/errors.ts";
import { formatType } from "../../runtime/contract/types.ts";
import type { Binder } from "../binder/binder.ts";
import { quoteName } from "../../runtime/contract/quote.ts";
import type { CatalogColumn, CatalogObject, CatalogView, TableObject } from "../catalog.ts";
import type { Assignment, SqlText, StatementOf } from "../front/statement.ts";
import { suggest } from "../../runtime/contract/suggest.ts";
import { locator } from "../logical/locate.ts";
import { type PlannedSql, planComposed } from "./compose.ts";
import { fromAliases } from "./from-aliases.ts";
import { keyName } from "./key-names.ts";
import { refuseJavascript } from "./plan-query.ts";

/** Temporary table of a session: rows with the columns of the table that is being changed. No name of a user has a space in front. */
export const rowsTable = " mr rows";

type Modify = StatementOf<"modify">;

/** What INSERT, UPDATE or DELETE does to a table, as queries of the store. */
export interface ModifyPlan {
  /** INSERT: the columns given, null for all, and the query for their values, null for DEFAULT VALUES. */
  readonly insert: { readonly columns: readonly string[] | null; readonly rows: PlannedSql | null } | null;
  /** The key of ON CONFLICT; null columns: any. */
  readonly conflict: { readonly columns: readonly string[] | null; readonly at: number } | null;
  /**
   * The rows to be changed: row id, the columns as they are, and for an update as they will be. For ON CONFLICT DO UPDATE it
   * reads the new rows from `rowsTable`.
   */
  readonly changed: PlannedSql | null;
  /** Columns that an update sets, as numbers in the table's. */
  readonly assigned: readonly number[];
  /** RETURNING, over `rowsTable`, beside which `otherTable(0)` … hold the rows of `others`. */
  readonly returning: PlannedSql | null;
  /** With RETURNING: the relations of FROM or USING. */
  readonly others: readonly string[];
  /** What RETURNING gives, to be described before there are rows. */
  readonly described: PlannedSql | null;
}

/** The rows of another relation that belong to those of `rowsTable`. */
export const otherTable = (i: number): string => ` mr other ${i}`;

export async function planModify(typed: Modify, table: TableObject, catalog: CatalogView, binder: Binder): Promise<ModifyPlan> {
  const statement = withKeyOfConstraint(typed, table);
  const { clauses } = statement;
  const rows = new WithRows(catalog, table);
  const alias = quoteName(clauses.alias ?? table.name);
  const others = await othersOf(statement, binder);
  const assignments = clauses.conflict?.update?.assignments ?? clauses.assignments;
  return {
    insert: statement.verb === "insert" ? await planInsert(statement, table, catalog, binder) : null,
    conflict: clauses.conflict,
    changed: await planChanged(statement, { table, alias, assignments, catalog: rows, binder, others }),
    assigned: assignments.map(({ column }) => table.columns.findIndex((c) => c.name === column)),
    returning: clauses.returning === null ? null : await planReturning(clauses.returning, { alias, catalog: rows, binder, others }),
    others,
    described: await planDescribed(statement, { table, alias, catalog, binder }),
  };
}

function planReturning(returning: SqlText, { alias, catalog, binder, others }: Omit<Target, "table" | "assignments">): Promise<PlannedSql> {
  // The tables have the same rows in the same order.
  const beside = others.map((name, i) => ` POSITIONAL JOIN ${quoteName(otherTable(i))} AS ${quoteName(name)}`).join("");
  return planComposed(["SELECT ", returning, ` FROM ${quoteName(rowsTable)} AS ${alias}${beside}`], catalog, binder);
}

async function planDescribed(
  statement: Modify,
  { table, alias, catalog, binder }: Omit<Target, "assignments" | "others">,
): Promise<PlannedSql | null> {
  const { returning, from } = statement.clauses;
  if (returning === null) return null;
  const others = from === null ? [] : [", ", from];
  return planComposed(
    [...withClause(statement), "SELECT ", returning, ` FROM public.${quoteName(table.name)} AS ${alias}`, ...others],
    catalog,
    binder,
  );
}

/** ON CONFLICT ON CONSTRAINT as the columns of that key. */
function withKeyOfConstraint(statement: Modify, table: TableObject): Modify {
  const { conflict } = statement.clauses;
  if (conflict === null || conflict.constraint === null) return statement;
  const { constraint, at } = conflict;
  const isPrimary = table.primaryKey.length > 0 && constraint === keyName(table.name, table.primaryKey, true);
  const columns = isPrimary ? table.primaryKey : table.unique.find((key) => constraint === keyName(table.name, key, false));
  if (columns === undefined) {
    const message = `constraint "${constraint}" for table "${table.name}" does not exist`;
    throw new SqlError({ sqlState: "42704", message, at });
  }
  return { ...statement, clauses: { ...statement.clauses, conflict: { ...conflict, columns } } };
}

/** The catalog with the session's rows in it, which look like the table's. */
class WithRows implements CatalogView {
  readonly version: number;
  readonly #catalog: CatalogView;
  readonly #rows: TableObject;

  constructor(catalog: CatalogView, table: TableObject) {
    this.#catalog = catalog;
    this.#rows = { ...table, name: rowsTable };
    this.version = catalog.version;
  }

  get(name: string): CatalogObject | null {
    // What the rows of other relations look like, nobody asks before DuckDB does.
    return name === rowsTable || name.startsWith(otherTable(0).slice(0, -1)) ? this.#rows : this.#catalog.get(name);
  }

  all(): readonly CatalogObject[] {
    return this.#catalog.all();
  }

  sideTables(): ReturnType<CatalogView["sideTables"]> {
    return this.#catalog.sideTables();
  }

  functions(): ReturnType<CatalogView["functions"]> {
    return this.#catalog.functions();
  }
}

async function planInsert(statement: Modify, table: TableObject, catalog: CatalogView, binder: Binder): Promise<ModifyPlan["insert"]> {
  const { columns, clauses } = statement;
  const locate = locator(statement.query);
  for (const name of columns ?? []) columnNamed(name, table, locate(name));
  if (clauses.rows === null) return { columns, rows: null };
  if (clauses.with !== null && /^\s*with\b/i.test(clauses.rows.text)) {
    throw new SqlError({ sqlState: "0A000", message: "WITH before INSERT and before its query is not supported yet", at: clauses.rows.at });
  }
  return { columns, rows: await planComposed([...withClause(statement), clauses.rows], catalog, binder) };
}

interface Target {
  readonly table: TableObject;
  readonly alias: string;
  readonly assignments: readonly Assignment[];
  readonly catalog: CatalogView;
  readonly binder: Binder;
  readonly others: readonly string[];
}

async function planChanged(statement: Modify, target: Target): Promise<PlannedSql | null> {
  const { verb, clauses } = statement;
  if (verb === "insert" && clauses.conflict?.update == null) return null;
  const { table, alias } = target;
  const own = (column: CatalogColumn): string => `${alias}.${quoteName(column.name)}`;
  const after = verb === "delete" ? [] : newValues(target, own);
  // A row that joins with several is changed once, as in Postgres.
  const distinct = clauses.from === null ? "" : `DISTINCT ON (${alias}.rowid) `;
  const where = clauses.conflict?.update?.where ?? clauses.where;
  const parts: (string | SqlText)[] = [
    ...withClause(statement),
    `SELECT ${distinct}${[`${alias}.rowid`, ...table.columns.map(own)].join(", ")}`,
    ...after,
    ...target.others.map((name) => `, struct_pack(*COLUMNS(${quoteName(name)}.*))`),
    ` FROM public.${quoteName(table.name)} AS ${alias}`,
    ...(clauses.from === null ? [] : [", ", clauses.from]),
    ...(clauses.conflict === null ? [] : [joinExcluded(clauses.conflict, target)]),
    ...(where === null ? [] : [" WHERE (", where, ")"]),
  ];
  return planComposed(parts, target.catalog, target.binder);
}

const withClause = ({ clauses }: Modify): readonly (string | SqlText)[] => (clauses.with === null ? [] : [clauses.with, " "]);

function newValues({ table, assignments }: Target, own: (column: CatalogColumn) => string): readonly (string | SqlText)[] {
  for (const { column, at } of assignments) columnNamed(column, table, at);
  return table.columns.flatMap((column): readonly (string | SqlText)[] => {
    const assignment = assignments.find((a) => a.column === column.name);
    if (assignment === undefined) return [`, ${own(column)}`];
    const value = assignment.value ?? column.defaultValue ?? "NULL";
    return [", CAST((", value, `) AS ${formatType(column.type)})`];
  });
}

/** `excluded` is a struct, so that a bare column is the table's. */
function joinExcluded(conflict: NonNullable<Modify["clauses"]["conflict"]>, { table, alias }: Target): string {
  if (conflict.columns === null) {
    const message = "ON CONFLICT DO UPDATE requires inference specification or constraint name";
    throw new SqlError({ sqlState: "42601", message, hint: "For example, ON CONFLICT (column_name).", at: conflict.at });
  }
  const names = table.columns.map(({ name }) => quoteName(name));
  const keys = conflict.columns.map((name) => quoteName(columnNamed(name, table, conflict.at).name));
  const fields = names.map((name) => `${name} := ${name}`).join(", ");
  const columns = [`struct_pack(${fields}) AS excluded`, ...keys.map((key, i) => `${key} AS " mr key ${i}"`)];
  const matches = keys.map((key, i) => `${alias}.${key} = " mr excluded"." mr key ${i}"`);
  return ` JOIN (SELECT ${columns.join(", ")} FROM ${quoteName(rowsTable)}) AS " mr excluded" ON ${matches.join(" AND ")}`;
}

function columnNamed(name: string, table: TableObject, at: number | undefined): CatalogColumn {
  const column = table.columns.find((c) => c.name === name);
  if (column !== undefined) return column;
  const near = suggest(
    name,
    table.columns.map((c) => c.name),
  );
  throw new SqlError({
    sqlState: "42703",
    message: `column "${name}" of relation "${table.name}" does not exist`,
    hint: near === undefined ? undefined : `Perhaps you meant "${near}".`,
    at,
  });
}

/** The other relations whose columns RETURNING may name. */
async function othersOf({ clauses, verb }: Modify, binder: Binder): Promise<readonly string[]> {
  if (clauses.returning === null || clauses.from === null) return [];
  const names = await fromAliases(clauses.from, binder);
  if (names !== null) return names;
  throw new SqlError({
    sqlState: "0A000",
    message: `RETURNING needs a name for each relation of ${verb === "update" ? "FROM" : "USING"}`,
    hint: "Write (SELECT …) AS name.",
    at: clauses.from.at,
  });
}

/** A CHECK constraint's expression over the table's columns, as SQL of the store. */
export async function planCheck(expression: SqlText, table: TableObject, catalog: CatalogView, binder: Binder): Promise<string> {
  const from = ` FROM ${quoteName(rowsTable)}`;
  const { sql, functions } = await planComposed(["SELECT (", expression, `)${from}`], new WithRows(catalog, table), binder);
  refuseJavascript(functions, expression.at);
  const end = sql.lastIndexOf("FROM");
  assert(end > 0, "a query that was put together ends as it was put together");
  return sql
    .slice(0, end)
    .replace(/^\s*select\s*/i, "")
    .trim();
}
