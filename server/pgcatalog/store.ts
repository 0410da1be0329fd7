import { catalogSchema, informationPrefix } from "../../planner/front/catalog-names.ts";
import { catalogMacros } from "../../planner/front/macros/catalog.ts";
import { quoteName } from "../../runtime/contract/quote.ts";
import { batchOf } from "../../runtime/contract/rows.ts";
import { formatType, type Schema } from "../../runtime/contract/types.ts";
import type { Value } from "../../runtime/contract/value.ts";
import type { StatementContext } from "../statements/context.ts";
import { ObjectIds } from "./object-ids.ts";
import { catalogRows, type Row } from "./rows.ts";
import { pgTables, type PgTable } from "./tables.ts";
import { informationViews, pgViews } from "./views.ts";

const tableNames = Object.keys(pgTables) as readonly PgTable[];
const inSchema = (name: string): string => `${catalogSchema}.${name}`;
const listOf = ({ columns }: Schema): string => columns.map((c) => `${quoteName(c.name)} ${formatType(c.type)}`).join(", ");
/** Tables within a view's query are those of the catalog. */
const qualified = (select: string): string => select.replace(/\b(FROM|JOIN) (pg_\w+)/g, `$1 ${catalogSchema}.$2`);

/** The tables, views and functions: made when they are first asked for. */
const ddl: readonly string[] = [
  ...tableNames.map((name) => `CREATE OR REPLACE TABLE ${inSchema(name)} (${listOf(pgTables[name])})`),
  ...Object.entries(pgViews).map(([name, select]) => `CREATE OR REPLACE VIEW ${inSchema(name)} AS ${qualified(select)}`),
  ...Object.entries(informationViews).map(
    ([name, select]) => `CREATE OR REPLACE VIEW ${inSchema(informationPrefix + name)} AS ${qualified(select)}`,
  ),
  ...catalogMacros,
];

interface Written {
  readonly ids: ObjectIds;
  version: number;
}

const written = new WeakMap<StatementContext["catalog"], Written>();

/** Writes the catalog as it is now, when one of `relations` is of it and something has changed since. */
export async function refreshPgCatalog(relations: readonly string[], { catalog, store }: StatementContext): Promise<void> {
  if (!relations.some((relation) => relation.startsWith(`${catalogSchema}.`))) return;
  const before = written.get(catalog) ?? { ids: new ObjectIds(), version: -1 };
  written.set(catalog, before);
  if (before.version < 0) {
    await store.transact(async (t) => {
      for (const sql of ddl) await t.run(sql);
    });
  }
  const { version } = catalog;
  if (before.version === version) return;
  const rows = catalogRows(catalog, before.ids);
  await store.transact(async (t) => {
    for (const name of tableNames) {
      await t.run(`DELETE FROM ${inSchema(name)}`);
      const own = rows[name] ?? [];
      const schema = pgTables[name];
      if (own.length > 0)
        await t.append(catalogSchema, name, schema, [
          batchOf(
            schema,
            own.map((row) => valuesOf(schema, row)),
          ),
        ]);
    }
  });
  before.version = version;
}

const valuesOf = ({ columns }: Schema, row: Row): readonly Value[] =>
  columns.map(({ name, type }) => {
    const value = row[name] ?? null;
    return type.id === "bigint" && typeof value === "number" ? BigInt(value) : value;
  });
