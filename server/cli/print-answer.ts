import { type Answer, type AnswerError, postQuery, QueryFailed } from "./client.ts";
import { printTable } from "./table.ts";

export const defaultUrl = "http://127.0.0.1:7434";

/** Runs a statement on the server; throws as `postQuery` does. Notices go to stderr. */
export async function ask(url: string, statement: string): Promise<Answer> {
  const answer = await postQuery(url, statement, process.env["MILLRACE_PASSWORD"] ?? null);
  for (const notice of answer.notices ?? []) process.stderr.write(`NOTICE:  ${notice}\n`);
  return answer;
}

/** Runs a statement and prints its answer, or its error as psql does; returns whether it succeeded. `text` is what `at` of it lies in. */
export async function askAndPrint(url: string, statement: string, json: boolean, text = statement, at = 0): Promise<boolean> {
  try {
    printAnswer(await ask(url, statement), json);
    return true;
  } catch (error) {
    if (!(error instanceof QueryFailed)) throw error;
    process.stderr.write(`${printError(error.fields, text, at)}\n`);
    return false;
  }
}

function printAnswer(answer: Answer, json: boolean): void {
  if (answer.columns === undefined) process.stdout.write(`${answer.command}\n`);
  else if (json) for (const row of answer.rows ?? []) process.stdout.write(`${JSON.stringify(row)}\n`);
  else process.stdout.write(`${printTable(answer)}\n\n`);
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
