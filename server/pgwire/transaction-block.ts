import type { Statement, StatementKind } from "../../planner/front/statement.ts";
import { SqlError } from "../../runtime/contract/errors.ts";
import type { Executor, Outcome, Parameter, Session } from "../session/execution.ts";

/** Statements that end a block; in a failed one nothing else runs. */
const ending: ReadonlySet<StatementKind> = new Set<StatementKind>(["commit", "rollback"]);

/** Statements that may share an implicit block. All others act at once, so the block is committed in front of them. */
const sharing: ReadonlySet<StatementKind> = new Set<StatementKind>([
  "query",
  "modify",
  "truncate",
  "copy",
  "copyTo",
  "set",
  "reset",
  "showVariable",
  "execute",
]);

/** Statements that begin an implicit block when others may follow. */
const changing: ReadonlySet<StatementKind> = new Set<StatementKind>(["modify", "truncate", "copy"]);

const control = (kind: "begin" | "commit" | "rollback"): Statement => ({ kind, at: 0, text: kind.toUpperCase() });

/**
 * The transaction rules of the protocol over an executor's BEGIN, COMMIT and ROLLBACK: a failed block refuses statements,
 * and what comes together without a BEGIN (one simple query, or up to a Sync) is one implicit transaction.
 */
export class TransactionBlock {
  private readonly executor: Executor;
  private readonly session: Session;
  private implicit = false;

  constructor(executor: Executor, session: Session) {
    this.executor = executor;
    this.session = session;
  }

  /** Throws 25P02 in a failed block. */
  admit(statement: Statement): void {
    if (this.session.transaction !== "failed" || ending.has(statement.kind)) return;
    throw new SqlError({ sqlState: "25P02", message: "current transaction is aborted, commands ignored until end of transaction block" });
  }

  /** `together`: more statements may follow that belong to the same implicit transaction. */
  async execute(statement: Statement, parameters: readonly Parameter[], together: boolean): Promise<Outcome> {
    this.admit(statement);
    if (this.implicit && statement.kind === "begin") {
      this.implicit = false;
      return { kind: "command", tag: "BEGIN", notices: [] };
    }
    if (this.implicit && ending.has(statement.kind)) this.implicit = false;
    else if (this.implicit && !sharing.has(statement.kind)) await this.commitImplicit();
    else if (together && changing.has(statement.kind) && this.session.transaction === "idle") await this.beginImplicit();
    const failed = this.session.transaction === "failed";
    return this.executor.execute(failed ? control("rollback") : statement, this.session, parameters);
  }

  /** At Sync, and at the end of a simple query. */
  async commitImplicit(): Promise<void> {
    if (!this.implicit) return;
    this.implicit = false;
    await this.executor.execute(control("commit"), this.session, []);
  }

  /** After an error: an implicit transaction is undone, an explicit one waits for its end. */
  async fail(): Promise<void> {
    if (this.implicit) {
      this.implicit = false;
      await this.executor.execute(control("rollback"), this.session, []);
    } else if (this.session.transaction === "open") this.session.transaction = "failed";
  }

  private async beginImplicit(): Promise<void> {
    await this.executor.execute(control("begin"), this.session, []);
    this.implicit = true;
  }
}
