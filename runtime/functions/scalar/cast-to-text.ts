import { physicalOf, type SqlType, varchar } from "../../contract/types.ts";
import type { Cast } from "./casts.ts";
import { strict } from "./code.ts";
import type { Resolution } from "./define.ts";
import { decimalAsText, doubleAsText, realAsText } from "./number-text.ts";
import { isInteger } from "./numeric-types.ts";
import { bigOf, type Slot } from "./slot.ts";
import { dateAsText, timeAsText, timestampAsText } from "./time-text.ts";

type Format = ((value: number) => string) | ((value: bigint) => string) | ((value: boolean) => string);

/** Casts to VARCHAR. JSON is a text already. */
export function resolveCastToText(cast: Cast): Resolution | null {
  if (cast.type.id !== "varchar") return null;
  const from = cast.argument.type;
  if (from.id === "json" || from.id === "uuid")
    return { arguments: [cast.argument], emit: (_, [a]) => ({ ...(a as Slot), type: varchar }) };
  const format = formatOf(from);
  if (format === null) return null;
  return {
    arguments: [cast.argument],
    emit: (code, [a]) =>
      strict(code, varchar, [a as Slot], () => {
        const start = code.local(`heap.appendAscii(${code.constant(format)}(${bigOf(a as Slot)}))`);
        return ["", start, "heap.at"];
      }),
  };
}

const booleanAsText = (value: boolean): string => (value ? "true" : "false");
const plainText = (value: bigint): string => String(value);
const smallText = (value: number): string => String(value);

/** All these texts are ASCII. */
function formatOf(type: SqlType): Format | null {
  if (isInteger(type)) return physicalOf(type) === "i32" ? smallText : plainText;
  switch (type.id) {
    case "boolean":
      return booleanAsText;
    case "double":
      return doubleAsText;
    case "real":
      return realAsText;
    case "decimal":
      return decimalAsText(type.width, type.scale);
    case "date":
      return dateAsText;
    case "time":
      return timeAsText;
    case "timestamp":
      return timestampAsText("");
    case "timestamptz":
      return timestampAsText("+00");
    default:
      return null;
  }
}
