import type { ResultTable } from "../../runtime/contract/control.ts";
import type { PlanningDb } from "../../runtime/contract/planning-db.ts";
import { type Field, formatType } from "../../runtime/contract/types.ts";
import type { CatalogObject, CatalogView, FunctionObject } from "../catalog.ts";
import { rewriteQuery } from "../front/rewrite/rewrite-query.ts";
import { quoteName } from "../../runtime/contract/quote.ts";

/**
 * The catalog as empty tables and views of the planning instance, in schema `public`. Follows the catalog by difference:
 * an object's DDL is run again only when it changed.
 */
export class Mirror {
  readonly #db: PlanningDb;
  readonly #known = new Map<string, string>();
  #seen: { readonly catalog: CatalogView; readonly version: number } | null = null;

  constructor(db: PlanningDb) {
    this.#db = db;
  }

  async follow(catalog: CatalogView): Promise<void> {
    if (this.#seen?.catalog === catalog && this.#seen.version === catalog.version) return;
    for (const { javascript } of catalog.functions()) if (javascript !== null) this.#db.declareFunction(javascript);
    const wanted = new Map([
      ...functionEntries(catalog.functions()),
      ...catalog.all().flatMap((object) => entriesOf(object)),
      ...catalog.sideTables().map(sideEntry),
    ]);
    for (const [name, ddl] of this.#known) if (wanted.get(name) !== ddl) await this.#drop(name);
    for (const [name, ddl] of wanted) {
      if (this.#known.has(name)) continue;
      await this.#db.run(ddl);
      this.#known.set(name, ddl);
    }
    this.#seen = { catalog, version: catalog.version };
  }

  async #drop(name: string): Promise<void> {
    if (name.endsWith("()")) {
      await this.#db.run(`DROP MACRO IF EXISTS public.${quoteName(name.slice(0, -2))}`);
      this.#known.delete(name);
      return;
    }
    await this.#db.run(`DROP VIEW IF EXISTS public.${quoteName(name)}`).catch(() => undefined); // a table under that name
    await this.#db.run(`DROP TABLE IF EXISTS public.${quoteName(name)}`).catch(() => undefined);
    this.#known.delete(name);
  }
}

/** Macros, each behind those that it calls. */
function functionEntries(functions: readonly FunctionObject[]): readonly (readonly [string, string])[] {
  const entries = new Map<string, string>();
  const add = (f: FunctionObject): void => {
    for (const name of f.dependencies) for (const called of functions) if (called.name === name) add(called);
    entries.set(`${f.name}()`, f.macro);
  };
  functions.forEach(add);
  return [...entries];
}

function entriesOf(object: CatalogObject): readonly (readonly [string, string])[] {
  const name = `public.${quoteName(object.name)}`;
  if (object.kind === "view") {
    const columns = object.columns.map((c) => quoteName(c.name)).join(", ");
    return [[object.name, `CREATE VIEW ${name} (${columns}) AS ${rewriteQuery({ text: object.query, at: 0 }).text}`]];
  }
  const columns = columnsOf(object);
  return columns === null || columns.length === 0 ? [] : [[object.name, tableDdl(name, columns)]];
}

const sideEntry = ({ name, schema }: ResultTable): readonly [string, string] => [
  name,
  tableDdl(`public.${quoteName(name)}`, schema.columns),
];

export const tableDdl = (name: string, columns: readonly Field[]): string =>
  `CREATE TABLE ${name} (${columns.map((c) => `${quoteName(c.name)} ${formatType(c.type)}`).join(", ")})`;

function columnsOf(object: Exclude<CatalogObject, { kind: "view" }>): readonly Field[] | null {
  switch (object.kind) {
    case "source":
    case "table":
    case "sink":
      return object.columns;
    case "streamingJob":
    case "materializedView":
      return object.result?.schema.columns ?? null;
  }
}
