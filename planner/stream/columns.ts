import type { Expression } from "../../runtime/contract/expressions.ts";
import { printExpression } from "../logical/print-expression.ts";
import { uniqueNames } from "../logical/nodes.ts";
import { calc } from "./calc.ts";
import { lineageOf, tracedExpression } from "./lineage.ts";
import type { StreamPlan } from "./nodes.ts";

/** Gathers the columns that an operator needs, each expression once, and makes the calc in front of it. */
export class ColumnList {
  readonly #input: StreamPlan;
  readonly #expressions: Expression[] = [];
  readonly #names: string[] = [];
  readonly #places = new Map<string, number>();

  constructor(input: StreamPlan) {
    this.#input = input;
  }

  /** The expression's column number; columns of the input keep their names. */
  add(e: Expression, name: string): number {
    const key = keyOf(e, this.#input);
    const known = this.#places.get(key);
    return known ?? this.append(e, name);
  }

  /** A column of its own, whether or not it is there already. */
  append(e: Expression, name: string): number {
    const at = this.#expressions.push(e) - 1;
    this.#names.push(e.kind === "column" ? (this.#input.schema.columns[e.index]?.name ?? name) : name);
    this.#places.set(keyOf(e, this.#input), at);
    return at;
  }

  /** The expression in terms of what lies below, whatever names have been given on the way. */
  lineage(e: Expression): string {
    return tracedExpression(e, lineageOf(this.#input));
  }

  get length(): number {
    return this.#expressions.length;
  }

  calc(filter: Expression | null): StreamPlan {
    const named = uniqueNames(this.#expressions.map((e, i) => ({ name: this.#names[i] ?? "column", type: e.type })));
    return calc(
      this.#input,
      filter,
      this.#expressions,
      named.map((field) => field.name),
    );
  }
}

/** By position: two columns of a join may have one name. */
function keyOf(e: Expression, input: StreamPlan): string {
  if (e.kind === "column") return `#${e.index}`;
  const numbered = { columns: input.schema.columns.map((field, i) => ({ ...field, name: `#${i}` })) };
  return `${e.type.id} ${printExpression(e, numbered)}`;
}
