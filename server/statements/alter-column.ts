import type { CatalogColumn, TableObject } from "../../planner/catalog.ts";
import { lex } from "../../planner/front/lexer.ts";
import type { StatementOf, TableAction } from "../../planner/front/statement.ts";
import { SqlError } from "../../runtime/contract/errors.ts";
import { quoteName } from "../../runtime/contract/quote.ts";
import { formatType, sameType, type SqlType } from "../../runtime/contract/types.ts";

type Definition = StatementOf<"createTable">["table"];
type Action<K extends TableAction["do"]> = Extract<TableAction, { readonly do: K }>;

interface Step {
  readonly table: TableObject;
  readonly ddl: readonly string[];
}

const alter = ({ name }: TableObject): string => `ALTER TABLE public.${quoteName(name)}`;

/** RENAME COLUMN: keys follow; what is written down with the old name does not. */
export function renameColumn(table: TableObject, { column, to, at }: Action<"renameColumn">, definition: Definition): Step {
  columnOf(table, column, at);
  if (table.columns.some(({ name }) => name === to)) {
    throw new SqlError({ sqlState: "42701", message: `column "${to}" of relation "${table.name}" already exists`, at });
  }
  refuseMentioned(table, column, at, "rename", definition);
  const follow = (names: readonly string[]): readonly string[] => names.map((name) => (name === column ? to : name));
  return {
    table: {
      ...table,
      columns: table.columns.map((c) => (c.name === column ? { ...c, name: to } : c)),
      primaryKey: follow(table.primaryKey),
      unique: table.unique.map(follow),
    },
    ddl: [`${alter(table)} RENAME COLUMN ${quoteName(column)} TO ${quoteName(to)}`],
  };
}

/** ALTER COLUMN … TYPE, to a type that holds every value of the old one as it is. */
export function alterType(table: TableObject, { column, type, at }: Action<"alterType">, definition: Definition): Step | null {
  const before = columnOf(table, column, at);
  if (sameType(before.type, type)) return null;
  if (!widens(before.type, type)) {
    throw new SqlError({
      sqlState: "0A000",
      message: `column "${column}" of type ${formatType(before.type)} cannot become ${formatType(type)}`,
      hint: "A type can be widened only. Otherwise add a column, UPDATE it, and drop the old one.",
      at,
    });
  }
  if ([table.primaryKey, ...table.unique].some((key) => key.includes(column))) {
    throw new SqlError({ sqlState: "0A000", message: `column "${column}" is part of a key: its type stays`, at });
  }
  refuseMentioned(table, column, at, "alter", definition);
  return {
    table: { ...table, columns: table.columns.map((c) => (c.name === column ? { ...c, type } : c)) },
    ddl: [`${alter(table)} ALTER COLUMN ${quoteName(column)} TYPE ${formatType(type)}`],
  };
}

function columnOf(table: TableObject, name: string, at: number): CatalogColumn {
  const column = table.columns.find((c) => c.name === name);
  if (column !== undefined) return column;
  throw new SqlError({ sqlState: "42703", message: `column "${name}" of relation "${table.name}" does not exist`, at });
}

/** CHECK constraints and the watermark are kept as they were typed. */
function refuseMentioned(table: TableObject, column: string, at: number, verb: string, { checks, watermark }: Definition): void {
  const texts = [...checks.map(({ text }) => text), ...(watermark === null ? [] : [watermark.column, watermark.expression.text])];
  const mentions = (text: string): boolean =>
    lex(text).some(({ kind, value }) => (kind === "word" || kind === "quoted") && value === column);
  if (!texts.some(mentions)) return;
  const message = `cannot ${verb} column "${column}" of table "${table.name}": a CHECK constraint or the watermark reads it`;
  throw new SqlError({ sqlState: "2BP01", message, at });
}

const whole: Readonly<Record<string, { readonly bits: number; readonly signed: boolean; readonly digits: number }>> = {
  tinyint: { bits: 8, signed: true, digits: 3 },
  smallint: { bits: 16, signed: true, digits: 5 },
  integer: { bits: 32, signed: true, digits: 10 },
  bigint: { bits: 64, signed: true, digits: 19 },
  hugeint: { bits: 128, signed: true, digits: 39 },
  utinyint: { bits: 8, signed: false, digits: 3 },
  usmallint: { bits: 16, signed: false, digits: 5 },
  uinteger: { bits: 32, signed: false, digits: 10 },
  ubigint: { bits: 64, signed: false, digits: 20 },
};

/** Whether each value of the one type is a value of the other. */
export function widens(from: SqlType, to: SqlType): boolean {
  if (to.id === "varchar") return from.id === "json" || from.id === "uuid" || whole[from.id] !== undefined || from.id === "boolean";
  if (to.id === "decimal") {
    if (from.id === "decimal") return to.scale >= from.scale && to.width - to.scale >= from.width - from.scale;
    const digits = whole[from.id]?.digits;
    return digits !== undefined && to.width - to.scale >= digits;
  }
  if (to.id === "double") return from.id === "real" || (whole[from.id]?.bits ?? 64) <= 32;
  const [a, b] = [whole[from.id], whole[to.id]];
  if (a === undefined || b === undefined) return false;
  return a.signed === b.signed ? b.bits > a.bits : b.signed && b.bits > a.bits;
}
