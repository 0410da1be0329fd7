import type { SqlType } from "../contract/types.ts";
import type { Value } from "../contract/value.ts";
import { parseJsonText } from "./json-value.ts";
import { parseScalar } from "./parse-scalar.ts";

/** The value that a text means as a type; null when it is none. Lists, structs and maps are read as JSON. Not for hot loops. */
export const parseText = (type: SqlType, text: string): Value =>
  type.id === "list" || type.id === "struct" || type.id === "map" ? parseJsonText(type, text) : parseScalar(type, text);
