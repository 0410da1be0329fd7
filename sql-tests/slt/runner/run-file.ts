import { messageOf } from "../../../runtime/contract/errors.ts";
import { answerLines, isExpected } from "./answer.ts";
import type { Engine } from "./engines.ts";
import { parseSlt, type QueryRecord, type SltRecord } from "./records.ts";

export interface Mismatch {
  readonly line: number;
  readonly sql: string;
  readonly expected: string;
  readonly actual: string;
}

export interface FileResult {
  readonly records: number;
  readonly skipped: number;
  readonly mismatches: readonly Mismatch[];
}

/** Runs the records one after the other; a mismatch does not stop the file. */
export async function runFile(text: string, engine: Engine): Promise<FileResult> {
  const records = parseSlt(text);
  const mismatches: Mismatch[] = [];
  let skipped = 0;
  for (const record of records) {
    if (record.skippedBy(engine.name)) skipped++;
    else {
      const mismatch = await runRecord(record, engine);
      if (mismatch !== null) mismatches.push({ line: record.line, sql: record.sql, ...mismatch });
    }
  }
  return { records: records.length, skipped, mismatches };
}

/** The file with `skipif millrace` in front of the records at these lines, and of no others. */
export function marked(text: string, lines: ReadonlySet<number>): string {
  const blocks = parseSlt(text).map((record) => {
    const head = record.head.filter((line) => line !== skip);
    const answer = record.kind === "query" ? ["----", ...record.expected] : [];
    return [...(lines.has(record.line) ? [skip] : []), ...head, record.sql, ...answer].join("\n");
  });
  return `${blocks.join("\n\n")}\n`;
}

const skip = "skipif millrace";

/** Without what is skipped: to see what would still differ. */
export const unmarked = (text: string): string => text.replaceAll(`${skip}\n`, "");

type Difference = Pick<Mismatch, "expected" | "actual"> | null;

async function runRecord(record: SltRecord, engine: Engine): Promise<Difference> {
  try {
    const rows = await engine.run(record.sql);
    if (record.kind === "statement") return record.error === null ? null : { expected: `error ${record.error.source}`, actual: "ok" };
    const width = rows[0]?.length ?? record.types.length;
    if (width !== record.types.length) return { expected: `${record.types.length} columns`, actual: `${width} columns` };
    const actual = answerLines(record, rows);
    return isExpected(record, actual) ? null : { expected: record.expected.join("\n"), actual: actual.join("\n") };
  } catch (error) {
    const message = messageOf(error);
    if (record.kind === "statement" && record.error?.test(message) === true) return null;
    return {
      expected: record.kind === "statement" && record.error !== null ? `error ${record.error.source}` : "no error",
      actual: `error: ${message}`,
    };
  }
}

/** The file with its expectations as the engine answers: how expectations are made, with PostgreSQL. */
export async function completed(text: string, engine: Engine): Promise<string> {
  const blocks: string[] = [];
  for (const record of parseSlt(text)) blocks.push(await completedRecord(record, engine));
  return `${blocks.join("\n\n")}\n`;
}

async function completedRecord(record: SltRecord, engine: Engine): Promise<string> {
  const [command = ""] = record.head.slice(-1);
  const before = record.head.slice(0, -1);
  if (record.skippedBy(engine.name)) {
    return [...record.head, record.sql, ...(record.kind === "query" ? ["----", ...record.expected] : [])].join("\n");
  }
  if (record.kind === "statement" && record.error !== null) {
    const mismatch = await runRecord(record, engine);
    if (mismatch !== null) throw new Error(`line ${record.line}: ${engine.name} takes it\n${record.sql}`);
    return [...record.head, record.sql].join("\n");
  }
  try {
    const rows = await engine.run(record.sql);
    if (record.kind === "statement") return [...before, "statement ok", record.sql].join("\n");
    return [...before, command, record.sql, "----", ...answerLines(record as QueryRecord, rows)].join("\n");
  } catch (error) {
    throw new Error(`line ${record.line}: ${engine.name} says: ${messageOf(error)}\n${record.sql}`);
  }
}
