import type { Statement } from "../../planner/front/statement.ts";
import { SqlError } from "../../runtime/contract/errors.ts";
import type { Description, Executor, Notice, Outcome, Parameter, Session } from "../../server/session/execution.ts";
import { describeWithParameters, queryWithParameters } from "../../server/session/parameters.ts";
import { canonicalVariable, validateVariable, valueOfVariable } from "../../server/session/variables.ts";
import { batchOf } from "../../runtime/contract/rows.ts";
import { type SqlType, varchar } from "../../runtime/contract/types.ts";

/**
 * Statements for the tests of the wire door: SQL goes to DuckDB as it is, so that the door alone is under test.
 * `NOTICE text` answers with a notice, `BREAK` fails as a bug of ours would.
 */
export class StubExecutor implements Executor {
  parse(text: string): readonly Statement[] {
    return [...text.matchAll(/(?:'(?:[^']|'')*'|[^;'])+/g)]
      .filter(([part]) => part.trim() !== "")
      .map((match) => {
        const at = match.index + match[0].length - match[0].trimStart().length;
        return classify(match[0].trim(), at);
      });
  }

  async describe(statement: Statement, session: Session, declared: readonly (SqlType | null)[] = []): Promise<Description> {
    if (statement.kind === "showVariable") return { parameters: [], columns: { columns: [{ name: statement.variable, type: varchar }] } };
    if (statement.kind !== "query" && statement.kind !== "modify") return { parameters: [], columns: null };
    const { schema, parameters } = await moved(statement, describeWithParameters(session.connection, statement.text, declared));
    return { parameters, columns: statement.kind === "query" || statement.returning ? schema : null };
  }

  async execute(statement: Statement, session: Session, parameters: readonly Parameter[]): Promise<Outcome> {
    switch (statement.kind) {
      case "query":
      case "modify":
        return sql(statement, session, parameters);
      case "set": {
        const key = canonicalVariable(statement.variable);
        session.variables.set(key, validateVariable(key, statement.value ?? "", statement.at));
        return command("SET");
      }
      case "showVariable":
        return show(statement.variable, valueOfVariable(session.variables, statement.variable));
      case "begin":
      case "commit":
      case "rollback":
        return transaction(statement.kind, session);
      case "deallocate":
      case "discard":
        return command("DONE");
      case "drop": // stands for every statement that acts at once
        await session.connection.run(statement.text);
        return command("CREATE TABLE");
      default:
        throw new SqlError({ sqlState: "42601", message: `syntax error at or near "${statement.text}"`, at: statement.at });
    }
  }
}

const command = (tag: string, notices: readonly Notice[] = []): Outcome => ({ kind: "command", tag, notices });

const clauses = {
  with: null,
  alias: null,
  rows: null,
  conflict: null,
  assignments: [],
  from: null,
  where: null,
  returning: null,
};

function classify(text: string, at: number): Statement {
  const base = { text, at };
  const query = { text, at };
  const name = { schema: null, name: "t", at };
  const [first = "", second = ""] = text.toLowerCase().split(/\s+/);
  switch (first) {
    case "select":
    case "values":
    case "with":
    case "from":
      return { ...base, kind: "query", query };
    case "insert":
    case "update":
    case "delete":
      return { ...base, kind: "modify", verb: first, target: name, columns: null, query, returning: /\breturning\b/i.test(text), clauses };
    case "begin":
    case "commit":
    case "rollback":
      return { ...base, kind: first };
    case "show":
      return { ...base, kind: "showVariable", variable: canonicalVariable(second) };
    case "set": {
      const [, variable = "", value = ""] = /^set\s+(\w+)\s*(?:=|to)\s*'?(.*?)'?$/i.exec(text) ?? [];
      return { ...base, kind: "set", variable, value, local: false };
    }
    case "create":
      return { ...base, kind: "drop", object: "table", names: [], ifExists: false, cascade: false };
    case "deallocate":
      return { ...base, kind: "deallocate", name: second === "all" ? null : second };
    case "discard":
      return { ...base, kind: "discard" };
    case "notice":
    case "break":
      return { ...base, kind: "query", query };
    default:
      throw new SqlError({ sqlState: "42601", message: `syntax error at or near "${first}"`, at, hint: "Say something else." });
  }
}

async function sql(
  statement: Extract<Statement, { kind: "query" | "modify" }>,
  session: Session,
  parameters: readonly Parameter[],
): Promise<Outcome> {
  if (statement.text.toLowerCase() === "break") throw new TypeError("secret insides of the server");
  if (/^notice/i.test(statement.text)) {
    const message = statement.text.slice(7);
    return command("NOTICE", [
      { severity: "NOTICE", message, hint: "Heed it." },
      { severity: "WARNING", message: "second" },
    ]);
  }
  const result = await moved(statement, queryWithParameters(session.connection, statement.text, parameters));
  if (statement.kind === "query") return { kind: "rows", result, tag: (rows) => `SELECT ${rows}`, notices: [] };
  if (statement.returning) return { kind: "rows", result, tag: (rows) => `INSERT 0 ${rows}`, notices: [] };
  result.close();
  return command(statement.verb === "insert" ? `INSERT 0 ${result.changed}` : `${statement.verb.toUpperCase()} ${result.changed}`);
}

async function moved<T>(statement: Statement, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof SqlError ? error.movedBy(statement.at) : error;
  }
}

async function transaction(kind: "begin" | "commit" | "rollback", session: Session): Promise<Outcome> {
  const failed = session.transaction === "failed";
  if (kind === "begin" && session.transaction !== "idle") return command("BEGIN", [{ severity: "WARNING", message: "already begun" }]);
  if (kind !== "begin" && session.transaction === "idle") return command(kind.toUpperCase());
  session.transaction = kind === "begin" ? "open" : "idle";
  const done = session.connection.run(kind.toUpperCase());
  await (failed ? done.catch(() => undefined) : done);
  return command(kind.toUpperCase());
}

function show(name: string, value: string): Outcome {
  const schema = { columns: [{ name, type: varchar }] };
  let read = false;
  return {
    kind: "rows",
    tag: () => "SHOW",
    notices: [],
    result: {
      schema,
      changed: 0,
      next: async () => {
        if (read) return null;
        read = true;
        return batchOf(schema, [[value]]);
      },
      rows: async () => [[value]],
      close: () => undefined,
    },
  };
}
