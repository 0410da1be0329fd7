import { parseStatements } from "../../planner/front/parse.ts";
import type { Statement } from "../../planner/front/statement.ts";
import { assert } from "../../runtime/contract/errors.ts";

/** A definition that was kept: exactly one statement. */
export function parseOne(text: string): Statement {
  const [statement, ...more] = parseStatements(text);
  assert(statement !== undefined && more.length === 0, "a kept definition is one statement");
  return statement;
}
