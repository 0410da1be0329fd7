import { SqlError } from "../../runtime/contract/errors.ts";
import { type JavascriptFunction, markerOf } from "../../runtime/contract/javascript.ts";
import { type Field, formatType } from "../../runtime/contract/types.ts";
import { sourceFault } from "../../runtime/javascript/check-source.ts";
import { hasJavascript } from "../../runtime/javascript/values.ts";
import { knownFunctions } from "../adhoc/allow-list.ts";
import type { Binder } from "../binder/binder.ts";
import { quoteName } from "../../runtime/contract/quote.ts";
import type { CatalogView, FunctionObject } from "../catalog.ts";
import type { StatementOf } from "../front/statement.ts";
import { bindSqlBody } from "./sql-body.ts";

type CreateFunction = StatementOf<"createFunction">;

/** A function's definition, checked: its macro for DuckDB, and what else it calls. Throws positioned SqlErrors. */
export async function bindFunction(statement: CreateFunction, catalog: CatalogView, binder: Binder): Promise<FunctionObject> {
  const { name, at } = statement.name;
  if ((await knownFunctions(binder)).has(name)) {
    throw new SqlError({ sqlState: "42723", message: `function "${name}" is built in`, hint: "Give yours another name.", at });
  }
  refuseDuplicates(statement.parameters, at);
  return statement.language === "sql" ? bindSql(statement, catalog, binder) : bindJavascript(statement);
}

function refuseDuplicates(parameters: readonly Field[], at: number): void {
  const double = parameters.find((p, i) => parameters.findIndex((other) => other.name === p.name) !== i);
  if (double !== undefined) throw new SqlError({ sqlState: "42701", message: `parameter name "${double.name}" used more than once`, at });
}

const shared = (statement: CreateFunction) => ({
  name: statement.name.name,
  definition: statement.text,
  parameters: statement.parameters,
  returns: statement.returns,
});

/** Parameters under names of their own within a macro, for `$1` is none. */
const macroNames = (parameters: readonly Field[]): readonly string[] => parameters.map((p) => p.name.replace("$", "argument"));

async function bindSql(statement: CreateFunction, catalog: CatalogView, binder: Binder): Promise<FunctionObject> {
  const names = macroNames(statement.parameters);
  const { sql, calls } = await bindSqlBody(statement, names, catalog, binder);
  const isNull = names.map((name) => `${quoteName(name)} IS NULL`).join(" OR ");
  const body = statement.strict && names.length > 0 ? `CASE WHEN ${isNull} THEN NULL ELSE ${sql} END` : sql;
  return {
    ...shared(statement),
    language: "sql",
    macro: macroDdl(statement.name.name, names, `CAST(${body} AS ${formatType(statement.returns)})`),
    javascript: null,
    dependencies: calls,
  };
}

export const macroDdl = (name: string, parameters: readonly string[], body: string): string =>
  `CREATE OR REPLACE MACRO public.${quoteName(name)}(${parameters.map(quoteName).join(", ")}) AS ${body}`;

const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/;

function bindJavascript(statement: CreateFunction): FunctionObject {
  const { parameters, returns, body, strict } = statement;
  const { name, at } = statement.name;
  for (const { name: parameter, type } of parameters) {
    if (!identifier.test(parameter)) {
      throw new SqlError({
        sqlState: "42601",
        message: `a parameter of a JavaScript function needs a name of letters and digits, not "${parameter}"`,
        at,
      });
    }
    if (!hasJavascript(type)) throw noType(formatType(type), at);
  }
  if (!identifier.test(name)) throw new SqlError({ sqlState: "42601", message: `a JavaScript function cannot be named "${name}"`, at });
  if (!hasJavascript(returns)) throw noType(formatType(returns), at);
  const javascript: JavascriptFunction = { name, parameters, returns, source: body.text, strict };
  const fault = sourceFault(javascript);
  if (fault !== null) throw new SqlError({ sqlState: "42601", message: `function ${name}: ${fault}`, at: body.at });
  const marker = markerOf(javascript, formatType);
  const args = parameters.map((p) => `CAST(${quoteName(p.name)} AS ${formatType(p.type)})`).join(", ");
  const names = parameters.map((p) => p.name);
  return { ...shared(statement), language: "javascript", macro: macroDdl(name, names, `${marker}(${args})`), javascript, dependencies: [] };
}

const noType = (type: string, at: number): SqlError =>
  new SqlError({
    sqlState: "0A000",
    message: `a JavaScript function takes and returns no ${type}`,
    hint: "Use numbers, VARCHAR, BOOLEAN, DATE, TIME, TIMESTAMP, UUID, JSON, and lists, structs and maps of them.",
    at,
  });
