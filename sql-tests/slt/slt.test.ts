import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Engine, openMillrace, postgresPrograms, startPostgres } from "./runner/engines.ts";
import { sltOf } from "./runner/feature.ts";
import { parseSlt } from "./runner/records.ts";
import { completed, type FileResult, marked, runFile, unmarked } from "./runner/run-file.ts";

/**
 * sqllogictest files through the Postgres wire: `npm run slt -- [--engine postgres] [--file NAME] [--build | --mark]`. Expectations come from
 * PostgreSQL: `--build` makes the files of features/ anew with its answers. What Millrace answers otherwise stands in
 * docs/sql/differences.md, and its records carry `skipif millrace`, which `--mark` puts where an answer differs, and nowhere else.
 */
const here = new URL(".", import.meta.url);
const engineName = process.env["SLT_ENGINE"] ?? "millrace";
const only = process.env["SLT_FILE"];
const mark = process.env["SLT_MARK"] !== undefined;
const build = process.env["SLT_BUILD"] !== undefined;
const programs = engineName === "postgres" || build ? postgresPrograms() : null;
const port = 20_000 + (process.pid % 20_000);

const named = (folder: string, extension: string): readonly string[] =>
  readdirSync(new URL(folder, here))
    .filter((name) => name.endsWith(extension))
    .map((name) => name.slice(0, -extension.length))
    .filter((name) => only === undefined || name === only);

const lacksPostgres = (engineName === "postgres" || build) && programs === null;
if (lacksPostgres)
  process.stdout.write("PostgreSQL is not installed (apt-get install postgresql): its runs of the .slt files are SKIPPED\n");

let cluster: ReturnType<typeof startPostgres> | null = null;
beforeAll(() => {
  if (programs !== null) cluster = startPostgres(programs, port);
});
afterAll(() => cluster?.stop());

async function withEngine<T>(body: (engine: Engine) => Promise<T>): Promise<T> {
  const engine = await (cluster === null ? openMillrace() : cluster.open());
  try {
    return await body(engine);
  } finally {
    await engine.close();
  }
}

const described = ({ mismatches }: FileResult): readonly string[] =>
  mismatches.map(({ line, sql, expected, actual }) => `line ${line}: ${sql}\n  expected: ${expected}\n  actual:   ${actual}`);

describe.runIf(build && !lacksPostgres)("a feature becomes an .slt file", () => {
  it.each(named("features/", ".sql"))("%s", async (name) => {
    const draft = sltOf(name, readFileSync(new URL(`features/${name}.sql`, here), "utf8"));
    const text = await withEngine((engine) => completed(draft, engine));
    writeFileSync(new URL(`${name}.slt`, here), text);
    expect(text.length).toBeGreaterThan(0);
  });
});

const files = named(".", ".slt");

/** Skips on Millrace exactly what differs, and says so. */
async function markFile(path: URL): Promise<void> {
  const text = unmarked(readFileSync(path, "utf8"));
  const result = await withEngine((engine) => runFile(text, engine));
  process.stdout.write(`${described(result).join("\n")}\n`);
  writeFileSync(path, marked(text, new Set(result.mismatches.map(({ line }) => line))));
}

describe("docs/sql/differences.md", () => {
  it("lists every record that Millrace answers otherwise", () => {
    const listed = readFileSync(new URL("../../docs/sql/differences.md", here), "utf8");
    const skipped = files.flatMap((name) =>
      parseSlt(readFileSync(new URL(`${name}.slt`, here), "utf8")).filter(({ skippedBy }) => skippedBy("millrace")),
    );
    expect(skipped.map(({ sql }) => sql).filter((sql) => !listed.includes(sql))).toEqual([]);
  });
});

describe.runIf(!build && !lacksPostgres && files.length > 0)(`the records of a file, on ${engineName}`, () => {
  it.each(files)("%s", { timeout: 300_000 }, async (name) => {
    const path = new URL(`${name}.slt`, here);
    if (mark) await markFile(path);
    const result = await withEngine((engine) => runFile(readFileSync(path, "utf8"), engine));
    expect(described(result).join("\n\n")).toBe("");
    expect(result.records).toBeGreaterThan(0);
  });
});
