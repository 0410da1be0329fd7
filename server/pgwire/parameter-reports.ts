import type { Session } from "../session/execution.ts";
import { reportedName, reportedVariables, valueOfVariable } from "../session/variables.ts";
import { writeParameterStatus } from "./backend-messages.ts";
import type { MessageWriter } from "./message-writer.ts";

/** Tells the client of the variables that it follows: all at the start, later each that changed. */
export class ParameterReports {
  private readonly session: Session;
  /** What a RESET goes back to. */
  private readonly initial: ReadonlyMap<string, string>;
  private readonly told = new Map<string, string>();

  constructor(session: Session, initial: ReadonlyMap<string, string>) {
    this.session = session;
    this.initial = initial;
  }

  report(writer: MessageWriter): void {
    const variables = this.session.variables;
    for (const [key, value] of this.initial) if (!variables.has(key)) variables.set(key, value);
    for (const key of reportedVariables) {
      const value = valueOfVariable(variables, key);
      if (this.told.get(key) === value) continue;
      this.told.set(key, value);
      writeParameterStatus(writer, reportedName(key), value);
    }
  }
}
