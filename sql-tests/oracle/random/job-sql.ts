import type { Case, JobForm } from "./case.ts";
import { type Query, renderQuery } from "./grammar/query.ts";
import type { SinkName } from "./sinks.ts";

/** A table that a job of a case keeps, and the question that it must be the answer to. */
export interface Kept {
  readonly table: string;
  readonly sink: SinkName;
  /** The question in the words of a batch. */
  readonly batch: string;
}

/** One job of a case: a materialized view that others read, or the case's own, which comes last. */
export interface StageSql {
  readonly name: string;
  /** Statements that make what the job reads, and the job. */
  readonly script: (parallelism: number) => string;
  readonly kept: readonly Kept[];
}

export const lateTable = "late_rows";

export function stagesOf({ query, job = {} }: Case): readonly StageSql[] {
  const { views = [] } = job;
  const before: string[] = [];
  const stages: StageSql[] = [];
  for (const { name, kind, query: body } of views) {
    const made = [...before];
    const statement = kind === "view" ? () => `CREATE VIEW ${name} AS ${renderQuery(body)};` : jobOf(name, renderQuery(body), {});
    if (kind !== "view") {
      const kept = [{ table: name, sink: "plain" as const, batch: batchOf(body, job) }];
      stages.push({ name, script: (parallelism) => [...made, statement(parallelism)].join("\n"), kept });
    }
    before.push(statement(1));
  }
  return [
    ...stages,
    { name: "job", script: (parallelism) => [...before, ownJob(query, job)(parallelism)].join("\n"), kept: keptBy(query, job) },
  ];
}

const jobOf =
  (name: string, body: string, options: Readonly<Record<string, string>>) =>
  (parallelism: number): string => {
    const list = [`parallelism = ${parallelism}`, ...Object.entries(options).map(([option, value]) => `${option} = '${value}'`)];
    return `CREATE STREAMING JOB ${name} WITH (${list.join(", ")}) AS ${body};`;
  };

function ownJob(query: Query, { emit, inserts = [], options = {} }: JobForm): (parallelism: number) => string {
  const clause = emit === undefined ? "" : ` EMIT ${emit}`;
  if (inserts.length === 0) return jobOf("job", renderQuery(query) + clause, options);
  const [first, ...others] = inserts;
  const statements = [`INSERT INTO ${first?.sink} ${renderQuery(query)}${clause}`, ...others.map(insertOf)];
  return jobOf("job", `BEGIN ${statements.join("; ")}; END`, options);
}

const insertOf = ({ sink, query }: NonNullable<JobForm["inserts"]>[number]): string => `INSERT INTO ${sink} ${renderQuery(query)}`;

function keptBy(query: Query, job: JobForm): readonly Kept[] {
  const { inserts = [] } = job;
  if (inserts.length === 0) return [{ table: "job", sink: "plain", batch: batchOf(query, job) }];
  return inserts.map(({ sink, query: own }, at) => ({ table: sink, sink, batch: batchOf(at === 0 ? query : own, job) }));
}

/** Views become table expressions. */
function batchOf(query: Query, { views = [] }: JobForm): string {
  const text = renderQuery(query, "batch");
  const read = views.filter(({ name }, at) =>
    [text, ...views.slice(at + 1).map((view) => renderQuery(view.query))].some((q) => names(q, name)),
  );
  if (read.length === 0) return text;
  return `WITH ${read.map((view) => `${view.name} AS (${renderQuery(view.query, "batch")})`).join(", ")} SELECT * FROM (${text}) AS whole`;
}

const names = (text: string, name: string): boolean => new RegExp(`\\b${name}\\b`).test(text);
