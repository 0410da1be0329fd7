import { quoteName, quoteText } from "../../runtime/contract/quote.ts";
import type { Command } from "./commands.ts";
import { askAndPrint, defaultUrl } from "./print-answer.ts";

const rows_max = 100;

/** `state JOB`: its operators. `state JOB UID`: rows of one; JOB may be a savepoint then. */
export const state: Command = {
  doc: "show the state of a job or savepoint: JOB lists its operators, JOB UID prints the rows of one",
  usage: "state JOB [UID[/TABLE]] [flags]",
  flags: [
    { name: "url", value: "URL", doc: `HTTP address of the server (${defaultUrl})` },
    { name: "checkpoint", value: "N", doc: "as of this retained checkpoint instead of the last one" },
    { name: "limit", value: "N", doc: `rows to print at most (${rows_max})` },
    { name: "json", value: null, doc: "print rows as JSON, one a line" },
  ],
  async run({ flags, words: [job, uid, ...more] }) {
    if (job === undefined || more.length > 0) throw new Error(`usage: millrace ${this.usage}`);
    const number = (name: "checkpoint" | "limit"): string | undefined => numberOf(name, flags[name]?.at(-1));
    const checkpoint = number("checkpoint");
    const statement =
      uid === undefined
        ? `SHOW STATE FOR ${quoteName(job)}`
        : `SELECT * FROM millrace.state(${[quoteText(job), quoteText(uid), ...(checkpoint === undefined ? [] : [checkpoint])].join(", ")}) LIMIT ${number("limit") ?? rows_max}`;
    return (await askAndPrint(flags["url"]?.at(-1) ?? defaultUrl, statement, flags["json"] !== undefined)) ? 0 : 1;
  },
};

function numberOf(name: string, text: string | undefined): string | undefined {
  if (text === undefined || /^\d+$/.test(text)) return text;
  throw new Error(`--${name} must be a number, not "${text}"`);
}
