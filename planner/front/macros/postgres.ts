import { serverVersion } from "../../../runtime/contract/version.ts";
import { collectionMacros } from "./collections.ts";
import { macro } from "./macro.ts";
import { numberMacros } from "./numbers.ts";
import { operatorMacros } from "./operators.ts";
import { stringMacros } from "./strings.ts";
import { timeMacros } from "./times.ts";

/** Postgres' names and meanings over DuckDB's functions and those of runtime/functions/native. */
export const postgresMacros: readonly string[] = [
  macro("version", `() as 'PostgreSQL ${serverVersion}'`),
  ...operatorMacros,
  ...stringMacros,
  ...timeMacros,
  ...collectionMacros,
  ...numberMacros,
];
