import type { Value } from "../../../runtime/contract/value.ts";
import { parseType } from "../../../runtime/contract/parse-type.ts";
import { type Schema, varchar } from "../../../runtime/contract/types.ts";
import { coerced, columnAt, type Database, type Row, type Table } from "./database.ts";
import { condition, type Expression, type Numbering, operand, type Parameters } from "./expressions.ts";
import { keyedRead } from "./keyed-read.ts";
import { resultChange } from "./result-changes.ts";
import { filtered, isNewest, select } from "./select.ts";
import { Tokens } from "./tokens.ts";

/** Does it to the database; the answer is the rows of a SELECT, else no rows. */
export type Statement = (database: Database, parameters: Parameters) => Table;

const nothing: Table = { schema: { columns: [] }, rows: [] };
const known = new Map<string, Statement>();

/** Of the SQL that the control plane sends, what is frequent. Throws Unsupported for all else. */
export function statementOf(sql: string): Statement {
  let statement = known.get(sql);
  if (statement === undefined) {
    statement = compile(sql);
    known.set(sql, statement);
  }
  return statement;
}

function compile(sql: string): Statement {
  if (sql === tablesBySuffix) return listTables;
  const special = resultChange(sql);
  if (special !== null) return doing(special);
  const read = keyedRead(sql);
  if (read !== null) return read;
  const tokens = new Tokens(sql);
  if (tokens.skip("SELECT")) return whole(select(tokens), tokens);
  if (tokens.skip("INSERT", "INTO")) return doing(insert(tokens));
  if (tokens.skip("DELETE", "FROM")) return doing(remove(tokens));
  if (tokens.skip("UPDATE")) return doing(update(tokens));
  if (tokens.skip("CREATE", "SCHEMA")) return () => nothing;
  if (tokens.skip("CREATE", "TABLE")) return doing(createTable(tokens, false));
  if (tokens.skip("CREATE", "OR", "REPLACE", "TEMP", "TABLE", "MILLRACE_VALID", "AS")) return doing(gatherValid(tokens));
  if (tokens.skip("CREATE", "OR", "REPLACE", "TABLE")) return doing(createTable(tokens, true));
  if (tokens.skip("ALTER", "TABLE")) return doing(alterTable(tokens));
  if (tokens.skip("DROP", "TABLE")) return doing(dropTable(tokens));
  throw tokens.unsupported();
}

function whole(statement: Statement, tokens: Tokens): Statement {
  tokens.end();
  return statement;
}

const tablesBySuffix = "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'millrace_state' AND suffix(table_name, ?)";

const listTables: Statement = (database, [suffix]) => {
  const names = database.names("millrace_state").filter((name) => name.endsWith(String(suffix)));
  return { schema: { columns: [{ name: "table_name", type: varchar }] }, rows: names.map((name) => [name]) };
};

type Effect = (database: Database, parameters: Parameters) => void;

const doing =
  (effect: Effect): Statement =>
  (database, parameters) => {
    effect(database, parameters);
    return nothing;
  };

function insert(tokens: Tokens): Effect {
  const into = tokens.table();
  if (tokens.skip("SELECT", "*", "FROM", "TEMP", ".")) {
    const from = `temp.${tokens.name()}`;
    tokens.end();
    return (database) => database.append(into, database.table(from).rows);
  }
  if (tokens.skip("SELECT")) return insertFrom(into, whole(select(tokens), tokens));
  const columns = tokens.skip("(") ? namesUpTo(tokens) : null;
  tokens.expect("VALUES");
  const numbering: Numbering = { next: 0 };
  const rows = tokens.list(() => {
    tokens.expect("(");
    const values = tokens.list(() => operand(tokens, numbering));
    tokens.expect(")");
    return values;
  });
  tokens.end();
  return (database, parameters) => {
    const { schema } = database.table(into);
    const places = columns?.map((name) => columnAt(schema, name)) ?? schema.columns.map((_, c) => c);
    const made = rows.map((values): Row => {
      const row: Value[] = schema.columns.map(() => null);
      values.forEach((value, i) => {
        const at = places[i] as number;
        row[at] = valueIn(schema, at, value, parameters);
      });
      return row;
    });
    database.append(into, made);
  };
}

const insertFrom =
  (into: string, query: Statement): Effect =>
  (database, parameters) =>
    database.append(into, query(database, parameters).rows);

function namesUpTo(tokens: Tokens): readonly string[] {
  const names = tokens.list(() => tokens.name());
  tokens.expect(")");
  return names;
}

const valueIn = (schema: Schema, column: number, value: Expression, parameters: Parameters): Row[number] =>
  coerced(value(schema)([], parameters), (schema.columns[column] as Schema["columns"][number]).type);

function remove(tokens: Tokens): Effect {
  const from = tokens.table();
  const where = tokens.skip("WHERE") ? condition(tokens, { next: 0 }) : null;
  tokens.end();
  return (database, parameters) => {
    const table = database.table(from);
    const gone = new Set(filtered(table, where, parameters));
    if (gone.size > 0)
      database.set(
        from,
        table.rows.filter((row) => !gone.has(row)),
      );
  };
}

