import type { TableObject } from "../../planner/catalog.ts";
import type { CopyFormat } from "../../planner/front/statement.ts";
import { SqlError } from "../../runtime/contract/errors.ts";
import { batchOf } from "../../runtime/contract/rows.ts";
import { formatType, type Schema, varchar } from "../../runtime/contract/types.ts";
import type { Value } from "../../runtime/contract/value.ts";
import { parseValue } from "../pgwire/parse-value.ts";
import { quoteName } from "../../runtime/contract/quote.ts";
import type { Session } from "../session/execution.ts";
import { copyLines, type CopyLines } from "./copy-lines.ts";

const batch_rows = 4_096;
const copiedName = " mr copied";
/** What was read of the data: the columns given. */
export const copiedRows = `temp.${quoteName(copiedName)}`;

export interface CopyTarget {
  readonly table: TableObject;
  /** In the order of the data. */
  readonly columns: readonly string[];
  readonly format: CopyFormat;
}

/**
 * Data of COPY on its way into a temporary table of the session: nothing is locked while a client sends. Values are read as those
 * of parameters are; types without such a form go in as text, which the store casts.
 */
export class CopyIn {
  readonly #session: Session;
  readonly #target: CopyTarget;
  readonly #schema: Schema;
  readonly #lines: CopyLines;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });
  #rows: Value[][] = [];
  #header: CopyFormat["header"];
  #count = 0;

  private constructor(session: Session, target: CopyTarget) {
    this.#session = session;
    this.#target = target;
    this.#header = target.format.header;
    this.#schema = { columns: target.columns.map((name) => ({ name, type: readType(target.table, name) })) };
    this.#lines = copyLines(target.format, (fields, line) => this.#row(fields, line));
  }

  static async start(session: Session, target: CopyTarget): Promise<CopyIn> {
    const copy = new CopyIn(session, target);
    const columns = copy.#schema.columns.map(({ name, type }) => `${quoteName(name)} ${formatType(type)}`);
    await session.connection.run(`CREATE OR REPLACE TEMP TABLE ${quoteName(copiedName)} (${columns.join(", ")})`);
    return copy;
  }

  get rows(): number {
    return this.#count;
  }

  async receive(bytes: Uint8Array): Promise<void> {
    this.#lines.push(this.#decode(bytes, true));
    if (this.#rows.length >= batch_rows) await this.#flush();
  }

  /** All data has come: afterwards it is in the temporary table. */
  async end(): Promise<void> {
    this.#lines.push(this.#decode(new Uint8Array(), false));
    this.#lines.end();
    await this.#flush();
  }

  #decode(bytes: Uint8Array, stream: boolean): string {
    try {
      return this.#decoder.decode(bytes, { stream });
    } catch (cause) {
      throw new SqlError({ sqlState: "22021", message: 'invalid byte sequence for encoding "UTF8"', cause });
    }
  }

  async #flush(): Promise<void> {
    if (this.#rows.length === 0) return;
    const batch = batchOf(this.#schema, this.#rows);
    this.#rows = [];
    await this.#session.connection.appendTemporary(copiedName, [batch]);
  }

  #row(fields: readonly (string | null)[], line: number): void {
    if (this.#header !== "none") return this.#skipHeader(fields);
    const { columns } = this.#schema;
    if (fields.length > columns.length) throw badData("extra data after last expected column", this.#where(line));
    if (fields.length < columns.length) throw badData(`missing data for column "${columns[fields.length]?.name}"`, this.#where(line));
    this.#rows.push(fields.map((text, c) => this.#value(text, c, line)));
    this.#count++;
  }

  #skipHeader(fields: readonly (string | null)[]): void {
    const matches = fields.length === this.#target.columns.length && fields.every((name, i) => name === this.#target.columns[i]);
    if (this.#header === "match" && !matches) throw badData("the header does not match the columns", this.#where(1));
    this.#header = "none";
  }

  #value(text: string | null, c: number, line: number): Value {
    if (text === null) return null;
    const { type, name } = this.#schema.columns[c] as Schema["columns"][number];
    try {
      return parseValue(type, text);
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      const { sqlState, message, cause } = error;
      throw new SqlError({ sqlState, message, detail: `${this.#where(line)}, column ${name}: "${text.slice(0, 100)}"`, cause });
    }
  }

  #where(line: number): string {
    return `COPY ${this.#target.table.name}, line ${line}`;
  }
}

const badData = (message: string, detail: string): SqlError => new SqlError({ sqlState: "22P04", message, detail });

/** Types whose text form parameters do not have, and decimals, whose scale is the column's. */
const asText: ReadonlySet<string> = new Set(["decimal", "struct", "map"]);

function readType({ columns }: TableObject, name: string): Schema["columns"][number]["type"] {
  const type = columns.find((column) => column.name === name)?.type ?? varchar;
  return asText.has(type.id) ? varchar : type;
}
