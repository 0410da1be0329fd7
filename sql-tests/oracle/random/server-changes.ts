import { formatType } from "../../../runtime/contract/types.ts";
import type { Random } from "./random.ts";
import { cellSql, type RandomTable, tables } from "./tables.ts";

/** Statements of one transaction; a COPY has its lines beside it. */
export interface Statement {
  readonly sql: string;
  readonly copy: readonly string[] | null;
}

const names = ["t", "u", "v", "e", "g"] as const;

/** Tables of the server, with the columns of the random tables; those with event time take inserts only. */
export const serverTables: readonly RandomTable[] = tables.filter(({ name }) => names.some((own) => own === name));

export const serverDdl = (): readonly string[] =>
  serverTables.map(({ name, columns, primaryKey, eventTime }) => {
    const key = primaryKey === null ? [] : [`PRIMARY KEY (${primaryKey})`];
    const watermark = eventTime === null ? [] : [`WATERMARK FOR ${eventTime.column} AS ${eventTime.column} - ${eventTime.delay}`];
    return `CREATE TABLE ${name} (${[...columns.map((column) => `${column.name} ${formatType(column.type)}`), ...key, ...watermark].join(", ")})`;
  });

/** Makes random changes of tables as a user writes them: what they find is up to the server. */
export class Changes {
  readonly #random: Random;
  #rows = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  statement(): Statement {
    const random = this.#random;
    const table = random.of(serverTables);
    const plain = (sql: string): Statement => ({ sql, copy: null });
    if (table.eventTime !== null) return random.oneIn(3) ? this.#copy(table) : plain(this.#insert(table));
    return random.weighted<() => Statement>([
      [4, () => plain(this.#insert(table))],
      [1, () => this.#copy(table)],
      [1, () => plain(this.#insertSelect())],
      [1, () => plain(this.#upsert())],
      [3, () => plain(this.#update(table))],
      [2, () => plain(`DELETE FROM ${table.name} WHERE ${this.#condition(table)}`)],
    ])();
  }

  /** All rows of one of the tables, now and then. */
  truncate(): Statement {
    return { sql: `TRUNCATE ${this.#random.of(["t", "u", "v"])}`, copy: null };
  }

  #row(table: RandomTable): readonly string[] {
    const n = this.#rows++;
    return table.columns.map(({ type, cell }) => cellSql(type, cell(this.#random, n)));
  }

  #insert(table: RandomTable): string {
    const rows = Array.from({ length: this.#random.between(1, 12) }, () => `(${this.#row(table).join(", ")})`);
    return `INSERT INTO ${table.name} VALUES ${rows.join(", ")}`;
  }

  /** In Postgres' text format, which needs no quotes. */
  #copy(table: RandomTable): Statement {
    const text = (value: string): string => (value === "NULL" ? "\\N" : value.replaceAll(/^'|'$/g, "").replaceAll("''", "'"));
    const copy = Array.from({ length: this.#random.between(1, 20) }, () => `${this.#row(table).map(text).join("\t")}\n`);
    return { sql: `COPY ${table.name} FROM STDIN`, copy };
  }

  #insertSelect(): string {
    return this.#random.of([
      `INSERT INTO v SELECT k, a, s FROM u WHERE a > ${this.#random.between(-1, 6)}`,
      "INSERT INTO v SELECT k, count(*), min(s) FROM t GROUP BY k",
      `INSERT INTO u (id, k, a, s) SELECT id + ${10_000 * ++this.#rows}, k, a, s FROM u WHERE k = 1`,
    ]);
  }

  #upsert(): string {
    const id = this.#random.below(Math.max(1, this.#rows));
    const rows = [id, id + 1].map((n) => `(${n}, ${this.#random.below(4)}, ${this.#random.between(-3, 9)})`).join(", ");
    return `INSERT INTO u (id, k, a) VALUES ${rows} ON CONFLICT (id) DO UPDATE SET a = excluded.a, k = u.k`;
  }

  #update(table: RandomTable): string {
    const random = this.#random;
    const columns = random.shuffled(table.columns.filter(({ name }) => name !== "id")).slice(0, random.between(1, 3));
    const sets = columns.map(({ name, type, cell }) => `${name} = ${cellSql(type, cell(random, random.below(20)))}`);
    return `UPDATE ${table.name} SET ${sets.join(", ")} WHERE ${this.#condition(table)}`;
  }

  #condition(table: RandomTable): string {
    const random = this.#random;
    const some = [`k = ${random.below(4)}`, `a > ${random.between(0, 8)}`, "s IS NULL", `s = 'b' OR k IS NULL`];
    return random.of(table.primaryKey === null ? some : [...some, `id % ${random.between(2, 5)} = 0`]);
  }
}
