import type { RelationKind } from "../../planner/front/statement.ts";
import type { Store, StoreTransaction } from "../../runtime/contract/store.ts";

/** One row of `millrace.catalog`: what is needed to make the object again after a restart. */
export interface CatalogRow {
  readonly name: string;
  readonly kind: RelationKind | "function";
  /** The CREATE statement as it was typed. */
  readonly definition: string;
  /** Options set by ALTER … SET after the creation, over those of the definition. */
  readonly overrides: Readonly<Record<string, string>>;
}

/** Keeps the catalog in the store: rows in order of creation, so that replaying them meets every dependency. */
export class CatalogStore {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async open(): Promise<readonly CatalogRow[]> {
    return this.#store.transact(async (t) => {
      await t.run("CREATE SEQUENCE IF NOT EXISTS millrace.catalog_order");
      await t.run(
        `CREATE TABLE IF NOT EXISTS millrace.catalog (position BIGINT, name VARCHAR, kind VARCHAR, definition VARCHAR, overrides VARCHAR)`,
      );
      const rows = await (await t.query("SELECT name, kind, definition, overrides FROM millrace.catalog ORDER BY position")).rows();
      return rows.map(([name, kind, definition, overrides]) => ({
        name: name as string,
        kind: kind as CatalogRow["kind"],
        definition: definition as string,
        overrides: JSON.parse(overrides as string) as Record<string, string>,
      }));
    });
  }

  async add(row: CatalogRow, ddl: readonly string[] = []): Promise<void> {
    await this.#store.transact(async (t) => {
      for (const sql of ddl) await t.run(sql);
      await t.run("DELETE FROM millrace.catalog WHERE name = $1", [row.name]);
      await t.run("INSERT INTO millrace.catalog VALUES (nextval('millrace.catalog_order'), $1, $2, $3, $4)", [
        row.name,
        row.kind,
        row.definition,
        JSON.stringify(row.overrides),
      ]);
    });
  }

  async remove(name: string, ddl: readonly string[] = []): Promise<void> {
    await this.#store.transact(async (t) => {
      for (const sql of ddl) await t.run(sql);
      await t.run("DELETE FROM millrace.catalog WHERE name = $1", [name]);
    });
  }

  /** Another name or definition for an object; its place in the order stays, for what it needs came before it. */
  rename(name: string, to: string, definition: string, ddl: readonly string[]): Promise<void> {
    return this.#store.transact(async (t) => {
      for (const sql of ddl) await t.run(sql);
      await this.renameWithin(t, name, to, definition);
    });
  }

  async renameWithin(transaction: StoreTransaction, name: string, to: string, definition: string): Promise<void> {
    await transaction.run("UPDATE millrace.catalog SET name = $2, definition = $3 WHERE name = $1", [name, to, definition]);
  }

  async redefineWithin(transaction: StoreTransaction, name: string, definition: string): Promise<void> {
    await transaction.run("UPDATE millrace.catalog SET definition = $2 WHERE name = $1", [name, definition]);
  }

  async overrides(name: string): Promise<Readonly<Record<string, string>>> {
    const rows = await this.#store.transact(async (t) =>
      (await t.query("SELECT overrides FROM millrace.catalog WHERE name = $1", [name])).rows(),
    );
    return JSON.parse((rows[0]?.[0] as string | undefined) ?? "{}") as Record<string, string>;
  }

  async setOverrides(name: string, overrides: Readonly<Record<string, string>>): Promise<void> {
    await this.#store.transact((t) => this.setOverridesWithin(t, name, overrides));
  }

  async setOverridesWithin(transaction: StoreTransaction, name: string, overrides: Readonly<Record<string, string>>): Promise<void> {
    await transaction.run("UPDATE millrace.catalog SET overrides = $2 WHERE name = $1", [name, JSON.stringify(overrides)]);
  }
}
