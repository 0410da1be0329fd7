import type { CatalogObject } from "../../planner/catalog.ts";
import { SqlError } from "../../runtime/contract/errors.ts";
import { kindNames } from "../catalog/catalog.ts";

/** SqlError 2BP01 for an object that others name in their definitions. */
export function inUse(what: string, object: CatalogObject, dependents: readonly CatalogObject[], at: number, hint: string): SqlError {
  return new SqlError({
    sqlState: "2BP01",
    message: `cannot ${what} ${kindNames[object.kind]} "${object.name}" because other objects depend on it`,
    detail: dependents.map((d) => `${kindNames[d.kind]} "${d.name}" depends on ${kindNames[object.kind]} "${object.name}"`).join("\n"),
    hint,
    at,
  });
}
