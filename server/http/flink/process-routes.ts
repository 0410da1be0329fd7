import type { Context } from "hono";
import type { Answer, Question, ThreadStack } from "../../../runtime/contract/diagnostics.ts";
import type { HttpContext } from "../http-session.ts";
import type { Route } from "../route.ts";
import { integer, listOf, record, text } from "../schema.ts";
import { notFound } from "./facts.ts";

/** A process of the cluster that can be asked about itself. */
interface Process {
  readonly prefix: "/jobmanager" | "/taskmanagers/:tmid";
  readonly who: string;
  ask(c: Context, context: HttpContext, question: Question): Promise<Answer | null>;
}

const jobManager: Process = {
  prefix: "/jobmanager",
  who: "the server's process",
  ask: (_, { ask }, question) => ask(question),
};

const taskManager: Process = {
  prefix: "/taskmanagers/:tmid",
  who: "the TaskManager's process",
  ask: (c, { askTaskManager }, question) => askTaskManager(c.req.param("tmid") ?? "", question),
};

const logsSchema = record({ logs: listOf(record({ name: text, size: integer, mtime: integer })) });
const threadDumpSchema = record({ threadInfos: listOf(record({ threadName: text, stringifiedThreadInfo: text })) });
const plain = { contentType: "text/plain" } as const;

/** Logs and stacks of a process. */
const routesOf = (process: Process): readonly Route[] => [
  {
    method: "get",
    path: `${process.prefix}/logs`,
    tag: "flink",
    doc: `Files of the log of ${process.who}`,
    answer: logsSchema,
    handle: (c, context) =>
      answered(c, process.ask(c, context, { kind: "logs" }), "logs", ({ files }) =>
        c.json({ logs: files.map(({ name, size_bytes, modified_ms }) => ({ name, size: size_bytes, mtime: Math.round(modified_ms) })) }),
      ),
  },
  {
    method: "get",
    path: `${process.prefix}/logs/:file`,
    tag: "flink",
    doc: "One of these files, its end if it is long",
    answer: plain,
    handle: (c, context) => file(c, context, process, { kind: "log", name: c.req.param("file") ?? "" }),
  },
  {
    method: "get",
    path: `${process.prefix}/log`,
    tag: "flink",
    doc: `The log of ${process.who}, its end if it is long`,
    answer: plain,
    handle: (c, context) => file(c, context, process, { kind: "said", to: "log" }),
  },
  {
    method: "get",
    path: `${process.prefix}/stdout`,
    tag: "flink",
    doc: `What ${process.who} wrote to stdout`,
    answer: plain,
    handle: (c, context) => file(c, context, process, { kind: "said", to: "stdout" }),
  },
  {
    method: "get",
    path: `${process.prefix}/thread-dump`,
    tag: "flink",
    doc: `Where the threads of ${process.who} are`,
    answer: threadDumpSchema,
    handle: (c, context) =>
      answered(c, process.ask(c, context, { kind: "threads" }), "threads", ({ threads }) =>
        c.json({ threadInfos: threads.map(threadInfo) }),
      ),
  },
];

const file = (c: Context, context: HttpContext, process: Process, question: Question): Promise<Response> =>
  answered(c, process.ask(c, context, question), "log", ({ text: found }) =>
    found === null ? notFound(c, `log ${c.req.param("file") ?? ""}`) : c.text(found),
  );

type Of<K extends Answer["kind"]> = Extract<Answer, { readonly kind: K }>;

/** No answer means that the process is not there, or is silent. */
async function answered<K extends Answer["kind"]>(
  c: Context,
  asked: Promise<Answer | null>,
  kind: K,
  then: (answer: Of<K>) => Response,
): Promise<Response> {
  const answer = await asked;
  if (answer === null) return notFound(c, `TaskManager ${c.req.param("tmid") ?? ""}`);
  if (answer.kind === kind) return then(answer as Of<K>);
  return c.json({ errors: [answer.kind === "failed" ? answer.reason : "the process answered something else"] }, 500);
}

/** The form of Java's ThreadInfo. */
export function threadInfo({ name, state, frames }: ThreadStack): object {
  const header = `"${name}" ${state === "running" ? "RUNNABLE" : "WAITING"}\n`;
  return { threadName: name, stringifiedThreadInfo: `${header}${frames.map((frame) => `\tat ${frame}\n`).join("")}\n` };
}

export const processRoutes: readonly Route[] = [...routesOf(jobManager), ...routesOf(taskManager)];
