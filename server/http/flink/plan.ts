import type { JobInfo } from "../../../runtime/contract/control.ts";
import type { JobShape, VertexShape } from "../../../runtime/contract/job-shape.ts";
import { integer, listOf, record, text } from "../schema.ts";

const inputSchema = record({ num: integer, id: text, ship_strategy: text, exchange: text });

export const planSchema = record({
  jid: text,
  name: text,
  type: text,
  nodes: listOf(
    record(
      {
        id: text,
        parallelism: integer,
        operator: text,
        operator_strategy: text,
        description: text,
        inputs: listOf(inputSchema),
        optimizer_properties: record({}),
      },
      ["inputs"],
    ),
  ),
});

/** The job's plan as Flink's dashboard draws it (Flink's JsonPlanGenerator). */
export const planOf = ({ id, name }: Pick<JobInfo, "id" | "name">, shape: JobShape): object => ({
  jid: id,
  name,
  type: "STREAMING",
  nodes: shape.vertices.map((vertex) => nodeOf(vertex, "")),
});

/** Of a job that does not run yet: the dashboard takes the names of its vertices from another key. */
export const previewOf = (name: string, shape: JobShape): object => ({
  jid: "",
  name,
  type: "STREAMING",
  nodes: shape.vertices.map((vertex) => nodeOf(vertex, vertex.name)),
});

const strategies = { forward: "FORWARD", hash: "HASH", rebalance: "REBALANCE", broadcast: "BROADCAST" } as const;

const nodeOf = ({ id, name, parallelism, inputs }: VertexShape, operator: string): object => ({
  id,
  parallelism,
  operator,
  operator_strategy: "",
  description: name,
  ...(inputs.length === 0
    ? {}
    : { inputs: inputs.map(({ from, ship }, num) => ({ num, id: from, ship_strategy: strategies[ship], exchange: "pipelined_bounded" })) }),
  optimizer_properties: {},
});
