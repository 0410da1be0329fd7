import type { ProfileView, StackNode } from "../../../runtime/contract/diagnostics.ts";
import type { Route } from "../route.ts";
import { anything, integer, listOf, record, text } from "../schema.ts";
import { vertexFacts, nowOf, notFound } from "./facts.ts";
import { watchSubtasks } from "./flame-graphs.ts";

const views: Readonly<Record<string, ProfileView>> = { on_cpu: "on_cpu", off_cpu: "off_cpu", full: "full" };

const node = { name: text, value: integer } as const;

export const flameGraphRoutes: readonly Route[] = [
  {
    method: "get",
    path: "/jobs/:jid/vertices/:vid/flamegraph",
    tag: "flink",
    doc: "Where the threads that run the vertex's subtasks were within a second: samples of V8's profiler by stack",
    query: { type: "`full` (default), `on_cpu` or `off_cpu`", subtaskindex: "of one subtask; all by default" },
    answer: record({ endTimestamp: integer, data: record({ ...node, children: listOf(record({ ...node, children: listOf(anything) })) }) }),
    handle: async (c, context) => {
      const facts = vertexFacts(c, context);
      if (facts === null) return notFound(c, `vertex ${c.req.param("vid") ?? ""}`);
      const view = views[(c.req.query("type") ?? "full").toLowerCase()];
      if (view === undefined) return c.json({ errors: ["type must be full, on_cpu or off_cpu"] }, 400);
      const index = c.req.query("subtaskindex");
      const subtasks = facts.vertex.subtasks.filter(({ subtask }) => index === undefined || String(subtask) === index);
      if (subtasks.length === 0) return notFound(c, `subtask ${index}`);
      const key = `${facts.job.info.id}/${facts.vertex.id}/${index ?? "all"}/${view}`;
      const graph = await context.flameGraphs.of(key, nowOf(context), () => watchSubtasks(subtasks, view, context));
      return c.json({ endTimestamp: Math.round(graph.endTimestamp_ms), data: printed(graph.root) });
    },
  },
];

const printed = ({ name, samples, children }: StackNode): object => ({ name, value: samples, children: children.map(printed) });
