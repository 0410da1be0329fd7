import type { SqlType } from "../../contract/types.ts";
import { parseDecimal, parseDouble, parseInteger, integerRange, parseReal } from "../parse-number.ts";
import { isJson, parseBoolean } from "../parse-scalar.ts";
import { parseText } from "../parse-text.ts";
import { parseDate, parseTime, parseTimestamp } from "../parse-time.ts";
import { ValueCell, ViewCell } from "./bytes-cells.ts";
import { type Cell, plainInteger } from "./cell.ts";
import { BooleanCell, F64Cell, I32Cell, I64Cell, I128Cell } from "./number-cells.ts";
import { readDecimal, readDouble } from "./read-number.ts";
import { readDate, readTime, readTimestamp } from "./read-time.ts";

const never = (): number => Number.NaN;
const asNumber = (value: bigint | null): number | null => (value === null ? null : Number(value));

/** A cell that reads texts of a type. */
export function makeCell(type: SqlType): Cell {
  switch (type.id) {
    case "boolean":
      return new BooleanCell(parseBoolean);
    case "tinyint":
    case "smallint":
    case "integer":
    case "utinyint":
    case "usmallint": {
      const { id } = type;
      const [lowest, highest] = integerRange[id];
      return new I32Cell(plainInteger, Number(lowest), Number(highest), (text) => asNumber(parseInteger(id, text)));
    }
    case "date":
      return new I32Cell(readDate, -2_147_483_648, 2_147_483_647, parseDate);
    case "bigint":
      return new I64Cell(plainInteger, (text) => parseInteger("bigint", text));
    case "uinteger":
      return new I64Cell(never, (text) => parseInteger("uinteger", text));
    case "time":
      return new I64Cell(readTime, parseTime);
    case "timestamp":
    case "timestamptz":
      return new I64Cell(readTimestamp, parseTimestamp);
    case "hugeint":
    case "ubigint": {
      const { id } = type;
      return new I128Cell((text) => parseInteger(id, text));
    }
    case "decimal": {
      const { width, scale } = type;
      const parse = (text: string): bigint | null => parseDecimal(text, width, scale);
      return width <= 18 ? new I64Cell(readDecimal(width, scale), parse) : new I128Cell(parse);
    }
    case "real":
      return new F64Cell(never, parseReal);
    case "double":
      return new F64Cell(readDouble, parseDouble);
    case "varchar":
      return new ViewCell();
    case "json":
      return new ValueCell(type, (text) => (isJson(text) ? text : null));
    case "uuid":
    case "blob":
    case "interval":
    case "list":
    case "struct":
    case "map":
      return new ValueCell(type, (text) => parseText(type, text));
  }
}
