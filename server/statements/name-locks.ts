import type { Statement } from "../../planner/front/statement.ts";

/** Names that a statement makes or changes: two such statements on one name run one after the other. */
export function namesToLock(statement: Statement): readonly string[] {
  switch (statement.kind) {
    case "createSource":
    case "createTable":
    case "createSink":
    case "createView":
    case "createMaterializedView":
    case "createStreamingJob":
    case "createFunction":
    case "alterTable":
    case "alterJob":
      return [statement.name.name];
    case "createSavepoint":
      return [savepointLock(statement.savepoint.name)];
    case "dropSavepoint":
      return [savepointLock(statement.name)];
    case "stopJob":
      return statement.savepoint === null ? [] : [savepointLock(statement.savepoint.name)];
    case "rename":
      return [statement.name.name, statement.to.name].sort();
    default:
      return [];
  }
}

/** Savepoints have a name space of their own. */
const savepointLock = ({ name }: { readonly name: string }): string => `savepoint ${name}`;

/** Work on a name waits for the work on it that came before. */
export class NameLocks {
  readonly #last = new Map<string, Promise<void>>();

  /** `names` in ascending order, so that no two wait for each other. */
  async exclusively<T>(names: readonly string[], work: () => Promise<T>): Promise<T> {
    const [name, ...others] = names;
    if (name === undefined) return work();
    const before = this.#last.get(name) ?? Promise.resolve();
    const mine = before.then(() => this.exclusively(others, work));
    const ended = mine.then(
      () => undefined,
      () => undefined,
    );
    this.#last.set(name, ended);
    void ended.then(() => {
      if (this.#last.get(name) === ended) this.#last.delete(name);
    });
    return mine;
  }
}
