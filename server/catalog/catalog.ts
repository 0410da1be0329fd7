import type { CatalogObject, CatalogView, FunctionObject, JobObject } from "../../planner/catalog.ts";
import { suggest } from "../../runtime/contract/suggest.ts";
import type { Name, RelationKind } from "../../planner/front/statement.ts";
import type { ResultTable } from "../../runtime/contract/control.ts";
import { SqlError } from "../../runtime/contract/errors.ts";

/** Kinds as users read them. */
export const kindNames: Readonly<Record<RelationKind, string>> = {
  source: "source",
  table: "table",
  view: "view",
  materializedView: "materialized view",
  streamingJob: "streaming job",
  sink: "sink",
};

/**
 * The objects of schema `public`, by name, in memory; `CatalogStore` keeps their definitions. All kinds share one name space,
 * as relations do in Postgres.
 */
export class Catalog implements CatalogView {
  readonly #objects = new Map<string, CatalogObject>();
  readonly #functions = new Map<string, FunctionObject>();
  /** Names that are about to go: or to be others: a DROP or an ALTER is under way. */
  readonly #leaving = new Set<string>();
  #frozen: CatalogView | null = null;
  /** Names of jobs that are given another query. */
  readonly #changing = new Set<string>();
  #version = 0;

  get version(): number {
    return this.#version;
  }

  get(name: string): CatalogObject | null {
    return this.#objects.get(name) ?? null;
  }

  all(): readonly CatalogObject[] {
    return [...this.#objects.values()];
  }

  sideTables(): readonly ResultTable[] {
    return this.all().flatMap((o) => (o.kind === "streamingJob" || o.kind === "materializedView" ? o.sideTables : []));
  }

  functions(): readonly FunctionObject[] {
    return [...this.#functions.values()];
  }

  function(name: string): FunctionObject | null {
    return this.#functions.get(name) ?? null;
  }

  putFunction(definition: FunctionObject): void {
    this.#functions.set(definition.name, definition);
    this.#version++;
  }

  removeFunction(name: string): void {
    this.#functions.delete(name);
    this.#version++;
  }

  put(object: CatalogObject): void {
    this.#objects.set(object.name, object);
    this.#version++;
  }

  remove(name: string): void {
    this.#objects.delete(name);
    this.#leaving.delete(name);
    this.#version++;
  }

  /** The objects are about to go: until they have gone, or `stay` is said, nothing new can name them. Throws SqlError 55006 for one that goes already. */
  leave(objects: readonly CatalogObject[], at: number): void {
    for (const { kind, name } of objects) {
      if (this.#leaving.has(name))
        throw new SqlError({ sqlState: "55006", message: `${kindNames[kind]} "${name}" is being dropped or changed`, at });
    }
    for (const { name } of objects) this.#leaving.add(name);
  }

  stay(objects: readonly CatalogObject[]): void {
    for (const { name } of objects) this.#leaving.delete(name);
  }

  /** While `work` gives the object another definition, nothing new can name it, nor can what `needs` names be dropped without it. */
  async changing<T>(object: JobObject, needs: readonly string[], work: () => Promise<T>, after: () => JobObject): Promise<T> {
    const meanwhile = { ...object, dependencies: [...new Set([...object.dependencies, ...needs])] };
    this.#changing.add(object.name);
    this.put(meanwhile);
    let next: JobObject = object;
    try {
      const done = await work();
      next = after();
      return done;
    } finally {
      this.#changing.delete(object.name);
      // It may have been dropped.
      if (this.get(object.name) === meanwhile) this.put(next);
    }
  }

  /** What there is now: a statement is planned in many turns, and meets the same objects in all of them. */
  frozen(): CatalogView {
    if (this.#frozen?.version !== this.#version) this.#frozen = freeze(this.#version, this.#objects, this.functions(), this.sideTables());
    return this.#frozen;
  }

  /**
   * Throws SqlError 55006 where one of the objects is another than it was, gone or going: what was made of them in the meantime, turn by turn,
   * does not hold any more.
   */
  requireUnchanged(before: CatalogView, names: readonly string[], at: number): void {
    const changed = names.find(
      (name) => this.#leaving.has(name) || this.#changing.has(name) || meaningOf(before, name) !== meaningOf(this, name),
    );
    if (changed === undefined) return;
    throw new SqlError({
      sqlState: "55006",
      message: `"${changed}" was changed or dropped at the same time`,
      at,
      hint: "State it again.",
    });
  }

  /** Objects that read or write the named one. */
  dependents(name: string): readonly CatalogObject[] {
    return this.all().filter((object) => dependenciesOf(object).includes(name));
  }

  /** The object of that name and kind; 42P01 or 42809 at the name's position. */
  require(name: Name, kinds: readonly RelationKind[]): CatalogObject {
    checkSchema(name);
    const object = this.get(name.name);
    const wanted = kinds.map((kind) => kindNames[kind]).join(" or ");
    if (object === null) {
      const near = suggest(
        name.name,
        this.all()
          .filter((o) => kinds.includes(o.kind))
          .map((o) => o.name),
      );
      throw new SqlError({
        sqlState: "42P01",
        message: `${wanted} "${name.name}" does not exist`,
        at: name.at,
        hint: near === undefined ? undefined : `Perhaps you meant "${near}".`,
      });
    }
    if (!kinds.includes(object.kind)) {
      throw new SqlError({ sqlState: "42809", message: `"${name.name}" is a ${kindNames[object.kind]}, not a ${wanted}`, at: name.at });
    }
    return object;
  }

  /** Fails with 42P07 when the name is taken. Returns false when it is and `ifNotExists` was said. */
  isFree(name: Name, ifNotExists: boolean): boolean {
    checkSchema(name);
    const object = this.get(name.name);
    if (object === null) return true;
    if (ifNotExists) return false;
    throw new SqlError({ sqlState: "42P07", message: `${kindNames[object.kind]} "${name.name}" already exists`, at: name.at });
  }
}

/** What a name among dependencies stands for: functions have brackets. */
const meaningOf = (catalog: CatalogView, name: string): unknown =>
  name.endsWith("()") ? catalog.functions().find((known) => `${known.name}()` === name) : catalog.get(name);

function freeze(
  version: number,
  objects: ReadonlyMap<string, CatalogObject>,
  functions: readonly FunctionObject[],
  sideTables: readonly ResultTable[],
): CatalogView {
  const known = new Map(objects);
  const all = [...known.values()];
  return { version, get: (name) => known.get(name) ?? null, all: () => all, sideTables: () => sideTables, functions: () => functions };
}

/** Names that an object's definition mentions. */
export const dependenciesOf = (object: CatalogObject): readonly string[] =>
  object.kind === "view" || object.kind === "streamingJob" || object.kind === "materializedView" ? object.dependencies : [];

export function checkSchema(name: Name): void {
  if (name.schema === null || name.schema === "public") return;
  throw new SqlError({
    sqlState: "3F000",
    message: `schema "${name.schema}" does not exist`,
    at: name.at,
    hint: "User objects live in schema public.",
  });
}
