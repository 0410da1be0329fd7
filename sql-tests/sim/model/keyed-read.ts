import { bigint, boolean, type Schema } from "../../../runtime/contract/types.ts";
import { columnAt, type Database, type Table } from "./database.ts";
import { typeOfColumn, type Parameters } from "./expressions.ts";
import { isNewest } from "./select.ts";
import { Tokens } from "./tokens.ts";

const form =
  /^SELECT (.+), log\.checkpoint,\s+later\.last IS NULL OR later\.last = log\.checkpoint AS newest_of_key\s+FROM (.+?) log LEFT JOIN \(\s+SELECT .+?> \(SELECT min\(checkpoint\) FROM .+?\) (?:GROUP BY (.+?))?\) later ON .+ WHERE log\.checkpoint <= \$1$/s;

/** How a restore reads a keyed log (runtime/checkpoint/read-state.ts): its rows up to a checkpoint, each told whether it is its key's newest; else null. */
export function keyedRead(sql: string): ((database: Database, parameters: Parameters) => Table) | null {
  const match = form.exec(sql);
  if (match === null) return null;
  const [, columns = "", from = "", group] = match;
  const names = namesOf(columns.replaceAll('log."', '"'));
  const keys = group === undefined ? [] : namesOf(group);
  const table = new Tokens(from).table();
  return (database, parameters) => {
    const { schema, rows } = database.table(table);
    const checkpoint = columnAt(schema, "checkpoint");
    const last = BigInt(parameters[0] as number | bigint);
    const within = rows.filter((row) => (row[checkpoint] as bigint) <= last);
    const newest = isNewest({ schema, rows: within }, keys);
    const places = [...names.map((name) => columnAt(schema, name)), checkpoint];
    const read: Schema = {
      columns: [
        ...names.map((name) => ({ name, type: typeOfColumn(schema, name) })),
        { name: "checkpoint", type: bigint },
        { name: "newest_of_key", type: boolean },
      ],
    };
    return { schema: read, rows: within.map((row, i) => [...places.map((at) => row[at] ?? null), newest[i] ?? false]) };
  };
}

function namesOf(list: string): readonly string[] {
  const tokens = new Tokens(list);
  return tokens.list(() => tokens.name());
}
