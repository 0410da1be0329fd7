import { statementDocs } from "../../planner/front/statements/docs.ts";
import { statementForms } from "../../planner/front/statements/registry.ts";
import { unsupportedForms } from "../../planner/front/statements/unsupported.ts";
import { code, page, table } from "./markdown.ts";

const leads = (forms: typeof statementForms): readonly string[] => forms.map(({ lead }) => lead.join(" ").toUpperCase());

/** docs/reference/statements.md: every statement that is read, and those that are known and refused. */
export function renderStatements(): string {
  const refused = new Set(leads(unsupportedForms));
  const known = leads(statementForms).filter((lead) => !refused.has(lead));
  const missing = known.filter((lead) => statementDocs[lead] === undefined);
  const unknown = Object.keys(statementDocs).filter((lead) => !known.includes(lead));
  if (missing.length + unknown.length > 0)
    throw new Error(`statementDocs lacks ${missing.join(", ")} and has ${unknown.join(", ")} too many`);
  return page(
    "Statements",
    "planner/front/statements/registry.ts",
    "With examples that run: [sql.md](../sql.md).",
    table(
      ["statement", "what it does", "form"],
      known.map((lead) => [code(lead), statementDocs[lead]?.doc ?? "", code(statementDocs[lead]?.syntax ?? "")]),
    ),
    `Known and refused, with what to use instead: ${[...refused].map(code).join(", ")}.`,
  );
}
