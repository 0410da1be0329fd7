import type { PlannedJob } from "../../planner/api.ts";
import type { CatalogObject, JobObject } from "../../planner/catalog.ts";
import { lex } from "../../planner/front/lexer.ts";
import type { JobAction, Options } from "../../planner/front/statement.ts";
import { isMark, isWord } from "../../planner/front/token.ts";
import type { JobSubmission, MisfitPolicy, ResultTable, StateChange } from "../../runtime/contract/control.ts";
import { assert, SqlError } from "../../runtime/contract/errors.ts";
import { sameType } from "../../runtime/contract/types.ts";
import type { Outcome } from "../session/execution.ts";
import { columns, command, count, notice, rowsOutcome, type StatementContext } from "./context.ts";
import { jobOf, type JobStatement, planJob } from "./create-job.ts";
import { inUse } from "./dependents.ts";
import { parseOne } from "./parse-one.ts";

type QueryChange = Extract<JobAction, { readonly do: "as" }>;

export const changeColumns = columns("operator", "uid", "verdict", count("rows"), "reason");

/** ALTER … AS query: state and results are taken over as far as they fit; with DRY RUN it only says what would be. */
export async function alterQuery(object: CatalogObject, action: QueryChange, tag: string, context: StatementContext): Promise<Outcome> {
  const job = object as JobObject; // the catalog was asked for one
  const misfit = readPolicy(action.options);
  const head = headOf(job.definition);
  const definition = `${head}${action.body.text}`;
  const before = context.catalog.frozen();
  const { statement, planned } = await atBody(action, head.length, async () => {
    const parsed = parseOne(definition) as JobStatement;
    return { statement: parsed, planned: await planJob(parsed, await context.catalogStore.overrides(job.name), context) };
  });
  const submission: JobSubmission = { name: job.name, ...planned, savepoint: null };
  refuseDependents(job, planned, misfit, action, context);
  if (action.dryRun) return report(await context.engine.planAlteration(submission, misfit));
  context.catalog.requireUnchanged(before, [job.name, ...planned.dependencies], action.body.at);
  const alter = (): Promise<readonly StateChange[]> =>
    context.engine.alter({
      submission,
      misfit,
      apply: (transaction) => context.catalogStore.redefineWithin(transaction, job.name, definition),
      revert: (transaction) => context.catalogStore.redefineWithin(transaction, job.name, job.definition),
    });
  const changes = await context.catalog.changing(job, planned.dependencies, alter, () => jobOf(statement, planned));
  const said = [...planned.notices, ...changes.flatMap((change) => change.notice ?? [])];
  return command(tag, said.map(notice));
}

const report = (changes: readonly StateChange[]): Outcome =>
  rowsOutcome(
    changeColumns,
    changes.map(({ operator, uid, verdict, rows, reason, refusal, notice: said }) => [
      operator,
      uid,
      verdict,
      BigInt(rows),
      refusal === null ? [reason, said].filter(Boolean).join("; ") : `refused: ${refusal}`,
    ]),
    (n) => `SELECT ${n}`,
  );

const policies: Readonly<Record<string, MisfitPolicy>> = { rebuild: "rebuild", allow_non_restored_state: "empty" };

function readPolicy(options: Options): MisfitPolicy {
  const chosen: MisfitPolicy[] = [];
  for (const [name, { value, at }] of options) {
    const policy = Object.hasOwn(policies, name) ? policies[name] : undefined;
    if (policy === undefined) {
      const hint = "Options of ALTER … AS: rebuild, allow_non_restored_state. Those of the job are changed with ALTER … SET (…).";
      throw new SqlError({ sqlState: "22023", message: `ALTER … AS has no option "${name}"`, hint, at });
    }
    if (/^(on|true|yes)$/i.test(value)) chosen.push(policy);
    else if (!/^(off|false|no)$/i.test(value)) throw new SqlError({ sqlState: "22023", message: `option "${name}" must be on or off`, at });
  }
  return chosen.includes("rebuild") ? "rebuild" : (chosen[0] ?? "refuse");
}

/** The definition up to its query: CREATE … AS. */
function headOf(definition: string): string {
  let depth = 0;
  for (const token of lex(definition)) {
    if (isMark(token, "(")) depth++;
    if (isMark(token, ")")) depth--;
    if (depth === 0 && isWord(token, "as")) return `${definition.slice(0, token.end)} `;
  }
  assert(false, "a job's definition has AS");
}

/** Positions within the new definition are positions within the statement that was typed. */
async function atBody<T>({ body }: QueryChange, headLength: number, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SqlError) || error.at === undefined) throw error;
    throw error.movedTo(error.at < headLength ? body.at : error.at - headLength + body.at);
  }
}

/** Views and jobs that read the results know their columns. */
function refuseDependents(job: JobObject, planned: PlannedJob, misfit: MisfitPolicy, action: QueryChange, context: StatementContext): void {
  const dependents = context.catalog.dependents(job.name);
  if (dependents.length === 0) return;
  const before = [job.result, ...job.sideTables].filter((table) => table !== null);
  const isSame = before.every((table) =>
    sameColumns(
      table,
      planned.resultTables.find(({ name }) => name === table.name),
    ),
  );
  if (isSame && misfit !== "rebuild") return;
  throw inUse("change the results of", job, dependents, action.body.at, "Drop what reads them first, and create it again.");
}

const sameColumns = (a: ResultTable, b: ResultTable | undefined): boolean =>
  b !== undefined &&
  a.schema.columns.length === b.schema.columns.length &&
  a.schema.columns.every(({ name, type }, i) => {
    const other = b.schema.columns[i];
    return name === other?.name && sameType(type, other.type);
  });
