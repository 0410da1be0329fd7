import { SqlError } from "../../runtime/contract/errors.ts";
import { limits } from "../../runtime/contract/limits.ts";
import { readColumnType } from "./column-type.ts";
import type { TokenReader } from "./reader.ts";
import type { ColumnDefinition, SqlText, TableDefinition, WatermarkDefinition } from "./statement.ts";
import { suggest } from "../../runtime/contract/suggest.ts";
import { notSupported, perhaps } from "./syntax-error.ts";
import type { Token } from "./token.ts";

/** What a column list has given so far. */
interface Draft {
  readonly columns: ColumnDefinition[];
  readonly key: { name: string; at: number }[];
  readonly unique: { name: string; at: number }[][];
  readonly checks: SqlText[];
  watermark: WatermarkDefinition | null;
}

/** A column while its constraints are read. */
type ColumnDraft = { -readonly [K in keyof ColumnDefinition]: ColumnDefinition[K] } & { primaryKey: number | null };

export const noColumns: TableDefinition = { columns: [], primaryKey: [], unique: [], checks: [], watermark: null };

/** `(column type …, column AS expr, PRIMARY KEY (…), WATERMARK FOR column AS expr)`. */
export function readTableDefinition(reader: TokenReader): TableDefinition {
  const draft: Draft = { columns: [], key: [], unique: [], checks: [], watermark: null };
  const at = reader.offset;
  reader.list(() => readElement(reader, draft));
  if (draft.columns.length > limits.columns_max) {
    throw new SqlError({ sqlState: "54000", message: `tables can have at most ${limits.columns_max} columns`, at });
  }
  return finish(draft);
}

/** One column, as ALTER TABLE … ADD COLUMN has it. */
export function readTableColumn(reader: TokenReader): TableDefinition {
  const draft: Draft = { columns: [], key: [], unique: [], checks: [], watermark: null };
  readElement(reader, draft);
  return finish(draft);
}

function readElement(reader: TokenReader, draft: Draft): void {
  if (reader.eat("watermark", "for")) return readWatermark(reader, draft);
  if (reader.at("constraint")) {
    reader.next();
    reader.identifier();
    if (!atTableConstraint(reader)) throw reader.error(["PRIMARY"]);
  }
  if (reader.at("primary", "key")) return readPrimaryKey(reader, draft);
  if (reader.at("unique") && reader.atMark("(", 1)) return readUnique(reader, draft);
  if (reader.at("check") && reader.atMark("(", 1)) return readCheck(reader, draft);
  if (atTableConstraint(reader)) throw notSupported(`${reader.peek()?.raw.toUpperCase()} constraint`, reader.offset);
  if (reader.at("like")) throw notSupported("LIKE in a column list", reader.offset);
  const column = readColumn(reader, draft);
  if (draft.columns.some((other) => other.name === column.name)) {
    throw new SqlError({ sqlState: "42701", message: `column "${column.name}" specified more than once`, at: column.at });
  }
  const { primaryKey, ...definition } = column;
  draft.columns.push(definition);
  if (primaryKey !== null) addKey(draft, [{ name: column.name, at: primaryKey }]);
}

function atTableConstraint(reader: TokenReader): boolean {
  return (
    reader.at("primary", "key") || reader.at("foreign", "key") || ((reader.at("unique") || reader.at("check")) && reader.atMark("(", 1))
  );
}

function readWatermark(reader: TokenReader, draft: Draft): void {
  const at = reader.offset;
  if (draft.watermark !== null) throw new SqlError({ sqlState: "42601", message: "a table can have one watermark only", at });
  const column = reader.identifier();
  reader.need("as");
  draft.watermark = { column, at, expression: reader.textUntil(atComma) };
}

function readPrimaryKey(reader: TokenReader, draft: Draft): void {
  const at = reader.offset;
  reader.need("primary", "key");
  const names = reader.list(() => ({ at: reader.offset, name: reader.identifier() }));
  reader.eat("not", "enforced");
  if (draft.key.length > 0) throw twoKeys(at);
  addKey(draft, names);
}

function readUnique(reader: TokenReader, draft: Draft): void {
  reader.need("unique");
  draft.unique.push(reader.list(() => ({ at: reader.offset, name: reader.identifier() })));
}

function readCheck(reader: TokenReader, draft: Draft): void {
  reader.need("check");
  draft.checks.push(reader.textInParentheses());
}

