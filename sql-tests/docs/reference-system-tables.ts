import { createSystemTables } from "../../runtime/checkpoint/system-tables.ts";
import type { Store, StoreTransaction } from "../../runtime/contract/store.ts";
import { formatType } from "../../runtime/contract/types.ts";
import { CatalogStore } from "../../server/catalog/catalog-store.ts";
import { systemTables } from "../../server/serving/system-tables.ts";
import { code, page, table } from "./markdown.ts";

const storedDocs: Readonly<Record<string, string>> = {
  catalog: "Definitions as they were typed, in order of creation; `overrides` are options that ALTER … SET changed.",
  job_runs: "What a restart of the server goes by: the state, attempt and number of key groups of each job.",
  checkpoints: "One row per checkpoint, kept for as long as the job retains it, and failed ones with the reason.",
  checkpoint_deltas: "What restore verifies: the row count and content hash of every piece that a checkpoint wrote.",
  state_tables: "Which table of schema `millrace_state` holds which operator's state.",
  savepoints: "The savepoints that were made here: of which job and checkpoint, and where the file lies.",
  table_readers: "Which job reads which table, since which position of its change log, with how many rows in its snapshot.",
  job_archive:
    "Jobs that have ended, dropped ones too. `document` holds plan, checkpoints and exceptions, as `GET /v1/archive` shows them.",
};

/** The statements that the owners of stored tables run to make them, recorded. */
async function recordedDdl(): Promise<readonly string[]> {
  const ddl: string[] = [];
  const transaction: StoreTransaction = {
    run: async (sql) => void ddl.push(sql),
    query: async () => ({ schema: { columns: [] }, changed: 0, next: async () => null, rows: async () => [], close: () => undefined }),
    append: async () => undefined,
  };
  const store: Store = {
    transact: (body) => body(transaction),
    connect: () => Promise.reject(new Error("invariant: only DDL is recorded")),
    declareFunction: () => undefined,
    close: async () => undefined,
  };
  await createSystemTables(store);
  await new CatalogStore(store).open();
  return ddl;
}

function storedTables(ddl: readonly string[]): readonly string[] {
  const found = ddl.flatMap((sql) => {
    const match = /CREATE TABLE IF NOT EXISTS millrace\.(\w+)\s*\(([^)]*)\)/.exec(sql);
    return match === null ? [] : [[match[1] as string, match[2] as string] as const];
  });
  const missing = found.map(([name]) => name).filter((name) => storedDocs[name] === undefined);
  if (missing.length > 0) throw new Error(`describe ${missing.join(", ")} in storedDocs`);
  return found.map(([name, columns]) => section(name, storedDocs[name] as string, columns.split(",").map(columnOf)));
}

/** `job VARCHAR NOT NULL` as name and type. */
function columnOf(text: string): readonly [string, string] {
  const [name = "", type = ""] = text.trim().split(/\s+/);
  return [name, type === "TIMESTAMPTZ" ? "TIMESTAMP WITH TIME ZONE" : type];
}

const section = (name: string, doc: string, columns: readonly (readonly [string, string])[]): string =>
  `## millrace.${name}\n\n${doc}\n\n${table(
    ["column", "type"],
    columns.map(([column, type]) => [code(column), type]),
  )}`;

/** docs/reference/system-tables.md, a pure function of the tables' definitions. */
export async function renderSystemTables(): Promise<string> {
  const live = Object.entries(systemTables).map(([name, { doc, schema }]) =>
    section(
      name,
      doc,
      schema.columns.map((c) => [c.name, formatType(c.type)]),
    ),
  );
  return page(
    "System tables",
    "server/serving/system-tables.ts",
    "Tables of schema `millrace`, read by SELECT like any other. The first ones are facts of the running engine, written when a query asks for them; " +
      "those from `millrace.job_runs` on are kept in the store.",
    ...live,
    ...storedTables(await recordedDdl()),
  );
}
