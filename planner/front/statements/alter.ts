import type { TokenReader } from "../reader.ts";
import type { Name, RelationKind, TableAction } from "../statement.ts";
import { notSupported } from "../syntax-error.ts";
import { readColumnType } from "../column-type.ts";
import { readTableColumn } from "../table-definition.ts";
import type { StatementBody } from "./form.ts";

/** `RENAME TO x`. */
export function readRename(reader: TokenReader, object: RelationKind, name: Name): StatementBody {
  reader.need("rename");
  reader.need("to");
  return { kind: "rename", object, name, to: reader.name() };
}

/** `ALTER SOURCE | SINK | VIEW name RENAME TO x`; `instead` says what to do for other changes. */
export const alterByRename =
  (object: RelationKind, instead?: string) =>
  (reader: TokenReader): StatementBody => {
    const at = reader.offset;
    const name = reader.name();
    if (!reader.at("rename")) throw notSupported(`this change of a ${object}`, at, instead);
    return readRename(reader, object, name);
  };

/** `ALTER TABLE t { RENAME TO x | ADD [COLUMN] … | DROP [COLUMN] … }, …`. */
export function alterTable(reader: TokenReader): StatementBody {
  const name = reader.name();
  if (reader.at("rename")) return reader.at("rename", "to") ? readRename(reader, "table", name) : readRenameColumn(reader, name);
  const actions = [readTableAction(reader)];
  while (reader.eatMark(",")) actions.push(readTableAction(reader));
  return { kind: "alterTable", name, actions };
}

/** `RENAME [COLUMN] a TO b`. */
function readRenameColumn(reader: TokenReader, name: Name): StatementBody {
  reader.need("rename");
  reader.eat("column");
  const at = reader.offset;
  const column = reader.identifier();
  reader.need("to");
  return { kind: "alterTable", name, actions: [{ do: "renameColumn", column, to: reader.identifier(), at }] };
}

/** `ALTER [COLUMN] c [SET DATA] TYPE t`. */
function readAlterColumn(reader: TokenReader, start: number): TableAction {
  reader.eat("column");
  const at = reader.offset;
  const column = reader.identifier();
  reader.eat("set", "data");
  if (!reader.eat("type")) throw notSupported("this change of a column", start, "Its name and type can be changed.");
  const type = readColumnType(reader);
  if (reader.at("using")) throw notSupported("USING in ALTER COLUMN … TYPE", reader.offset);
  return { do: "alterType", column, type, at };
}

function readTableAction(reader: TokenReader): TableAction {
  const start = reader.offset;
  if (reader.eat("add")) {
    if (["constraint", "primary", "unique", "check", "foreign"].some((word) => reader.at(word)))
      throw notSupported("ADD CONSTRAINT", start);
    reader.eat("column");
    const ifNotExists = reader.eat("if", "not", "exists");
    return { do: "addColumn", at: reader.offset, ifNotExists, table: readTableColumn(reader) };
  }
  if (reader.eat("drop")) {
    if (reader.at("constraint")) throw notSupported("DROP CONSTRAINT", start);
    reader.eat("column");
    const ifExists = reader.eat("if", "exists");
    const at = reader.offset;
    const column = reader.identifier();
    if (!reader.eat("cascade")) reader.eat("restrict");
    return { do: "dropColumn", column, at, ifExists };
  }
  if (reader.eat("alter")) return readAlterColumn(reader, start);
  throw reader.error(["ADD", "DROP", "RENAME"]);
}
