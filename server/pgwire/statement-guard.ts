import { SqlError } from "../../runtime/contract/errors.ts";
import type { Cancel, World } from "../../runtime/contract/world.ts";
import { statementTimeout_ms } from "../session/variables.ts";
import type { Session } from "../session/execution.ts";

type Reason = "user request" | "statement timeout" | "lost connection";

/** Runs a session's statements one at a time, so that each may be stopped: by a CancelRequest, by its time-out, by the client's end. */
export class StatementGuard {
  private readonly session: Session;
  private readonly world: World;
  private running = false;
  private reason: Reason | null = null;

  constructor(session: Session, world: World) {
    this.session = session;
    this.world = world;
  }

  /** Stops what runs now; what comes later is not touched. */
  readonly cancel = (reason: Reason): void => {
    if (!this.running) return;
    this.reason ??= reason;
    this.session.connection.interrupt();
    for (const hear of this.session.onCancel) hear();
  };

  /** Between batches: a result that is all in memory does not notice an interrupt. */
  check(): void {
    if (this.reason !== null) throw canceled(this.reason);
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    this.running = true;
    this.reason = null;
    const stopTimer = this.startTimer();
    try {
      return await work();
    } catch (error) {
      this.check(); // however the interrupt shows itself, the client learns its reason
      throw error;
    } finally {
      this.running = false;
      stopTimer();
    }
  }

  private startTimer(): Cancel {
    const timeout_ms = statementTimeout_ms(this.session.variables);
    return timeout_ms === 0 ? () => undefined : this.world.timers.after(timeout_ms, () => this.cancel("statement timeout"));
  }
}

const canceled = (reason: Reason): SqlError => new SqlError({ sqlState: "57014", message: `canceling statement due to ${reason}` });
