/*
 * sqllogictest's format, as SQLite, DuckDB, Materialize and RisingWave use it. Records stand between blank lines; `#` begins a comment.
 *
 *   statement ok | statement error [regular expression]
 *   query <one letter per column: I, R, T> [nosort | rowsort | valuesort] [label]
 *   skipif <engine> | onlyif <engine>      in front of the record that they are about
 *   hash-threshold <values>                longer answers are written as a hash
 *   halt
 */
export type SltRecord = StatementRecord | QueryRecord;

interface Common {
  /** Of its first line, from 1. */
  readonly line: number;
  readonly sql: string;
  /** Lines in front of the SQL, as they stand, comments included. */
  readonly head: readonly string[];
  readonly skippedBy: (engine: string) => boolean;
}

export interface StatementRecord extends Common {
  readonly kind: "statement";
  /** null = it succeeds; else what the error's message must match. */
  readonly error: RegExp | null;
}

export type SortMode = "nosort" | "rowsort" | "valuesort";

export interface QueryRecord extends Common {
  readonly kind: "query";
  readonly types: string;
  readonly sort: SortMode;
  readonly label: string | null;
  /** The lines below `----`. */
  readonly expected: readonly string[];
  readonly hashThreshold: number;
}

/** Throws an Error that names the line of what it cannot read. */
export function parseSlt(text: string): readonly SltRecord[] {
  const records: SltRecord[] = [];
  let hashThreshold = 0;
  for (const { line, lines } of blocks(text)) {
    const at = lines.findIndex((l) => !/^(#|skipif |onlyif )/.test(l));
    if (at < 0) continue;
    const command = lines[at] ?? "";
    if (command === "halt") break;
    const threshold = /^hash-threshold (\d+)$/.exec(command);
    if (threshold !== null) {
      hashThreshold = Number(threshold[1]);
      continue;
    }
    records.push(recordOf(lines, at, line, hashThreshold));
  }
  return records;
}

function* blocks(text: string): Generator<{ readonly line: number; readonly lines: readonly string[] }> {
  let lines: string[] = [];
  for (const [i, line] of [...text.split("\n"), ""].entries()) {
    if (line.trim() !== "") lines.push(line.trimEnd());
    else if (lines.length > 0) {
      yield { line: i - lines.length + 1, lines };
      lines = [];
    }
  }
}

function recordOf(lines: readonly string[], at: number, line: number, hashThreshold: number): SltRecord {
  const command = lines[at] ?? "";
  const separator = lines.indexOf("----");
  const sql = lines.slice(at + 1, separator < 0 ? undefined : separator).join("\n");
  const common = { line, sql, head: lines.slice(0, at + 1), skippedBy: skippedBy(lines.slice(0, at)) };
  const statement = /^statement (ok|error)(?: (.+))?$/.exec(command);
  if (statement !== null)
    return { ...common, kind: "statement", error: statement[1] === "ok" ? null : new RegExp(statement[2] ?? "", "i") };
  const query = /^query ([IRT]+)(?: (nosort|rowsort|valuesort))?(?: (\S+))?$/.exec(command);
  if (query === null) throw new Error(`line ${line}: no such record: ${command}`);
  const [, types = "", sort = "nosort", label = null] = query;
  return {
    ...common,
    kind: "query",
    types,
    sort: sort as SortMode,
    label,
    expected: separator < 0 ? [] : lines.slice(separator + 1),
    hashThreshold,
  };
}

function skippedBy(conditions: readonly string[]): (engine: string) => boolean {
  const named = (word: string): readonly string[] =>
    conditions.flatMap((line) => (line.startsWith(`${word} `) ? [line.slice(word.length + 1).split(" ")[0] ?? ""] : []));
  const [skip, only] = [named("skipif"), named("onlyif")];
  return (engine) => skip.includes(engine) || (only.length > 0 && !only.includes(engine));
}
