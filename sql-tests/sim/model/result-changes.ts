import { bigint } from "../../../runtime/contract/types.ts";
import { columnAt, type Database, type Row } from "./database.ts";
import type { Parameters } from "./expressions.ts";
import { keyText } from "./select.ts";

type Effect = (database: Database, parameters: Parameters) => void;

const name = '"((?:[^"]|"")*)"';
const gather = new RegExp(
  "^CREATE OR REPLACE TEMP TABLE millrace_changes AS SELECT c.net, c.last, t.rowid AS old FROM \\(SELECT (.*), sum\\(weight\\) AS net, " +
    `max\\(position\\) FILTER \\(weight > 0\\) AS last FROM \\(SELECT \\* FROM millrace_state.${name} WHERE checkpoint = \\?\\) ` +
    `GROUP BY .*\\) c LEFT JOIN public.${name} t ON `,
);
const take = new RegExp(`^DELETE FROM public.${name} WHERE rowid IN \\(SELECT old FROM temp.millrace_changes\\)$`);
const put = new RegExp(
  `^INSERT INTO public.${name} SELECT (.*) FROM \\(SELECT \\* FROM millrace_state.${name} WHERE checkpoint = \\?\\) s ` +
    "JOIN temp.millrace_changes c ON s.position = c.last WHERE c.net \\+ CASE WHEN c.old IS NULL THEN 0 ELSE 1 END > 0$",
);

const changes = "temp.millrace_changes";

/** How a checkpoint's changes come into a result table with a key (runtime/checkpoint/result-changes.ts), statement by statement. */
export function resultChange(sql: string): Effect | null {
  const text = sql.replaceAll(/\s+/g, " ").trim();
  const gathering = gather.exec(text);
  if (gathering !== null) return gatherChanges(namesIn(gathering[1] as string), gathering[2] as string, gathering[3] as string);
  const taking = take.exec(text);
  if (taking !== null) return takeOld(taking[1] as string);
  const putting = put.exec(text);
  if (putting !== null) return putNew(putting[1] as string, namesIn(putting[2] as string), putting[3] as string);
  return null;
}

const namesIn = (list: string): readonly string[] => list.split(", ").map((item) => item.replace(/^s\./, "").replaceAll('"', ""));

/** Net weight, last position and the row that is there now, for each key. The old row is held by its place. */
function gatherChanges(keys: readonly string[], log: string, result: string): Effect {
  return (database, parameters) => {
    const { schema, rows } = ofCheckpoint(database, log, parameters);
    const [weight, position] = [columnAt(schema, "weight"), columnAt(schema, "position")];
    const places = keys.map((key) => columnAt(schema, key));
    const table = database.table(`public.${result}`);
    const oldPlaces = keys.map((key) => columnAt(table.schema, key));
    const old = new Map(table.rows.map((row, i) => [keyText(row, oldPlaces), BigInt(i)]));
    const sums = new Map<string, { net: bigint; last: bigint | null }>();
    for (const row of rows) {
      const key = keyText(row, places);
      const sum = sums.get(key) ?? { net: 0n, last: null };
      sums.set(key, sum);
      sum.net += BigInt(row[weight] as number);
      const at = row[position] as bigint;
      if ((row[weight] as number) > 0 && (sum.last === null || at > sum.last)) sum.last = at;
    }
    database.drop(changes);
    database.create(changes, { columns: ["net", "last", "old"].map((column) => ({ name: column, type: bigint })) });
    database.append(
      changes,
      [...sums].map(([key, { net, last }]) => [net, last, old.get(key) ?? null]),
    );
  };
}

function takeOld(result: string): Effect {
  return (database) => {
    const gone = new Set(database.table(changes).rows.map(([, , old]) => old));
    const { rows } = database.table(`public.${result}`);
    database.set(
      `public.${result}`,
      rows.filter((_, i) => !gone.has(BigInt(i))),
    );
  };
}

function putNew(result: string, columns: readonly string[], log: string): Effect {
  return (database, parameters) => {
    const { schema, rows } = ofCheckpoint(database, log, parameters);
    const position = columnAt(schema, "position");
    const places = columns.map((column) => columnAt(schema, column));
    const wanted = new Set(
      database.table(changes).rows.flatMap(([net, last, old]) => ((net as bigint) + (old === null ? 0n : 1n) > 0n ? [last] : [])),
    );
    const made = rows.filter((row) => wanted.has(row[position] ?? null)).map((row): Row => places.map((at) => row[at] ?? null));
    database.append(`public.${result}`, made);
  };
}

function ofCheckpoint(database: Database, log: string, parameters: Parameters): ReturnType<Database["table"]> {
  const table = database.table(`millrace_state.${log}`);
  const checkpoint = columnAt(table.schema, "checkpoint");
  const wanted = BigInt(parameters[0] as number | bigint);
  return { schema: table.schema, rows: table.rows.filter((row) => row[checkpoint] === wanted) };
}
