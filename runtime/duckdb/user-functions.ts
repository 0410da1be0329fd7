import { DuckDBDataChunk, type DuckDBConnection, DuckDBScalarFunction } from "@duckdb/node-api";
import duckdb from "@duckdb/node-bindings";
import { messageOf } from "../contract/errors.ts";
import type { StoreFunction } from "../contract/store.ts";
import { readChunk } from "./read-chunk.ts";
import { toDuckdbType } from "./types.ts";
import { writeVector } from "./write-chunk.ts";

/** Makes a function known to all connections of an instance, for good: DuckDB cannot forget one. */
export function registerStoreFunction(connection: DuckDBConnection, { name, parameters, returns, evaluate }: StoreFunction): void {
  const types = parameters.map(toDuckdbType);
  const returnType = toDuckdbType(returns);
  const created = new DuckDBScalarFunction();
  created.setName(name);
  for (const type of types) created.addParameter(type);
  created.setReturnType(returnType);
  created.setSpecialHandling(); // NULLs are its own to answer
  duckdb.scalar_function_set_function(created.scalar_function, (info, input, output) => {
    try {
      const batch = readChunk(new DuckDBDataChunk(input), types);
      writeVector(output, returnType, evaluate(batch), 0, batch.rows);
    } catch (error) {
      duckdb.scalar_function_set_error(info, messageOf(error));
    }
  });
  connection.registerScalarFunction(created);
}
