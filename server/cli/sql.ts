import { readFileSync } from "node:fs";
import { parseStatements } from "../../planner/front/parse.ts";
import { SqlError } from "../../runtime/contract/errors.ts";
import type { Command } from "./commands.ts";
import { askAndPrint, defaultUrl } from "./print-answer.ts";

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
    const url = flags["url"]?.at(-1) ?? defaultUrl;
    for (const text of texts) {
      for (const statement of statementsOf(text)) {
        if (!(await askAndPrint(url, statement.text, flags["json"] !== undefined, text, statement.at))) return 1;
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
