import { collectionMacros } from "./collections.ts";
import { numberMacros } from "./numbers.ts";
import { operatorMacros } from "./operators.ts";
import { stringMacros } from "./strings.ts";
import { timeMacros } from "./times.ts";

/** Postgres' names and meanings over DuckDB's functions and those of runtime/functions/native. */
export const postgresMacros: readonly string[] = [...operatorMacros, ...stringMacros, ...timeMacros, ...collectionMacros, ...numberMacros];
