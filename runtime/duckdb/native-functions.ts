import {
  BIGINT,
  BLOB,
  BOOLEAN,
  DATE,
  DECIMAL,
  DOUBLE,
  DuckDBBlobValue,
  type DuckDBConnection,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBIntervalValue,
  DuckDBScalarFunction,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBType,
  type DuckDBValue,
  DuckDBVarCharType,
  FLOAT,
  HUGEINT,
  INTEGER,
  INTERVAL,
  TIMESTAMP,
  TIMESTAMPTZ,
  VARCHAR,
} from "@duckdb/node-api";
import { messageOf } from "../contract/errors.ts";
import type { SqlType } from "../contract/types.ts";
import { isInterval, type Value } from "../contract/value.ts";
import type { NativeFunction } from "../functions/native/define.ts";
import { nativeFunctions } from "../functions/native/registry.ts";

/** Makes Postgres' functions that DuckDB lacks known to an instance: to all of its connections. */
export function registerNativeFunctions(connection: DuckDBConnection): void {
  for (const definition of nativeFunctions) connection.registerScalarFunction(toScalarFunction(definition));
}

function toScalarFunction(definition: NativeFunction): DuckDBScalarFunction {
  const { name, parameters, rest, returns, takesNull = false } = definition;
  const evaluate = definition.evaluate as (...args: readonly Value[]) => Value;
  return DuckDBScalarFunction.create({
    name,
    parameterTypes: parameters.map(duckdbType),
    ...(rest === undefined ? {} : { varArgsType: duckdbType(rest) }),
    returnType: duckdbType(returns),
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

const json = new DuckDBVarCharType("JSON");

/** The types that native functions use. */
const types: Partial<Record<SqlType["id"], DuckDBType>> = {
  boolean: BOOLEAN,
  integer: INTEGER,
  bigint: BIGINT,
  hugeint: HUGEINT,
  real: FLOAT,
  double: DOUBLE,
  varchar: VARCHAR,
  json,
  blob: BLOB,
  date: DATE,
  timestamp: TIMESTAMP,
  timestamptz: TIMESTAMPTZ,
  interval: INTERVAL,
};

function duckdbType(type: SqlType): DuckDBType {
  if (type.id === "decimal") return DECIMAL(type.width, type.scale);
  const found = types[type.id];
  if (found === undefined) throw new Error(`invariant: a native function has no ${type.id}`);
  return found;
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
