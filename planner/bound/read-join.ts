import { assert } from "../../runtime/contract/errors.ts";
import { boolean, type Field } from "../../runtime/contract/types.ts";
import type { Expression } from "../../runtime/contract/expressions.ts";
import { bindingKey, readCompareOperator, readExpression, readExpressions, readOptional, type Scope } from "./expressions.ts";
import { flag, type JsonObject, object, objects, text } from "./json.ts";
import type { BoundJoin, JoinKind } from "./nodes.ts";
import { keep, mapOf, type Read, scopeOf, type Surroundings, twoInputs } from "./read.ts";

const forms: Readonly<Record<string, BoundJoin["form"]>> = {
  LOGICAL_COMPARISON_JOIN: "comparison",
  LOGICAL_ANY_JOIN: "any",
  LOGICAL_ASOF_JOIN: "asof",
  LOGICAL_DELIM_JOIN: "delim",
};

const mark: Field = { name: "mark", type: boolean };

/** Conditions look at the inputs before their projection maps; `condition` and `predicate` at the join's output. */
export function readJoin(json: JsonObject, around: Surroundings): Read {
  const form = forms[text(json, "type")];
  const join = text(json, "join_type") as JoinKind;
  assert(form !== undefined, "the plan's join is of a known form");
  const { inputs, delim } = form === "delim" ? readDelimInputs(json, around) : { inputs: twoInputs(json, around), delim: [] };
  const [left, right] = inputs;
  const keepLeft = mapOf(json, "left_projection_map");
  const keepRight = mapOf(json, "right_projection_map");
  const output = outputOf(join, left, right, keepLeft, keepRight, bindingKey(json["mark_index"], 0));
  const over: Scope =
    join === "SEMI" || join === "ANTI"
      ? { columns: [...output.columns, ...right.plan.columns], bindings: [...output.bindings, ...right.bindings] }
      : output;
  const conditions = objects(json, "conditions").map((condition) => ({
    operator: readCompareOperator(text(condition, "comparison")),
    left: readExpression(object(condition["left"]), scopeOf(left)),
    right: readExpression(object(condition["right"]), scopeOf(right)),
  }));
  const predicate = readOptional(json, "condition", over) ?? readOptional(json, "predicate", over);
  return {
    plan: {
      kind: "join",
      join,
      form,
      left: left.plan,
      right: right.plan,
      conditions,
      predicate,
      keepLeft,
      keepRight,
      delim,
      columns: output.columns,
    },
    bindings: output.bindings,
  };
}

/** The other side of a DELIM_JOIN reads the distinct values of some columns of this side. */
function readDelimInputs(
  json: JsonObject,
  around: Surroundings,
): { readonly inputs: readonly [Read, Read]; readonly delim: readonly Expression[] } {
  const [left, right] = objects(json, "children");
  assert(left !== undefined && right !== undefined, "a join has two inputs");
  assert(!flag(json, "delim_flipped"), "the optimiser that swaps the sides of a join is off");
  const side = around.read(left, around);
  const distinct = readExpressions(objects(json, "duplicate_eliminated_columns"), scopeOf(side));
  const columns = distinct.map((e, i) => ({ name: `delim${i + 1}`, type: e.type }));
  return { inputs: [side, around.read(right, { ...around, delim: columns })], delim: distinct };
}

function outputOf(
  join: JoinKind,
  left: Read,
  right: Read,
  keepLeft: readonly number[] | null,
  keepRight: readonly number[] | null,
  markBinding: string,
): Scope {
  const l: Scope = { columns: keep(left.plan.columns, keepLeft), bindings: keep(left.bindings, keepLeft) };
  const r: Scope = { columns: keep(right.plan.columns, keepRight), bindings: keep(right.bindings, keepRight) };
  switch (join) {
    case "SEMI":
    case "ANTI":
      return l;
    case "RIGHT_SEMI":
    case "RIGHT_ANTI":
      return r;
    case "MARK":
      return { columns: [...l.columns, mark], bindings: [...l.bindings, markBinding] };
    default:
      return { columns: [...l.columns, ...r.columns], bindings: [...l.bindings, ...r.bindings] };
  }
}
