import type { Schema, SqlType } from "../../../runtime/contract/types.ts";
import type { Value } from "../../../runtime/contract/value.ts";
import { columnAt, type Row } from "./database.ts";
import type { Tokens } from "./tokens.ts";

export type Parameters = readonly Value[];
/** Of a row with this schema. */
export type Expression = (schema: Schema) => (row: Row, parameters: Parameters) => Value;

/** Numbers the parameters as they come. */
export interface Numbering {
  next: number;
}

const comparisons: Readonly<Record<string, (a: never, b: never) => boolean>> = {
  "=": (a, b) => a === b,
  "<>": (a, b) => a !== b,
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};

/** What is compared is compared as DuckDB would: numbers of all widths alike. */
const comparable = (value: Value): Value => (typeof value === "number" ? BigInt(value) : value);

/** Comparisons of columns with values, all of which must hold. */
export function condition(tokens: Tokens, numbering: Numbering): Expression {
  const terms: Expression[] = [comparison(tokens, numbering)];
  while (tokens.skip("AND")) terms.push(comparison(tokens, numbering));
  return (schema) => {
    const bound = terms.map((term) => term(schema));
    return (row, parameters) => bound.every((holds) => holds(row, parameters) === true);
  };
}

function comparison(tokens: Tokens, numbering: Numbering): Expression {
  if (tokens.skip("SUFFIX", "(")) return endsWith(tokens, numbering);
  const left = operand(tokens, numbering);
  const compare = comparisons[tokens.next()];
  if (compare === undefined) throw tokens.unsupported();
  const right = operand(tokens, numbering);
  return (schema) => {
    const [a, b] = [left(schema), right(schema)];
    return (row, parameters) => {
      const [x, y] = [comparable(a(row, parameters)), comparable(b(row, parameters))];
      return x === null || y === null ? null : compare(x as never, y as never);
    };
  };
}

function endsWith(tokens: Tokens, numbering: Numbering): Expression {
  const text = operand(tokens, numbering);
  tokens.expect(",");
  const suffix = operand(tokens, numbering);
  tokens.expect(")");
  return (schema) => {
    const [a, b] = [text(schema), suffix(schema)];
    return (row, parameters) => String(a(row, parameters)).endsWith(String(b(row, parameters)));
  };
}

/** A parameter, a literal, a column, or one of the functions that change a value's type only. */
export function operand(tokens: Tokens, numbering: Numbering): Expression {
  let value: Expression;
  if (tokens.skip("?")) {
    const index = numbering.next++;
    value = () => (_row, parameters) => parameters[index] ?? null;
  } else if (tokens.skip("MAKE_TIMESTAMPTZ", "(") || tokens.skip("EPOCH_US", "(")) {
    value = operand(tokens, numbering);
    tokens.expect(")");
  } else if (tokens.skip("EPOCH_MS", "(")) {
    const millis = operand(tokens, numbering);
    tokens.expect(")");
    value = (schema) => (row, parameters) => {
      const at = millis(schema)(row, parameters);
      return at === null ? null : BigInt(at as number | bigint) * 1_000n;
    };
  } else value = literalOrColumn(tokens);
  if (tokens.skip("::")) tokens.expect("BIGINT");
  return value;
}

function literalOrColumn(tokens: Tokens): Expression {
  const name = tokens.name();
  if (name.startsWith("'")) return () => () => name.slice(1, -1).replaceAll("''", "'");
  if (/^\d+$/.test(name)) return () => () => BigInt(name);
  if (/^null$/i.test(name)) return () => () => null;
  if (/^(case|select|not|row_number|sum|coalesce)$/i.test(name)) throw tokens.unsupported();
  return (schema) => {
    const at = columnAt(schema, name);
    return (row) => row[at] ?? null;
  };
}

export const typeOfColumn = (schema: Schema, name: string): SqlType =>
  (schema.columns[columnAt(schema, name)] as { readonly type: SqlType }).type;
