import { SqlError } from "../../../runtime/contract/errors.ts";
import type { Schema } from "../../../runtime/contract/types.ts";
import type { Value } from "../../../runtime/contract/value.ts";

export type Row = readonly Value[];

/** A table as it is at one moment. Whoever changes it makes another. */
export interface Table {
  readonly schema: Schema;
  readonly rows: readonly Row[];
}

/** Tables by "schema.name". A transaction changes a copy, which costs as much as there are tables. */
export class Database {
  readonly #tables: Map<string, Table>;

  constructor(tables: ReadonlyMap<string, Table> = new Map()) {
    this.#tables = new Map(tables);
  }

  copy(): Database {
    return new Database(this.#tables);
  }

  has(name: string): boolean {
    return this.#tables.has(name);
  }

  /** Own names of a schema's tables. */
  names(schema: string): readonly string[] {
    return [...this.#tables.keys()].filter((name) => name.startsWith(`${schema}.`)).map((name) => name.slice(schema.length + 1));
  }

  table(name: string): Table {
    const table = this.#tables.get(name);
    if (table === undefined)
      throw new SqlError({ sqlState: "42P01", message: `table with name ${name.slice(name.indexOf(".") + 1)} does not exist` });
    return table;
  }

  create(name: string, schema: Schema): void {
    if (this.#tables.has(name)) throw new SqlError({ sqlState: "42P07", message: `relation "${name}" already exists` });
    this.#tables.set(name, { schema, rows: [] });
  }

  drop(name: string): void {
    this.#tables.delete(name);
  }

  set(name: string, rows: readonly Row[]): void {
    this.#tables.set(name, { schema: this.table(name).schema, rows });
  }

  append(name: string, rows: readonly Row[]): void {
    const { rows: before } = this.table(name);
    this.set(name, before.concat(rows));
  }
}

export function columnAt({ columns }: Schema, name: string): number {
  const at = columns.findIndex((column) => column.name === name);
  if (at < 0) throw new SqlError({ sqlState: "42703", message: `column "${name}" does not exist` });
  return at;
}

/** As a column of the type holds it. */
export function coerced(value: Value, type: Schema["columns"][number]["type"]): Value {
  if (value === null) return null;
  switch (type.id) {
    case "bigint":
    case "hugeint":
    case "timestamp":
    case "timestamptz":
      return BigInt(value as number | bigint);
    case "integer":
    case "smallint":
      return Number(value);
    default:
      return value;
  }
}
