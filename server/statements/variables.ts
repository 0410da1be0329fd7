import { SqlError } from "../../runtime/contract/errors.ts";
import { canonicalVariable, defaultVariables, validateVariable } from "../session/variables.ts";
import type { Session } from "../session/execution.ts";
import { columns, command, type Handler, rowsOutcome } from "./context.ts";

export const set: Handler<"set"> = {
  async execute(statement, _context, session) {
    const name = canonicalVariable(statement.variable);
    if (statement.value === null) session.variables.delete(name);
    else session.variables.set(name, validateVariable(name, statement.value, statement.at));
    return command("SET");
  },
};

export const reset: Handler<"reset"> = {
  async execute(statement, _context, session) {
    if (statement.variable === null) {
      session.variables.clear();
      return command("RESET");
    }
    const name = canonicalVariable(statement.variable);
    if (valueOf(name, session) === null) throw unrecognized(statement.variable, undefined);
    session.variables.delete(name);
    return command("RESET");
  },
};

const allColumns = columns("name", "setting");

export const showVariable: Handler<"showVariable"> = {
  describe: async (statement) => ({
    parameters: [],
    columns: statement.variable === "all" ? allColumns : columns(canonicalVariable(statement.variable)),
  }),
  async execute(statement, _context, session) {
    if (statement.variable === "all") {
      const rows = [...new Set([...defaultVariables.keys(), ...session.variables.keys()])]
        .sort()
        .map((name) => [name, valueOf(name, session)]);
      return rowsOutcome(allColumns, rows, () => "SHOW");
    }
    const name = canonicalVariable(statement.variable);
    const value = valueOf(name, session);
    if (value === null) throw unrecognized(statement.variable, statement.at);
    return rowsOutcome(columns(name), [[value]], () => "SHOW");
  },
};

const unrecognized = (name: string, at: number | undefined): SqlError =>
  new SqlError({ sqlState: "42704", message: `unrecognized configuration parameter "${name}"`, at });

const valueOf = (name: string, session: Session): string | null => session.variables.get(name) ?? defaultVariables.get(name) ?? null;
