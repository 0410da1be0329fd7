import { assert } from "../../runtime/contract/errors.ts";
import { type Field, sameType, type SqlType } from "../../runtime/contract/types.ts";
import { bindingKey, type Scope } from "./expressions.ts";
import { indexes, type Json, type JsonObject, objects } from "./json.ts";
import type { BoundPlan } from "./nodes.ts";

/** A node with the bindings of its columns. */
export interface Read {
  readonly plan: BoundPlan;
  readonly bindings: readonly string[];
}

/** What a node sees of those around it. */
export interface Surroundings {
  /** Columns of the common table expressions in scope, by id. */
  readonly ctes: ReadonlyMap<number, readonly Field[]>;
  /** Columns that the nearest enclosing DELIM_JOIN makes distinct for its other side. */
  readonly delim: readonly Field[] | null;
  /** Reads an input. */
  readonly read: NodeReader;
}

export type NodeReader = (json: JsonObject, around: Surroundings) => Read;

export const scopeOf = (read: Read): Scope => ({ columns: read.plan.columns, bindings: read.bindings });

/** The columns of `list` at the positions of `map`, all of them if there is no map. */
export const keep = <T>(values: readonly T[], map: readonly number[] | null): readonly T[] =>
  map === null
    ? values
    : map.map((i) => {
        const value = values[i];
        assert(value !== undefined, "a projection map stays within its columns");
        return value;
      });

export const mapOf = (json: JsonObject, key: string): readonly number[] | null => {
  const map = indexes(json, key);
  return map.length === 0 ? null : map;
};

export const bindingsOf = (tableIndex: Json | undefined, count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => bindingKey(tableIndex, i));

export const anonymous = (types: readonly SqlType[]): Field[] => types.map((type, i) => ({ name: `column${i + 1}`, type }));

export function onlyInput(json: JsonObject, around: Surroundings): Read {
  const [child] = objects(json, "children");
  assert(child !== undefined, "the operator has an input");
  return around.read(child, around);
}

/** An operator whose columns are its input's. */
export function passing(json: JsonObject, around: Surroundings, make: (input: Read) => BoundPlan): Read {
  const input = onlyInput(json, around);
  return { plan: make(input), bindings: input.bindings };
}

export function twoInputs(json: JsonObject, around: Surroundings): readonly [Read, Read] {
  const [left, right] = objects(json, "children");
  assert(left !== undefined && right !== undefined, "the operator has two inputs");
  return [around.read(left, around), around.read(right, around)];
}

export function assertTypes(columns: readonly Field[], types: readonly SqlType[], why: string): void {
  assert(columns.length === types.length && columns.every((c, i) => sameType(c.type, types[i] as SqlType)), why);
}
