import { type SqlType, varchar } from "../../contract/types.ts";
import type { NativeFunction } from "./define.ts";

/** to_char of one type: a value and a template. */
export const toCharOf = (
  type: SqlType,
  doc: string,
  evaluate: NativeFunction["evaluate"],
  ...examples: NativeFunction["examples"]
): NativeFunction => ({
  name: "to_char",
  doc,
  examples,
  parameters: [type, varchar],
  returns: varchar,
  evaluate,
});
