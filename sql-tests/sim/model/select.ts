import type { Schema, SqlType } from "../../../runtime/contract/types.ts";
import { bigint, boolean } from "../../../runtime/contract/types.ts";
import type { Value } from "../../../runtime/contract/value.ts";
import { columnAt, type Database, type Row, type Table } from "./database.ts";
import { condition, type Expression, type Numbering, type Parameters, typeOfColumn } from "./expressions.ts";
import type { Tokens } from "./tokens.ts";

/** One column of a result: from all rows that were selected. */
interface Item {
  readonly name: string;
  readonly isAggregate: boolean;
  readonly type: (schema: Schema) => SqlType;
  readonly values: (table: Table) => readonly Value[];
}

export type Query = (database: Database, parameters: Parameters) => Table;

/** SELECT columns, counts or the newest of each key FROM one table or subquery [WHERE …] [QUALIFY the newest of a key] [ORDER BY …] [LIMIT …]. */
export function select(tokens: Tokens): Query {
  const isStar = tokens.skip("*");
  const items = isStar ? [] : tokens.list(() => item(tokens));
  tokens.expect("FROM");
  const from = source(tokens);
  const numbering: Numbering = { next: 0 };
  const where = tokens.skip("WHERE") ? condition(tokens, numbering) : null;
  const qualified = tokens.skip("QUALIFY") ? qualify(tokens) : (table: Table): Table => table;
  const order = tokens.skip("ORDER", "BY") ? tokens.list(() => ordering(tokens)) : [];
  const limit = tokens.skip("LIMIT") ? Number(tokens.next()) : Number.POSITIVE_INFINITY;
  return (database, parameters) => {
    const table = from(database, parameters);
    const found = qualified({ schema: table.schema, rows: filtered(table, where, parameters) });
    const rows = ordered(table.schema, found.rows, order).slice(0, limit);
    return isStar ? { schema: table.schema, rows } : projected({ schema: table.schema, rows }, items);
  };
}

function source(tokens: Tokens): Query {
  if (tokens.skip("(", "SELECT")) {
    const inner = select(tokens);
    tokens.expect(")");
    return inner;
  }
  const name = tokens.table();
  return (database) => database.table(name);
}

/** QUALIFY row_number() OVER ([PARTITION BY keys] ORDER BY checkpoint DESC) = 1 AND NOT deleted */
function qualify(tokens: Tokens): (table: Table) => Table {
  tokens.expect("ROW_NUMBER", "(", ")", "OVER", "(");
  const keys = tokens.skip("PARTITION", "BY") ? tokens.list(() => tokens.name()) : [];
  tokens.expect("ORDER", "BY", "CHECKPOINT", "DESC", ")", "=", "1", "AND", "NOT", "DELETED");
  return (table) => {
    const newest = isNewest(table, keys);
    const deleted = columnAt(table.schema, "deleted");
    return { schema: table.schema, rows: table.rows.filter((row, i) => newest[i] === true && row[deleted] !== true) };
  };
}

export function filtered({ schema, rows }: Table, where: Expression | null, parameters: Parameters): readonly Row[] {
  const holds = where?.(schema);
  return holds === undefined ? rows : rows.filter((row) => holds(row, parameters) === true);
}

