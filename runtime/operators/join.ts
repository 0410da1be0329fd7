import type { JoinSpec } from "../contract/job-graph.ts";
import type { OperatorDefinition } from "../contract/operator.ts";
import type { Schema } from "../contract/types.ts";
import { rowTableSpec } from "../state/row-table-spec.ts";
import { MarkJoin } from "./join/mark-join.ts";
import { RegularJoin } from "./join/regular-join.ts";
import { distributionOf, sideOptions } from "./join/side.ts";

export const join: OperatorDefinition<JoinSpec> = {
  op: "join",
  doc: "Join of two inputs without windows, of every kind and over changelogs; keeps the rows of both.",
  stateTables: (spec, inputs) =>
    ([0, 1] as const).map((side) => rowTableSpec(sideOptions(spec, inputs[side] as Schema, side), distributionOf(spec, side))),
  create: (spec, context, output) => (spec.kind === "mark" ? new MarkJoin(spec, context, output) : new RegularJoin(spec, context, output)),
};
