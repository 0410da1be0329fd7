import { basename } from "node:path";
import type { Profiler } from "node:inspector";
import type { ProfileView, StackNode, ThreadStack } from "../contract/diagnostics.ts";
import { limits } from "../contract/limits.ts";
import type { ThreadSamples } from "./sample-threads.ts";

type Node = Profiler.ProfileNode;

/** V8's names for samples outside of JavaScript; the rest of `(program)` is native code. */
const idle = "(idle)";

/** Where the thread was last in JavaScript, or in native code if it was nowhere else; it waits when it did so most of the time. */
export function stackOf({ thread, profile }: ThreadSamples): ThreadStack {
  const names = new Map(profile.nodes.map((node) => [node.id, node.callFrame.functionName]));
  const samples = profile.samples ?? [];
  const awake = samples.filter((id) => names.get(id) !== idle);
  if (2 * awake.length < samples.length) return { name: thread, state: "waiting", frames: [] };
  const last = awake.findLast((id) => !(names.get(id) ?? "(").startsWith("(")) ?? awake.at(-1);
  return { name: thread, state: "running", frames: last === undefined ? [] : framesOf(last, profile.nodes) };
}

function framesOf(sample: number, nodes: readonly Node[]): readonly string[] {
  const parents = parentsOf(nodes);
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const frames: string[] = [];
  for (let at = byId.get(sample); at !== undefined && parents.has(at.id) && frames.length < limits.stackFrames_max; ) {
    frames.push(nameOf(at));
    at = byId.get(parents.get(at.id) as number);
  }
  return frames;
}

function parentsOf(nodes: readonly Node[]): ReadonlyMap<number, number> {
  return new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
}

/** The samples of all threads as one tree, the rarest stacks left out when there are too many. */
export function flameGraphOf(samples: readonly ThreadSamples[], view: ProfileView): StackNode {
  const root: Growing = { name: "root", samples: 0, children: new Map() };
  for (const { profile } of samples) addAll(root, profile.nodes, view);
  return frozen(root, leastSamples(root));
}

interface Growing {
  readonly name: string;
  samples: number;
  readonly children: Map<string, Growing>;
}

function addAll(root: Growing, nodes: readonly Node[], view: ProfileView): void {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const add = (into: Growing, { children = [] }: Node, depth: number): number => {
    let total = 0;
    for (const child of children.map((id) => byId.get(id))) {
      if (child === undefined || !isIn(view, child)) continue;
      const target = depth < limits.stackFrames_max ? childOf(into, nameOf(child)) : into;
      const below = (child.hitCount ?? 0) + add(target, child, depth + 1);
      if (target !== into) target.samples += below;
      total += below;
    }
    return total;
  };
  const top = nodes[0];
  if (top !== undefined) root.samples += add(root, top, 0);
}

const isIn = (view: ProfileView, { callFrame: { functionName } }: Node): boolean =>
  view === "full" || (functionName === idle) === (view === "off_cpu");

function childOf(parent: Growing, name: string): Growing {
  const child = parent.children.get(name) ?? { name, samples: 0, children: new Map() };
  parent.children.set(name, child);
  return child;
}

/** The least count with which a node is told, so that no more than the limit are. */
function leastSamples(root: Growing): number {
  const counts: number[] = [];
  const visit = (node: Growing): void => {
    counts.push(node.samples);
    for (const child of node.children.values()) visit(child);
  };
  visit(root);
  if (counts.length <= limits.flameGraph_nodes_max) return 1;
  return (counts.toSorted((a, b) => b - a)[limits.flameGraph_nodes_max] as number) + 1;
}

function frozen({ name, samples, children }: Growing, least: number): StackNode {
  const told = [...children.values()].filter((child) => child.samples >= least);
  return { name, samples, children: told.sort((a, b) => b.samples - a.samples).map((child) => frozen(child, least)) };
}

function nameOf({ callFrame: { functionName, url, lineNumber } }: Node): string {
  const name = functionName === "" ? "(anonymous)" : functionName;
  return url === "" ? name : `${name} (${basename(url)}:${lineNumber + 1})`;
}
