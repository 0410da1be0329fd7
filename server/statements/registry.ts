import type { StatementKind } from "../../planner/front/statement.ts";
import type { Handler } from "./context.ts";
import { createMaterializedView, createStreamingJob } from "./create-job.ts";
import { createFunction, dropFunction } from "./create-function.ts";
import { createSink, createSource } from "./create-source.ts";
import { createTable } from "./create-table.ts";
import { createView } from "./create-view.ts";
import { drop } from "./drop.ts";
import { explain } from "./explain.ts";
import { explainWatermark } from "./explain-watermark.ts";
import { alterJob, cancelJob, checkpointJob, stopJob } from "./job-control.ts";
import { alterTable } from "./alter-table.ts";
import { createSavepoint, dropSavepoint } from "./savepoint.ts";
import { rename } from "./rename.ts";
import { copy } from "./copy.ts";
import { copyTo } from "./copy-to.ts";
import { truncate } from "./truncate.ts";
import { flush } from "./flush.ts";
import { modify } from "./modify.ts";
import { deallocate, discard, execute, prepare } from "./prepared.ts";
import { query } from "./query.ts";
import { describe, show, showCreate } from "./show.ts";
import { showState } from "./show-state.ts";
import { begin, commit, rollback } from "./transaction.ts";
import { reset, set, showVariable } from "./variables.ts";

type Handlers = { readonly [K in StatementKind]: Handler<K> };

/** Every statement's handler: one line each, total over the union. */
export const handlers: Handlers = {
  createSource,
  createTable,
  createSink,
  createFunction,
  dropFunction,
  createView,
  createMaterializedView,
  createStreamingJob,
  drop,
  alterJob,
  cancelJob,
  stopJob,
  checkpointJob,
  createSavepoint,
  dropSavepoint,
  show,
  showState,
  showCreate,
  describe,
  explain,
  explainWatermark,
  set,
  reset,
  showVariable,
  begin,
  commit,
  rollback,
  query,
  modify,
  prepare,
  execute,
  deallocate,
  discard,
  flush,
  truncate,
  copy,
  copyTo,
  rename,
  alterTable,
};
