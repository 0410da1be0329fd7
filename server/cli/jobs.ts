import { suggest } from "../../runtime/contract/suggest.ts";
import type { Command } from "./commands.ts";
import { askAndPrint, defaultUrl } from "./print-answer.ts";
import { quoteName, quoteText } from "../../runtime/contract/quote.ts";
import { watch } from "./watch.ts";

/** What is asked of the server; `words` are those behind the action. */
interface Action {
  readonly words: readonly string[];
  statements(words: readonly string[]): readonly string[];
}

const onJob = (statement: (job: string) => string): Action => ({
  words: ["JOB"],
  statements: ([job = ""]) => [statement(quoteName(job))],
});

const actions = {
  list: { words: [], statements: () => ["SHOW JOBS"] },
  show: {
    words: ["JOB"],
    statements: ([job = ""]) => [
      `SELECT * FROM millrace.jobs WHERE name = ${quoteText(job)}`,
      `SELECT * FROM millrace.subtasks WHERE job = ${quoteText(job)}`,
      `SELECT * FROM millrace.checkpoints WHERE job = ${quoteText(job)} ORDER BY id DESC LIMIT 5`,
    ],
  },
  pause: onJob((job) => `ALTER STREAMING JOB ${job} PAUSE`),
  resume: onJob((job) => `ALTER STREAMING JOB ${job} RESUME`),
  stop: onJob((job) => `STOP STREAMING JOB ${job}`),
  drain: onJob((job) => `STOP STREAMING JOB ${job} WITH DRAIN`),
  cancel: onJob((job) => `CANCEL STREAMING JOB ${job}`),
  drop: onJob((job) => `DROP STREAMING JOB ${job}`),
  savepoint: {
    words: ["JOB", "NAME"],
    statements: ([job = "", name = ""]) => [
      `CREATE SAVEPOINT ${quoteName(name)} FOR STREAMING JOB ${quoteName(job)}`,
      `SELECT name, path, checkpoint, state_rows, result_rows FROM millrace.savepoints WHERE name = ${quoteText(name)}`,
    ],
  },
  checkpoint: onJob((job) => `CHECKPOINT STREAMING JOB ${job}`),
  rescale: {
    words: ["JOB", "PARALLELISM"],
    statements: ([job = "", parallelism = ""]) => [`ALTER STREAMING JOB ${quoteName(job)} SET (parallelism = ${quoteText(parallelism)})`],
  },
} as const satisfies Readonly<Record<string, Action>>;

const usages = [...Object.entries<Action>(actions).map(([name, { words }]) => [name, ...words].join(" ")), "watch JOB"];

export const jobs: Command = {
  doc: `list streaming jobs and act on them: ${usages.join(", ")}`,
  usage: "jobs ACTION [JOB] [flags]",
  flags: [
    { name: "url", value: "URL", doc: `HTTP address of the server (${defaultUrl})` },
    { name: "json", value: null, doc: "print rows as JSON, one a line" },
  ],
  async run({ flags, words: [name = "list", ...words] }) {
    const url = flags["url"]?.at(-1) ?? defaultUrl;
    const json = flags["json"] !== undefined;
    if (name === "watch") return watch(url, words, json);
    const action = actionOf(name);
    if (words.length !== action.words.length) throw new Error(`usage: millrace jobs ${[name, ...action.words].join(" ")}`);
    for (const statement of action.statements(words)) {
      if (!(await askAndPrint(url, statement, json))) return 1;
    }
    return 0;
  },
};

function actionOf(name: string): Action {
  if (Object.hasOwn(actions, name)) return actions[name as keyof typeof actions];
  const near = suggest(name, [...Object.keys(actions), "watch"]);
  throw new Error(`there is no action "${name}"; ${near === undefined ? `they are ${usages.join(", ")}` : `perhaps you mean "${near}"`}`);
}