function addKey(draft: Draft, names: readonly { name: string; at: number }[]): void {
  if (draft.key.length > 0) throw twoKeys(names[0]?.at);
  for (const { name, at } of names) {
    if (draft.key.some((other) => other.name === name)) {
      throw new SqlError({ sqlState: "42701", message: `column "${name}" appears twice in primary key constraint`, at });
    }
    draft.key.push({ name, at });
  }
}

const twoKeys = (at: number | undefined): SqlError =>
  new SqlError({ sqlState: "42601", message: "multiple primary keys are not allowed", at });

const atComma = (token: Token): boolean => token.kind === "mark" && token.value === ",";

function readColumn(reader: TokenReader, draft: Draft): ColumnDraft {
  const at = reader.offset;
  const column: ColumnDraft = {
    name: reader.identifier(),
    at,
    type: null,
    notNull: false,
    computed: null,
    metadata: null,
    defaultValue: null,
    primaryKey: null,
  };
  if (reader.eat("as")) return { ...column, computed: reader.textUntil(atComma) };
  if (reader.at("generated")) return { ...column, computed: readGenerated(reader) };
  column.type = readColumnType(reader);
  while (!reader.atEnd && !reader.atMark(",") && !reader.atMark(")")) readConstraint(reader, column, draft);
  return column;
}

const constraintWords = ["NOT", "NULL", "PRIMARY", "DEFAULT", "METADATA", "AS", "GENERATED", "CONSTRAINT", "UNIQUE", "CHECK"];
const unsupportedConstraints = ["references", "collate", "comment", "identity"];

function readConstraint(reader: TokenReader, column: ColumnDraft, draft: Draft): void {
  const at = reader.offset;
  const word = reader.peek()?.raw.toUpperCase();
  if (reader.eat("not", "null")) column.notNull = true;
  else if (reader.eat("null")) column.notNull = false;
  else if (reader.eat("primary", "key")) {
    column.primaryKey = at;
    reader.eat("not", "enforced");
  } else if (reader.eat("default")) column.defaultValue = readDefault(reader);
  else if (reader.eat("metadata")) {
    column.metadata = reader.eat("from") ? reader.string() : column.name;
    reader.eat("virtual");
  } else if (reader.eat("constraint")) reader.identifier();
  else if (reader.eat("unique")) draft.unique.push([{ name: column.name, at }]);
  else if (reader.at("check")) readCheck(reader, draft);
  else if (reader.at("as") || reader.at("generated")) {
    throw notSupported("a computed column with a type", at, `Write ${column.name} AS CAST(expression AS type).`);
  } else if (unsupportedConstraints.some((name) => reader.at(name))) throw notSupported(`${word} on a column`, at);
  else throw reader.error(constraintWords);
}

/** `GENERATED ALWAYS AS (expr) [STORED | VIRTUAL]`. */
function readGenerated(reader: TokenReader): SqlText {
  reader.need("generated", "always", "as");
  const expression = reader.textInParentheses();
  if (!reader.eat("stored")) reader.eat("virtual");
  return expression;
}

const endOfDefault = new Set(["not", "null", "primary", "unique", "check", "references", "constraint", "metadata", "collate", "generated"]);

function readDefault(reader: TokenReader): SqlText {
  const from = reader.offset;
  return reader.textUntil((token) => atComma(token) || (token.start > from && token.kind === "word" && endOfDefault.has(token.value)));
}

function finish(draft: Draft): TableDefinition {
  const names = draft.columns.map((column) => column.name);
  const refuse = (name: string, message: string, at: number): void => {
    if (!names.includes(name)) throw new SqlError({ sqlState: "42703", message, hint: perhaps(suggest(name, names)), at });
  };
  for (const { name, at } of [...draft.key, ...draft.unique.flat()]) refuse(name, `column "${name}" named in key does not exist`, at);
  // A connector may bring the columns: then the binder knows them.
  if (draft.watermark !== null && draft.columns.length > 0)
    refuse(draft.watermark.column, `column "${draft.watermark.column}" does not exist`, draft.watermark.at);
  const primaryKey = draft.key.map((key) => key.name);
  const columns = draft.columns.map((column) => (primaryKey.includes(column.name) ? { ...column, notNull: true } : column));
  const unique = draft.unique.map((names) => names.map(({ name }) => name));
  return { columns, primaryKey, unique, checks: draft.checks, watermark: draft.watermark };
}
