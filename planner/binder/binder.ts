import { SqlError } from "../../runtime/contract/errors.ts";
import { limits } from "../../runtime/contract/limits.ts";
import { parseType } from "../../runtime/contract/parse-type.ts";
import type { OpenPlanningDb, PlanningDb } from "../../runtime/contract/planning-db.ts";
import { resultName } from "../../runtime/contract/result-name.ts";
import { type Field, varchar } from "../../runtime/contract/types.ts";
import type { Timers } from "../../runtime/contract/world.ts";
import { toSqlError } from "../bound/bind-error.ts";
import { object, objects, parsePlanJson } from "../bound/json.ts";
import { crossProducts } from "../bound/cross-products.ts";
import type { BoundPlan } from "../bound/nodes.ts";
import { readPlan } from "../bound/read-plan.ts";
import type { CatalogObject, CatalogView } from "../catalog.ts";
import { planningPrelude } from "../front/prelude-sql.ts";
import { rewriteQuery } from "../front/rewrite/rewrite-query.ts";
import type { WindowCall } from "../front/rewrite/window-calls.ts";
import type { Rewritten } from "../front/rewrite/rewritten.ts";
import type { SqlText } from "../front/statement.ts";
import { type Locate, located, locator } from "../logical/locate.ts";
import { Mirror } from "./mirror.ts";

export interface BoundStatement {
  readonly plan: BoundPlan;
  readonly columns: readonly Field[];
  readonly locate: Locate;
  readonly windowCalls: readonly WindowCall[];
}

/**
 * DuckDB as our binder: one instance, one call at a time. Constant folding runs what users write, and an interrupt does not
 * stop it, so a call that takes too long loses its instance and the next one gets a fresh one.
 */
export class Binder {
  readonly #open: OpenPlanningDb;
  readonly #timers: Timers;
  #session: Promise<{ readonly db: PlanningDb; readonly mirror: Mirror }> | null = null;
  #last: Promise<unknown> = Promise.resolve();

  constructor(open: OpenPlanningDb, timers: Timers) {
    this.#open = open;
    this.#timers = timers;
  }

  /** The typed plan of a query over the catalog, and its columns as the user named them. */
  bind(query: SqlText, catalog: CatalogView): Promise<BoundStatement> {
    return this.#exclusive(catalog, async (db) => {
      const rewritten = rewriteQuery(query);
      const locate = locator(query);
      const json = parsePlanJson(await db.plan(rewritten.text));
      if (json["error"] === true) throw toSqlError(json, namesFor(rewritten, locate, catalog));
      const columns = await describe(db, rewritten);
      const read = (parsed: typeof json): BoundPlan => located(locate, ["select"], () => readPlan(object(objects(parsed, "plans")[0])));
      const inOrder = read(json);
      // Relations whose neighbours in FROM do not connect, as a and c that are both joined to b: another order may do without.
      const crossed = crossProducts(inOrder);
      const reordered = crossed === 0 ? inOrder : read(parsePlanJson(await db.plan(rewritten.text, { reorderJoins: true })));
      const plan = crossProducts(reordered) < crossed ? reordered : inOrder;
      return { plan, columns, locate, windowCalls: rewritten.windowCalls };
    });
  }

  /** Rows of texts from the planning instance: the parse tree of a query, the list of functions. */
  texts(sql: string, parameters: readonly string[] = []): Promise<readonly (readonly (string | null)[])[]> {
    return this.#exclusive(null, (db) => db.texts(sql, parameters));
  }

  close(): void {
    const session = this.#session;
    this.#session = null;
    session?.then(
      ({ db }) => db.close(),
      () => undefined,
    );
  }

  #exclusive<T>(catalog: CatalogView | null, body: (db: PlanningDb) => Promise<T>): Promise<T> {
    const run = this.#last.then(async () => {
      const { db, mirror } = await this.#ready();
      if (catalog !== null) await mirror.follow(catalog);
      return this.#limited(db, body(db));
    });
    this.#last = run.catch(() => undefined);
    return run;
  }

  #limited<T>(db: PlanningDb, work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const cancel = this.#timers.after(limits.planning_ms_max, () => {
        this.#session = null;
        work.then(
          () => db.close(),
          () => db.close(),
        );
        reject(
          new SqlError({
            sqlState: "57014",
            message: `planning took longer than ${limits.planning_ms_max / 1000} s`,
            hint: "Constant expressions are evaluated while planning: make them smaller.",
          }),
        );
      });
      work.then(resolve, reject).finally(cancel);
    });
  }

  #ready(): Promise<{ readonly db: PlanningDb; readonly mirror: Mirror }> {
    this.#session ??= this.#fresh().catch((error: unknown) => {
      this.#session = null;
      throw error;
    });
    return this.#session;
  }

  async #fresh(): Promise<{ readonly db: PlanningDb; readonly mirror: Mirror }> {
    const db = await this.#open();
    await db.run([...planningPrelude, "CREATE SCHEMA public", "SET search_path = 'public,main'"].join(";\n"));
    return { db, mirror: new Mirror(db) };
  }
}

async function describe(db: PlanningDb, rewritten: Rewritten): Promise<readonly Field[]> {
  const columns = await db.describe(rewritten.text);
  return columns.map(({ name, type }) => ({ name: resultName(name), type: parseType(type) ?? varchar }));
}

const namesFor = (rewritten: Rewritten, locate: Locate, catalog: CatalogView): Parameters<typeof toSqlError>[1] => ({
  relations: catalog.all().map((object) => object.name),
  columns: [...new Set(catalog.all().flatMap(columnNames))],
  text: rewritten.text,
  mapBytes: (offset) => rewritten.mapBytes(offset),
  locate,
});

function columnNames(object: CatalogObject): readonly string[] {
  switch (object.kind) {
    case "streamingJob":
    case "materializedView":
      return (object.result?.schema.columns ?? []).map((c) => c.name);
    default:
      return (object.columns ?? []).map((c) => c.name);
  }
}
