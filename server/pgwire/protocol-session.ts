import type { Statement } from "../../planner/front/statement.ts";
import { SqlError } from "../../runtime/contract/errors.ts";
import type { World } from "../../runtime/contract/world.ts";
import type { Executor, Notice, Outcome, Parameter, Session } from "../session/execution.ts";
import { valueOfVariable } from "../session/variables.ts";
import { writeEmpty, writeNotice, writeReadyForQuery } from "./backend-messages.ts";
import { ParameterReports } from "./parameter-reports.ts";
import { Portals } from "./portals.ts";
import { PreparedStatements } from "./prepared-statements.ts";
import { StatementGuard } from "./statement-guard.ts";
import { TransactionBlock } from "./transaction-block.ts";
import type { Wire } from "./wire.ts";
import type { WireLimits } from "./wire-limits.ts";

export interface ProtocolSessionParts {
  readonly wire: Wire;
  readonly executor: Executor;
  readonly session: Session;
  readonly world: World;
  readonly limits: WireLimits;
  /** Variables of the start-up packet. */
  readonly startup: ReadonlyMap<string, string>;
}

/** What the simple and the extended protocol share of one session: its state, and how a statement is run. */
export class ProtocolSession {
  readonly wire: Wire;
  readonly executor: Executor;
  readonly session: Session;
  readonly limits: WireLimits;
  readonly statements: PreparedStatements;
  readonly portals: Portals;
  readonly block: TransactionBlock;
  readonly guard: StatementGuard;
  private readonly reports: ParameterReports;
  /** The text whose statement is at work, for positions in errors. */
  text: string | null = null;

  constructor(parts: ProtocolSessionParts) {
    this.wire = parts.wire;
    this.executor = parts.executor;
    this.session = parts.session;
    this.limits = parts.limits;
    this.statements = new PreparedStatements(parts.limits.preparedStatements_max);
    this.portals = new Portals(parts.limits.portals_max);
    this.block = new TransactionBlock(parts.executor, parts.session);
    this.guard = new StatementGuard(parts.session, parts.world);
    this.reports = new ParameterReports(parts.session, parts.startup);
  }

  /** Reads a text as statements; its size was held against the limit by its message. Throws SqlError. */
  parse(text: string): readonly Statement[] {
    this.text = text;
    if (Buffer.byteLength(text) > this.limits.statement_bytes_max) {
      throw new SqlError({
        sqlState: "54000",
        message: "statement is too long",
        detail: `The limit is ${this.limits.statement_bytes_max} bytes.`,
      });
    }
    return this.executor.parse(text);
  }

  /** Runs a statement and writes its notices. DEALLOCATE and DISCARD reach the protocol's statements too. */
  async execute(statement: Statement, parameters: readonly Parameter[], together: boolean): Promise<Outcome> {
    if (statement.kind === "deallocate" && statement.name !== null && this.statements.has(statement.name)) {
      this.block.admit(statement);
      this.statements.delete(statement.name);
      return { kind: "command", tag: "DEALLOCATE", notices: [] };
    }
    const outcome = await this.block.execute(statement, parameters, together);
    if ((statement.kind === "deallocate" && statement.name === null) || statement.kind === "discard") this.statements.clear();
    if (this.session.transaction === "idle" && endsPortals(statement)) this.portals.closeAll();
    this.writeNotices(outcome.notices);
    return outcome;
  }

  writeEmptyQuery(): void {
    writeEmpty(this.wire.writer, "emptyQueryResponse");
  }

  /** Ends a simple query or a Sync: portals live no longer than their transaction. */
  async ready(): Promise<void> {
    this.text = null;
    if (this.session.transaction === "idle") this.portals.closeAll();
    this.reports.report(this.wire.writer);
    writeReadyForQuery(this.wire.writer, this.session.transaction);
    await this.wire.flush();
  }

  /** Reports of the start, in front of the first ReadyForQuery. */
  reportVariables(): void {
    this.reports.report(this.wire.writer);
  }

  /** `client_min_messages` says what the client cares for; INFO is always sent, as in Postgres. */
  private writeNotices(notices: readonly Notice[]): void {
    const least = valueOfVariable(this.session.variables, "client_min_messages");
    for (const notice of notices) {
      const unwanted = least === "error" || (least === "warning" && notice.severity === "NOTICE");
      if (notice.severity === "INFO" || !unwanted) writeNotice(this.wire.writer, notice);
    }
  }
}

const endsPortals = (statement: Statement): boolean =>
  statement.kind === "commit" || statement.kind === "rollback" || statement.kind === "discard";
