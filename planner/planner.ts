import type { OpenPlanningDb } from "../runtime/contract/planning-db.ts";
import type { Timers } from "../runtime/contract/world.ts";
import { knownFunctions, requireAllowedCalls } from "./adhoc/allow-list.ts";
import { planComposed } from "./adhoc/compose.ts";
import { planExpression, planQuery } from "./adhoc/plan-query.ts";
import { planCheck, planModify } from "./adhoc/plan-modify.ts";
import { relationsOf } from "./adhoc/relations.ts";
import type { Planner } from "./api.ts";
import { bindTable } from "./binder/bind-source.ts";
import { Binder } from "./binder/binder.ts";
import { bindFunction } from "./functions/bind-function.ts";
import { functionsCalledBy } from "./functions/calls.ts";
import { planJob } from "./plan-job.ts";

export interface PlannerOptions {
  readonly openPlanningDb: OpenPlanningDb;
  /** Of jobs that do not say. */
  readonly defaultParallelism: number;
  readonly timers: Timers;
}

/** The compiler of design section 1: SQL text in, job graphs and checked queries out. */
export function createPlanner({ openPlanningDb, defaultParallelism, timers }: PlannerOptions): Planner {
  const binder = new Binder(openPlanningDb, timers);
  return {
    bindTable: (table) => bindTable(table, binder),
    async bindQuery(query, catalog) {
      await requireAllowedCalls(query, binder, catalog);
      const { columns } = await binder.bind(query, catalog);
      const functions = await functionsCalledBy(query, catalog, binder);
      return { schema: { columns }, relations: [...(await relationsOf(query, binder)), ...functions] };
    },
    bindFunction: (statement, catalog) => bindFunction(statement, catalog, binder),
    planJob: (request) => planJob(request, binder, defaultParallelism),
    planQuery: (query, catalog) => planQuery(query, catalog, binder),
    planComposed: (parts, catalog) => planComposed(parts, catalog, binder),
    planExpression: (expression, catalog) => planExpression(expression, catalog, binder),
    planModify: (statement, table, catalog) => planModify(statement, table, catalog, binder),
    planCheck: (expression, table, catalog) => planCheck(expression, table, catalog, binder),
    warmUp: () => void knownFunctions(binder).catch(() => undefined), // The first call tries again, and meets what is wrong.
    close: () => binder.close(),
  };
}
