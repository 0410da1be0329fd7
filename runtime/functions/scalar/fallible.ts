import type { SqlState } from "../../contract/errors.ts";
import type { SqlType } from "../../contract/types.ts";
import { type Code, nullable, strict } from "./code.ts";
import { heapBytes, type Slot } from "./slot.ts";

/** Says that the row has no result where `condition` holds: an error, or NULL for TRY_CAST. */
export type Refuse = (condition: string, message: string) => void;

/** A conversion that may fail: `lanes` runs for values only; it calls `refuse` before it returns its lanes, which then do not matter. */
export function fallible(
  code: Code,
  type: SqlType,
  arg: Slot,
  onFailure: { readonly tryCast: boolean; readonly sqlState: SqlState },
  lanes: (refuse: Refuse) => readonly string[],
  bytes: string = heapBytes,
): Slot {
  if (!onFailure.tryCast) {
    const refuse: Refuse = (condition, message) => code.line(`if (${condition}) ${code.failure(onFailure.sqlState, message)}`);
    return strict(code, type, [arg], () => lanes(refuse), bytes);
  }
  return nullable(code, type, [arg], (isNull) => lanes((condition) => code.line(`if (${condition}) ${isNull} = 1;`)), bytes);
}
