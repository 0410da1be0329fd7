import {
  BIGINT,
  BLOB,
  BOOLEAN,
  DOUBLE,
  DuckDBBlobValue,
  DuckDBIntervalValue,
  type DuckDBType,
  type DuckDBValue,
  HUGEINT,
  INTERVAL,
  VARCHAR,
} from "@duckdb/node-api";
import { isInterval, type Value } from "../contract/value.ts";

const bigint_max = 2n ** 63n;

/** A statement parameter for the driver. A value carries no SQL type: write `$1::TIMESTAMP` or the like where DuckDB cannot infer it. */
export function toDuckdb(value: Value): { readonly value: DuckDBValue; readonly type: DuckDBType } {
  if (value === null) return { value: null, type: VARCHAR };
  if (typeof value === "boolean") return { value, type: BOOLEAN };
  if (typeof value === "bigint") return { value, type: value >= -bigint_max && value < bigint_max ? BIGINT : HUGEINT };
  if (typeof value === "number") return Number.isSafeInteger(value) ? { value: BigInt(value), type: BIGINT } : { value, type: DOUBLE };
  if (typeof value === "string") return { value, type: VARCHAR };
  if (value instanceof Uint8Array) return { value: new DuckDBBlobValue(value), type: BLOB };
  if (isInterval(value)) return { value: new DuckDBIntervalValue(value.months, value.days, value.micros), type: INTERVAL };
  throw new Error("invariant: a list is not a statement parameter");
}
