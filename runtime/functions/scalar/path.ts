import type { Expression } from "../../contract/expressions.ts";
import type { SqlType } from "../../contract/types.ts";
import { literalInteger, literalText } from "./define.ts";

/** A column, or a field of a column of structs: which column, then which field of each struct. Its rows need no computing. */
export interface Path {
  readonly column: number;
  readonly fields: readonly number[];
  readonly type: SqlType;
}

/** The path that an expression names, or null when it is something else. */
export function pathOf(e: Expression): Path | null {
  if (e.kind === "column") return { column: e.index, fields: [], type: e.type };
  if (e.kind !== "call" || e.arguments.length !== 2) return null;
  if (e.name !== "struct_extract" && e.name !== "struct_extract_at") return null;
  const parent = pathOf(e.arguments[0] as Expression);
  if (parent === null || parent.type.id !== "struct") return null;
  const field = fieldOf(parent.type, e.arguments[1]);
  return field === null ? null : { column: parent.column, fields: [...parent.fields, field], type: e.type };
}

/** The position of the field that a literal names: by name (DuckDB ignores case), or from 1 in an unnamed struct. */
function fieldOf(type: Extract<SqlType, { readonly id: "struct" }>, key: Expression | undefined): number | null {
  const position = literalInteger(key);
  if (position !== undefined) return position >= 1 && position <= type.fields.length ? position - 1 : null;
  const name = literalText(key)?.toLowerCase();
  const found = type.fields.findIndex((field) => field.name.toLowerCase() === name);
  return found < 0 ? null : found;
}
