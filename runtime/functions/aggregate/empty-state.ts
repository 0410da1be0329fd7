import type { Field } from "../../contract/types.ts";
import type { Value } from "../../contract/value.ts";

/** Accumulators that hold one of the values, or all of them as one: there is none yet. The others count or add up. */
const heldValues: ReadonlySet<string> = new Set(["value", "by", "text", "list"]);

/** What an accumulator holds that has seen no row: for state from before the aggregate was asked for. */
export function emptyAccumulator({ name, type }: Field): Value {
  if (heldValues.has(name)) return null;
  switch (type.id) {
    case "list":
      return [];
    case "boolean":
      return false;
    case "double":
      return 0;
    case "varchar":
      return "0*2^0";
    default:
      return 0n;
  }
}