interface Ordering {
  readonly name: string;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

function ordering(tokens: Tokens): Ordering {
  const name = tokens.name();
  return { name, descending: tokens.skip("DESC"), nullsFirst: tokens.skip("NULLS", "FIRST") };
}

function ordered(schema: Schema, rows: readonly Row[], order: readonly Ordering[]): readonly Row[] {
  // Tables lie in the order of their row ids.
  const named = order.filter(({ name }) => name !== "rowid");
  if (named.length === 0) return rows;
  const keys = named.map(({ name, descending, nullsFirst }) => ({
    at: columnAt(schema, name),
    sign: descending ? -1 : 1,
    nulls: nullsFirst ? -1 : 1,
  }));
  return [...rows].sort((a, b) => {
    for (const { at, sign, nulls } of keys) {
      const [x, y] = [a[at] ?? null, b[at] ?? null];
      if (x === y) continue;
      if (x === null || y === null) return x === null ? nulls : -nulls;
      return x < y ? -sign : sign;
    }
    return 0;
  });
}

function projected(table: Table, items: readonly Item[]): Table {
  const schema: Schema = { columns: items.map(({ name, type }) => ({ name, type: type(table.schema) })) };
  const columns = items.map(({ values }) => values(table));
  const count = items.every(({ isAggregate }) => isAggregate) ? 1 : table.rows.length;
  return { schema, rows: Array.from({ length: count }, (_, i) => columns.map((column) => column[i] ?? null)) };
}

function item(tokens: Tokens): Item {
  if (tokens.skip("COUNT", "(", "*", ")"))
    return { name: "count", isAggregate: true, type: () => bigint, values: ({ rows }) => [BigInt(rows.length)] };
  if (tokens.skip("MAX", "(")) return maximum(tokens);
  if (tokens.skip("EPOCH_US", "(")) {
    const { name, values } = column(tokens);
    tokens.expect(")");
    return { name, isAggregate: false, type: () => bigint, values };
  }
  if (tokens.skip("ROW_NUMBER", "(", ")", "OVER", "(")) return newestOfKey(tokens);
  const constant = bigintConstant(tokens);
  return constant ?? column(tokens);
}

/** A number::BIGINT AS name */
function bigintConstant(tokens: Tokens): Item | null {
  const number = tokens.peek();
  if (!/^\d+$/.test(number)) return null;
  tokens.expect(number, "::", "BIGINT", "AS");
  const values = ({ rows }: Table): readonly Value[] => rows.map(() => BigInt(number));
  return { name: tokens.name(), isAggregate: false, type: () => bigint, values };
}

function column(tokens: Tokens): Item {
  const name = tokens.name();
  if (!/^[a-z_]/i.test(name)) throw tokens.unsupported();
  const values = ({ schema, rows }: Table): readonly Value[] => {
    const at = columnAt(schema, name);
    return rows.map((row) => row[at] ?? null);
  };
  return { name, isAggregate: false, type: (schema) => typeOfColumn(schema, name), values };
}

function maximum(tokens: Tokens): Item {
  const { name, type, values } = column(tokens);
  tokens.expect(")");
  const largest = (all: readonly Value[]): Value =>
    all.reduce((most, value) => (most === null || (value !== null && value > most) ? value : most), null);
  return { name: `max_${name}`, isAggregate: true, type, values: (table) => [largest(values(table))] };
}

/** row_number() OVER ([PARTITION BY keys] ORDER BY checkpoint DESC) = 1 AS name */
function newestOfKey(tokens: Tokens): Item {
  const keys = tokens.skip("PARTITION", "BY") ? tokens.list(() => tokens.name()) : [];
  tokens.expect("ORDER", "BY", "CHECKPOINT", "DESC", ")", "=", "1", "AS");
  return { name: tokens.name(), isAggregate: false, type: () => boolean, values: (table) => isNewest(table, keys) };
}

/** For each row, whether it is the newest of its key. */
export function isNewest({ schema, rows }: Table, keys: readonly string[]): readonly boolean[] {
  const places = keys.map((name) => columnAt(schema, name));
  const checkpoint = columnAt(schema, "checkpoint");
  const newest = new Map<string, number>();
  rows.forEach((row, i) => {
    const key = keyText(row, places);
    const known = newest.get(key);
    if (known === undefined || (row[checkpoint] as bigint) > ((rows[known] as Row)[checkpoint] as bigint)) newest.set(key, i);
  });
  const chosen = new Set(newest.values());
  return rows.map((_, i) => chosen.has(i));
}

export const keyText = (row: Row, places: readonly number[]): string => places.map((at) => String(row[at])).join("\u0000");
