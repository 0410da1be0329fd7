import { parseStatements } from "../../planner/front/parse.ts";
import type { Statement, StatementKind } from "../../planner/front/statement.ts";
import type { SqlType } from "../../runtime/contract/types.ts";
import type { Description, Executor, Outcome, Parameter, Session } from "../session/execution.ts";
import type { Handler, StatementContext } from "./context.ts";
import { NameLocks, namesToLock } from "./name-locks.ts";
import { handlers } from "./registry.ts";

const noRows: Description = { parameters: [], columns: null };

/** Reads statements and runs each by its handler in the registry. */
export class StatementExecutor implements Executor {
  readonly #context: StatementContext;
  readonly #locks = new NameLocks();

  constructor(parts: Omit<StatementContext, "executor">) {
    this.#context = { ...parts, executor: this };
  }

  get context(): StatementContext {
    return this.#context;
  }

  parse(text: string): readonly Statement[] {
    return parseStatements(text);
  }

  async describe(statement: Statement, session: Session, declared: readonly (SqlType | null)[] = []): Promise<Description> {
    return (await handlerOf(statement).describe?.(statement as never, this.#context, session, declared)) ?? noRows;
  }

  execute(statement: Statement, session: Session, parameters: readonly Parameter[]): Promise<Outcome> {
    const work = (): Promise<Outcome> => handlerOf(statement).execute(statement as never, this.#context, session, parameters);
    return this.#locks.exclusively(namesToLock(statement), work);
  }
}

/** The table is total over the kinds; the union of its handlers takes the intersection of the statements, hence the casts. */
const handlerOf = (statement: Statement): Handler<StatementKind> => handlers[statement.kind] as Handler<StatementKind>;
