import type { Expression } from "../../runtime/contract/expressions.ts";
import type { Schema } from "../../runtime/contract/types.ts";
import { printExpression as print } from "../../runtime/expr/print.ts";

/** An expression as a user would write it, columns by name: for EXPLAIN and for the identity of state. */
export const printExpression = (e: Expression, over: Schema): string =>
  print(
    e,
    over.columns.map((c) => c.name),
  );
