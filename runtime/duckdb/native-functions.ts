import {
  DuckDBBlobValue,
  type DuckDBConnection,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBIntervalValue,
  DuckDBScalarFunction,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBValue,
} from "@duckdb/node-api";
import { messageOf } from "../contract/errors.ts";
import type { SqlType } from "../contract/types.ts";
import { isInterval, type Value } from "../contract/value.ts";
import type { NativeFunction } from "../functions/native/define.ts";
import { nativeFunctions } from "../functions/native/registry.ts";
import { toDuckdbType } from "./types.ts";

/** Makes Postgres' functions that DuckDB lacks known to an instance: to all of its connections. */
export function registerNativeFunctions(connection: DuckDBConnection): void {
  for (const definition of nativeFunctions) connection.registerScalarFunction(toScalarFunction(definition));
}

function toScalarFunction(definition: NativeFunction): DuckDBScalarFunction {
  const { name, parameters, rest, returns, takesNull = false } = definition;
  const evaluate = definition.evaluate as (...args: readonly Value[]) => Value;
  return DuckDBScalarFunction.create({
    name,
    parameterTypes: parameters.map(toDuckdbType),
    ...(rest === undefined ? {} : { varArgsType: toDuckdbType(rest) }),
    returnType: toDuckdbType(returns),
    specialHandling: takesNull,
    mainFunction: (info, input, output) => {
      try {
        const columns = Array.from({ length: input.columnCount }, (_, c) => input.getColumnVector(c));
        for (let row = 0; row < input.rowCount; row++) {
          const values = columns.map((column) => toValue(column.getItem(row)));
          const isNull = !takesNull && values.includes(null);
          output.setItem(row, isNull ? null : toDuckdbValue(returns, evaluate(...values)));
        }
        output.flush();
      } catch (error) {
        info.setError(messageOf(error));
      }
    },
  });
}

function toValue(value: DuckDBValue): Value {
  if (value === null || typeof value !== "object") return value;
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue) return value.micros;
  if (value instanceof DuckDBDateValue) return value.days;
  if (value instanceof DuckDBDecimalValue) return value.value;
  if (value instanceof DuckDBIntervalValue) return { months: value.months, days: value.days, micros: value.micros };
  if (value instanceof DuckDBBlobValue) return value.bytes;
  throw new Error("invariant: a native function's arguments are of its types");
}

function toDuckdbValue(type: SqlType, value: Value): DuckDBValue {
  if (value === null) return null;
  switch (type.id) {
    case "date":
      return new DuckDBDateValue(value as number);
    case "timestamp":
      return new DuckDBTimestampValue(value as bigint);
    case "timestamptz":
      return new DuckDBTimestampTZValue(value as bigint);
    case "decimal":
      return new DuckDBDecimalValue(value as bigint, type.width, type.scale);
    case "blob":
      return new DuckDBBlobValue(value as Uint8Array);
    case "interval":
      return isInterval(value) ? new DuckDBIntervalValue(value.months, value.days, value.micros) : null;
    default:
      return value as string | number | bigint | boolean;
  }
}