function update(tokens: Tokens): Effect {
  const name = tokens.table();
  tokens.expect("SET");
  const numbering: Numbering = { next: 0 };
  const changes = tokens.list(() => {
    const column = tokens.name();
    tokens.expect("=");
    return { column, value: operand(tokens, numbering) };
  });
  const where = tokens.skip("WHERE") ? condition(tokens, numbering) : null;
  tokens.end();
  return (database, parameters) => {
    const table = database.table(name);
    const hit = new Set(filtered(table, where, parameters));
    const places = changes.map(({ column, value }) => ({ at: columnAt(table.schema, column), value }));
    const changed = (row: Row): Row =>
      row.map((old, c) => {
        const change = places.find(({ at }) => at === c);
        return change === undefined ? old : valueIn(table.schema, c, change.value, parameters);
      });
    database.set(
      name,
      table.rows.map((row) => (hit.has(row) ? changed(row) : row)),
    );
  };
}

function createTable(tokens: Tokens, replaces: boolean): Effect {
  const ifNotExists = tokens.skip("IF", "NOT", "EXISTS");
  const name = tokens.table();
  if (tokens.skip("AS", "SELECT")) return createAs(name, whole(select(tokens), tokens));
  tokens.expect("(");
  const columns = tokens.list(() => {
    const column = tokens.name();
    const type = parseType(tokens.next());
    if (type === null || tokens.skip("(") || tokens.skip("DEFAULT")) throw tokens.unsupported();
    tokens.skip("NOT", "NULL");
    return { name: column, type };
  });
  tokens.expect(")");
  tokens.end();
  return (database) => {
    if (replaces) database.drop(name);
    if (!ifNotExists || !database.has(name)) database.create(name, { columns });
  };
}

function createAs(name: string, query: Statement): Effect {
  return (database, parameters) => {
    const { schema, rows } = query(database, parameters);
    database.drop(name);
    database.create(name, schema);
    database.append(name, rows);
  };
}

function alterTable(tokens: Tokens): Effect {
  const name = tokens.table();
  return tokens.skip("RENAME", "TO") ? rename(tokens, name) : addColumn(tokens, name);
}

function rename(tokens: Tokens, name: string): Effect {
  const to = `${name.slice(0, name.indexOf("."))}.${tokens.name()}`;
  tokens.end();
  return (database) => {
    const { schema, rows } = database.table(name);
    database.drop(name);
    database.create(to, schema);
    database.append(to, rows);
  };
}

function addColumn(tokens: Tokens, name: string): Effect {
  tokens.expect("ADD", "COLUMN", "IF", "NOT", "EXISTS");
  const column = tokens.name();
  const type = parseType(tokens.next());
  tokens.end();
  if (type === null) throw tokens.unsupported();
  return (database) => {
    const { schema, rows } = database.table(name);
    if (schema.columns.some((known) => known.name === column)) return;
    database.drop(name);
    database.create(name, { columns: [...schema.columns, { name: column, type }] });
    database.append(
      name,
      rows.map((row) => [...row, null]),
    );
  };
}

function dropTable(tokens: Tokens): Effect {
  tokens.skip("IF", "EXISTS");
  const name = tokens.table();
  tokens.end();
  return (database) => database.drop(name);
}

/** The valid rows of a state log, for its compaction: SELECT * REPLACE (?::BIGINT AS checkpoint) FROM … WHERE … QUALIFY … AND NOT deleted */
function gatherValid(tokens: Tokens): Effect {
  tokens.expect("SELECT", "*", "REPLACE", "(", "?", "::", "BIGINT", "AS", "CHECKPOINT", ")", "FROM");
  const from = tokens.table();
  tokens.expect("WHERE");
  const where = condition(tokens, { next: 1 });
  tokens.expect("QUALIFY", "ROW_NUMBER", "(", ")", "OVER", "(");
  const keys = tokens.skip("PARTITION", "BY") ? tokens.list(() => tokens.name()) : [];
  tokens.expect("ORDER", "BY", "CHECKPOINT", "DESC", ")", "=", "1", "AND", "NOT", "DELETED");
  tokens.end();
  return (database, parameters) => {
    const { schema, rows } = database.table(from);
    const within = filtered({ schema, rows }, where, parameters);
    const newest = isNewest({ schema, rows: within }, keys);
    const deleted = columnAt(schema, "deleted");
    const checkpoint = columnAt(schema, "checkpoint");
    const base = BigInt(parameters[0] as number | bigint);
    database.drop("temp.millrace_valid");
    database.create("temp.millrace_valid", schema);
    const valid = within.filter((row, i) => newest[i] === true && row[deleted] !== true);
    database.append(
      "temp.millrace_valid",
      valid.map((row) => row.map((value, c) => (c === checkpoint ? base : value))),
    );
  };
}
