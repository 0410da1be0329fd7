import { readFileSync } from "node:fs";
import { parseStatements } from "../../planner/front/parse.ts";
import { SqlError } from "../../runtime/contract/errors.ts";
import type { Command } from "./commands.ts";
import { type AnswerError, postQuery, QueryFailed } from "./client.ts";
import { printTable } from "./table.ts";

export const sql: Command = {
  doc: "run statements on a running server and print the answers",
  usage: 'sql -c "STATEMENTS" | -f FILE [flags]',
  flags: [
    { name: "c", value: "STATEMENTS", doc: "statements to run" },
    { name: "f", value: "FILE", doc: 'file of statements to run; "-" reads standard input' },
    { name: "url", value: "URL", doc: "HTTP address of the server (http://127.0.0.1:7434)" },
    { name: "json", value: null, doc: "print rows as JSON, one a line" },
  ],
  async run({ flags }) {
    const texts = [...(flags["c"] ?? []), ...(flags["f"] ?? []).map((file) => readFileSync(file === "-" ? 0 : file, "utf8"))];
    if (texts.length === 0) throw new Error('say what to run: millrace sql -c "SHOW JOBS", or -f FILE');
    const url = flags["url"]?.at(-1) ?? "http://127.0.0.1:7434";
    for (const text of texts) {
      for (const statement of statementsOf(text)) {
        if (!(await runOne(statement, text, url, flags["json"] !== undefined))) return 1;
      }
    }
    return 0;
  },
};

interface Piece {
  readonly text: string;
  readonly at: number;
}

/** Statement by statement, so that each answer is printed; what cannot be read here is sent as it is, for the server's error. */
function statementsOf(text: string): readonly Piece[] {
  try {
    return parseStatements(text).map(({ text: part, at }) => ({ text: part, at }));
  } catch (error) {
    if (error instanceof SqlError) return [{ text, at: 0 }];
    throw error;
  }
}

async function runOne(piece: Piece, whole: string, url: string, json: boolean): Promise<boolean> {
  try {
    const answer = await postQuery(url, piece.text, process.env["MILLRACE_PASSWORD"] ?? null);
    for (const notice of answer.notices ?? []) process.stderr.write(`NOTICE:  ${notice}\n`);
    if (answer.columns === undefined) process.stdout.write(`${answer.command}\n`);
    else if (json) for (const row of answer.rows ?? []) process.stdout.write(`${JSON.stringify(row)}\n`);
    else process.stdout.write(`${printTable(answer)}\n\n`);
    return true;
  } catch (error) {
    if (!(error instanceof QueryFailed)) throw error;
    process.stderr.write(`${printError(error.fields, whole, piece.at)}\n`);
    return false;
  }
}

/** As psql prints it: the line with a caret below the position. */
function printError(error: AnswerError, whole: string, offset: number): string {
  const lines = [`ERROR:  ${error.message}`];
  if (error.position !== undefined) lines.push(...caret(whole, offset + error.position - 1));
  if (error.detail !== undefined) lines.push(`DETAIL:  ${error.detail}`);
  if (error.hint !== undefined) lines.push(`HINT:  ${error.hint}`);
  return lines.join("\n");
}

function caret(text: string, at: number): readonly string[] {
  const start = text.lastIndexOf("\n", at - 1) + 1;
  const end = text.indexOf("\n", at);
  const label = `LINE ${text.slice(0, at).split("\n").length}: `;
  return [`${label}${text.slice(start, end < 0 ? undefined : end)}`, `${" ".repeat(label.length + at - start)}^`];
}
