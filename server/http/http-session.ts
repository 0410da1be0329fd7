import type { Engine, ProcessUsage } from "../../runtime/contract/control.ts";
import type { Answer, Ask, Question } from "../../runtime/contract/diagnostics.ts";
import type { Store } from "../../runtime/contract/store.ts";
import type { World } from "../../runtime/contract/world.ts";
import type { RelationKind } from "../../planner/front/statement.ts";
import type { JobShape } from "../../runtime/contract/job-shape.ts";
import type { Executor, Session } from "../session/execution.ts";
import type { JobStatement } from "../statements/create-job.ts";
import type { FlameGraphs } from "./flink/flame-graphs.ts";
import type { Operations } from "./flink/operations.ts";
import type { Scripts } from "./scripts.ts";

/** What the routes work on. */
export interface HttpContext {
  readonly executor: Executor;
  /** What is known of the object of this name by the statement that made it; null: there is none. */
  readonly objectOf: (name: string) => { readonly kind: RelationKind; readonly definition: string } | null;
  /** What a job would look like, without making it. */
  readonly plannedShape: (statement: JobStatement) => Promise<JobShape>;
  readonly scripts: Scripts;
  readonly operations: Operations;
  readonly engine: Engine;
  readonly store: Store;
  readonly password: string | null;
  readonly world: World;
  /** About this process. */
  readonly ask: Ask;
  /** About the process of a TaskManager; null: there is none of this id, or it does not answer. */
  readonly askTaskManager: (id: string, question: Question) => Promise<Answer | null>;
  /** Of this process. */
  readonly usage: () => ProcessUsage;
  readonly flameGraphs: FlameGraphs;
  /** How the server is set up, without what is secret. */
  readonly settings: ReadonlyMap<string, string>;
  /** Of the product. */
  readonly version: string;
  /** Names and ports under which requests may come (Host header): the guard against DNS rebinding. */
  readonly hosts: ReadonlySet<string>;
}

let sessions = 0;

/** A session for one request, with a connection of its own. Release it once the answer is out. */
export async function withSession(context: HttpContext): Promise<{ readonly session: Session; readonly release: () => void }> {
  const connection = await context.store.connect();
  const session: Session = {
    id: ++sessions,
    user: "http",
    database: "millrace",
    connection,
    variables: new Map(),
    prepared: new Map(),
    transaction: "idle",
    changedTables: new Map(),
    onCancel: new Set(),
  };
  let open = true;
  return {
    session,
    release: () => {
      if (open) connection.close();
      open = false;
    },
  };
}
