import type { TokenReader } from "../reader.ts";
import type { ShowTarget } from "../statement.ts";
import type { StatementBody } from "./form.ts";
import { readVariable } from "./settings.ts";

const targets: Readonly<Record<string, ShowTarget>> = {
  jobs: "jobs",
  "streaming jobs": "jobs",
  sources: "sources",
  tables: "tables",
  sinks: "sinks",
  views: "views",
  "materialized views": "materializedViews",
  taskmanagers: "taskmanagers",
  savepoints: "savepoints",
  functions: "functions",
  "function types": "functionTypes",
};

const objects = ["TABLE", "SOURCE", "SINK", "VIEW", "MATERIALIZED", "STREAMING", "FUNCTION"];

/** `SHOW JOBS`, `SHOW STATE FOR j`, `SHOW CREATE kind x`, `SHOW ALL`, `SHOW variable`. */
export function show(reader: TokenReader): StatementBody {
  if (reader.eat("create")) return showCreate(reader);
  if (reader.eat("state", "for")) {
    if (reader.at("streaming", "job") && reader.peek(2) !== undefined) reader.need("streaming", "job");
    return { kind: "showState", job: reader.name() };
  }
  for (const [words, what] of Object.entries(targets)) if (reader.eat(...words.split(" "))) return { kind: "show", what };
  if (reader.at("materialized") || reader.at("streaming")) {
    reader.next();
    throw reader.error(["VIEWS", "JOBS"]);
  }
  return { kind: "showVariable", variable: readVariable(reader) };
}

/** The kind before the name may be left out: names are unique over all kinds. */
function showCreate(reader: TokenReader): StatementBody {
  if (reader.at("function") && reader.peek(1) !== undefined) {
    reader.next();
    return { kind: "showCreate", of: "function", name: reader.name() };
  }
  if (reader.at("materialized") && reader.peek(1) !== undefined) {
    reader.next();
    reader.need("view");
  } else if (reader.at("streaming") && reader.peek(1) !== undefined) {
    reader.next();
    reader.need("job");
  } else if (reader.peek(1) !== undefined && !reader.atMark(".", 1)) {
    if (!objects.some((word) => reader.eat(word.toLowerCase()))) throw reader.error(objects);
  }
  return { kind: "showCreate", of: "relation", name: reader.name() };
}

/** `DESCRIBE [TABLE] x`, `DESC x`. */
export function describe(reader: TokenReader): StatementBody {
  if (reader.at("table") && reader.peek(1) !== undefined) reader.next();
  return { kind: "describe", name: reader.name() };
}
