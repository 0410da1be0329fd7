import type { Answer, ProfileView, StackNode } from "../../../runtime/contract/diagnostics.ts";
import type { SubtaskInfo, TaskManagerInfo } from "../../../runtime/contract/control.ts";
import { messageOf } from "../../../runtime/contract/errors.ts";
import type { HttpContext } from "../http-session.ts";

export interface FlameGraph {
  readonly endTimestamp_ms: number;
  readonly root: StackNode;
}

/** Those who look at one page at one time see one graph: Flink's dashboard asks again every few seconds. */
const fresh_ms = 5_000;
const kept_max = 50;

/** Flame graphs of vertices (Flink's VertexThreadInfoTracker): made when asked for. */
export class FlameGraphs {
  readonly #made = new Map<string, { readonly asked_ms: number; readonly graph: Promise<FlameGraph> }>();

  /** `key` names what is watched. */
  of(key: string, now_ms: number, make: () => Promise<FlameGraph>): Promise<FlameGraph> {
    const known = this.#made.get(key);
    if (known !== undefined && now_ms - known.asked_ms < fresh_ms) return known.graph;
    const graph = make();
    this.#made.delete(key);
    this.#made.set(key, { asked_ms: now_ms, graph });
    graph.catch(() => this.#made.delete(key));
    for (const old of [...this.#made.keys()].slice(0, -kept_max)) this.#made.delete(old);
    return graph;
  }
}

/** Watches the threads of the subtasks' slots, on every TaskManager at once. Slots are shared: other tasks of theirs are seen, too. */
export async function watchSubtasks(subtasks: readonly SubtaskInfo[], view: ProfileView, context: HttpContext): Promise<FlameGraph> {
  const threads = threadsOf(subtasks, context.engine.taskManagers());
  const answers = await Promise.all(
    [...threads].map(([id, names]) => context.askTaskManager(id, { kind: "profile", threads: names, view }).then(rootOf)),
  );
  const roots = answers.flatMap((root) => (root === null ? [] : [root]));
  return { endTimestamp_ms: context.world.clock.now_ms(), root: merged("root", roots) };
}

/** A TaskManager that has gone since has nothing to say. */
function rootOf(answer: Answer | null): StackNode | null {
  if (answer === null) return null;
  if (answer.kind === "profile") return answer.root;
  throw new Error(answer.kind === "failed" ? answer.reason : messageOf(answer));
}

/** The slots' threads by TaskManager: it numbers its slots from 0. */
export function threadsOf(
  subtasks: readonly SubtaskInfo[],
  taskManagers: readonly TaskManagerInfo[],
): ReadonlyMap<string, readonly string[]> {
  const wanted = new Set(subtasks.flatMap(({ slot }) => (slot === null ? [] : [slot])));
  const threads = taskManagers.map(({ id, slots }) => {
    const names = slots.flatMap(({ slot }, index) => (wanted.has(slot) ? [`slot-${index}`] : []));
    return [id, names] as const;
  });
  return new Map(threads.filter(([, names]) => names.length > 0));
}

function merged(name: string, nodes: readonly StackNode[]): StackNode {
  const byName = new Map<string, StackNode[]>();
  for (const child of nodes.flatMap(({ children }) => children)) byName.set(child.name, [...(byName.get(child.name) ?? []), child]);
  const children = [...byName].map(([childName, same]) => merged(childName, same));
  return { name, samples: nodes.reduce((sum, { samples }) => sum + samples, 0), children };
}
