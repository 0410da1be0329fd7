import type { Expression } from "../contract/expressions.ts";
import { boolean, physicalOf, type SqlType } from "../contract/types.ts";
import { assignment, type Code } from "../functions/scalar/code.ts";
import { orderOf } from "../functions/scalar/compare.ts";
import { heapBytes, lane, type Slot } from "../functions/scalar/slot.ts";

/** Writes an expression's code where it stands, so that a branch not taken is not computed. */
export type Compile = (e: Expression) => Slot;

/** AND and OR of three-valued logic: what follows the deciding operand is not computed. */
export function emitConjunction(code: Code, compile: Compile, kind: "and" | "or", args: readonly Expression[]): Slot {
  // `decided` is the value that needs no further operand: false for AND, true for OR.
  const decided = kind === "and" ? "0" : "1";
  const value = code.name();
  const isNull = code.name();
  code.line(`let ${value} = ${kind === "and" ? "1" : "0"}, ${isNull} = 0;`);
  const open = kind === "and" ? value : `!${value}`;
  args.forEach((argument, a) => {
    const step = (): void => {
      const operand = compile(argument);
      const test = kind === "and" ? `!${lane(operand)}` : lane(operand);
      const decide = `if (${test}) ${value} = ${decided};`;
      code.line(operand.isNull === null ? decide : `if (${operand.isNull}) ${isNull} = 1; else ${decide}`);
    };
    if (a === 0) step();
    else code.block(`if (${open})`, step);
  });
  code.line(`if (${kind === "and" ? `!${value}` : value}) ${isNull} = 0;`);
  return { type: boolean, lanes: [value], isNull };
}

/**
 * The value of the branch that was taken. A string's array is the same on all branches: that of their column when they share
 * one, else the heap, to which a column's strings are copied.
 */
class Merge {
  readonly #code: Code;
  readonly #branches: Slot[] = [];
  readonly #type: SqlType;
  readonly #lanes: readonly string[];
  readonly #isNull: string;

  constructor(code: Code, type: SqlType) {
    this.#code = code;
    this.#type = type;
    const slot = code.declare(type, null);
    this.#lanes = slot.lanes;
    this.#isNull = code.name();
    code.line(`let ${this.#isNull} = 0;`);
  }

  /** Within a branch: its value is the result. */
  take(branch: Slot): void {
    this.#branches.push(branch);
    this.#code.later(() => `${this.#assign(branch)}${branch.isNull === null ? "" : ` ${this.#isNull} = ${branch.isNull} ? 1 : 0;`}`);
  }

  result(): Slot {
    const neverNull = this.#branches.every((branch) => branch.isNull === null);
    return { type: this.#type, lanes: this.#resultLanes(), isNull: neverNull ? null : this.#isNull };
  }

  #resultLanes(): readonly string[] {
    return physicalOf(this.#type) === "bytes" ? [this.#bytes(), ...this.#lanes.slice(1)] : this.#lanes;
  }

  #bytes(): string {
    const arrays = new Set(this.#branches.filter((b) => !isEmpty(b)).map((b) => b.lanes[0] as string));
    return arrays.size === 1 ? ([...arrays][0] as string) : heapBytes;
  }

  #assign(branch: Slot): string {
    const target: Slot = { type: this.#type, lanes: this.#resultLanes(), isNull: null };
    if (physicalOf(this.#type) !== "bytes" || branch.lanes[0] === target.lanes[0]) return assignment(target, branch.lanes);
    if (isEmpty(branch)) return assignment(target, ["", "0", "0"]);
    const copy = `${target.lanes[1]} = heap.append(${branch.lanes.join(", ")}); ${target.lanes[2]} = heap.at;`;
    return branch.isNull === null ? copy : `if (!${branch.isNull}) { ${copy} }`;
  }
}

/** A NULL or an empty literal needs no bytes of its own. */
const isEmpty = (slot: Slot): boolean => slot.literal === null || slot.literal === "";

export function emitCase(code: Code, compile: Compile, e: Extract<Expression, { readonly kind: "case" }>): Slot {
  const merge = new Merge(code, e.type);
  const branch = (w: number): void => {
    const check = e.whens[w];
    if (check === undefined) return merge.take(compile(e.otherwise));
    const when = compile(check.when);
    const taken = when.isNull === null ? lane(when) : `!${when.isNull} && ${lane(when)}`;
    code.block(`if (${taken})`, () => merge.take(compile(check.result)));
    code.block("else", () => branch(w + 1));
  };
  branch(0);
  return merge.result();
}

export function emitCoalesce(code: Code, compile: Compile, e: Extract<Expression, { readonly kind: "coalesce" }>): Slot {
  const merge = new Merge(code, e.type);
  const branch = (a: number): void => {
    const value = compile(e.arguments[a] as Expression);
    if (value.isNull === null || a === e.arguments.length - 1) return merge.take(value);
    code.block(`if (!${value.isNull})`, () => merge.take({ ...value, isNull: null }));
    code.block("else", () => branch(a + 1));
  };
  branch(0);
  return merge.result();
}

/** NULL only where the bounds that are known do not say no. */
export function emitBetween(code: Code, compile: Compile, e: Extract<Expression, { readonly kind: "between" }>): Slot {
  const [value, lower, upper] = [compile(e.argument), compile(e.lower), compile(e.upper)];
  const above = orderOf(code, e.lowerInclusive ? ">=" : ">", value, lower);
  const below = orderOf(code, e.upperInclusive ? "<=" : "<", value, upper);
  const [noValue, noLower, noUpper] = [value.isNull ?? "0", lower.isNull ?? "0", upper.isNull ?? "0"];
  if (value.isNull === null && lower.isNull === null && upper.isNull === null) {
    return { type: boolean, lanes: [code.local(`${above} && ${below}`)], isNull: null };
  }
  const isNull = code.local(`${noValue} || ${noLower} || ${noUpper} ? 1 : 0`);
  const answer = code.declare(boolean, code.name());
  code.line(`let ${answer.isNull} = ${isNull};`);
  code.block(`if (!${isNull})`, () => code.line(`${lane(answer)} = ${above} && ${below};`));
  code.block(`else if (!(${noValue}))`, () =>
    code.line(`if ((!(${noLower}) && !${above}) || (!(${noUpper}) && !${below})) ${answer.isNull} = 0;`),
  );
  return answer;
}
