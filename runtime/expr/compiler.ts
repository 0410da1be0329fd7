import { assert } from "../contract/errors.ts";
import type { Expression } from "../contract/expressions.ts";
import { boolean, physicalOf } from "../contract/types.ts";
import { isInterval } from "../contract/value.ts";
import { resolveCall } from "../functions/registry.ts";
import type { ByteHeap } from "../functions/scalar/byte-heap.ts";
import { resolveCast } from "../functions/scalar/casts.ts";
import type { Code } from "../functions/scalar/code.ts";
import { comparedOperand, emitCompare } from "../functions/scalar/compare.ts";
import type { Resolution } from "../functions/scalar/define.ts";
import { pathOf } from "../functions/scalar/path.ts";
import { heapBytes, initialOf, lane, type Slot } from "../functions/scalar/slot.ts";
import type { KernelInputs } from "./inputs.ts";
import { keyOf } from "./key.ts";
import { emitBetween, emitCase, emitCoalesce, emitConjunction } from "./logic.ts";
import { emitIn } from "./membership.ts";

const encoder = new TextEncoder();

/** Writes the code of expressions into one row loop; equal subexpressions of one scope are computed once. */
export class ExpressionCompiler {
  readonly #code: Code;
  readonly #inputs: KernelInputs;
  readonly #heap: ByteHeap;

  constructor(code: Code, inputs: KernelInputs, heap: ByteHeap) {
    this.#code = code;
    this.#inputs = inputs;
    this.#heap = heap;
  }

  readonly compile = (e: Expression): Slot => {
    const key = keyOf(e);
    const known = this.#code.recall(key);
    if (known !== undefined) return known;
    const slot = this.#emit(e);
    this.#code.remember(key, slot);
    return slot;
  };

  #emit(e: Expression): Slot {
    const path = pathOf(e);
    if (path !== null) return this.#inputs.load(this.#code, path);
    switch (e.kind) {
      case "literal":
        return this.#literal(e);
      case "now":
        return { type: e.type, lanes: ["now"], isNull: null };
      case "cast":
        return this.#resolved(resolveCast(e), e);
      case "call":
        return this.#resolved(resolveCall(e), e);
      case "compare":
        return emitCompare(this.#code, e.operator, this.compile(comparedOperand(e.left)), this.compile(comparedOperand(e.right)));
      case "and":
      case "or":
        return emitConjunction(this.#code, this.compile, e.kind, e.arguments);
      case "not": {
        const a = this.compile(e.argument);
        return { type: boolean, lanes: [this.#code.local(`!${lane(a)}`)], isNull: a.isNull };
      }
      case "isNull":
        return { type: boolean, lanes: [this.compile(e.argument).isNull ?? "0"], isNull: null };
      case "isNotNull":
        return { type: boolean, lanes: [`!${this.compile(e.argument).isNull ?? "0"}`], isNull: null };
      case "in":
        return emitIn(this.#code, this.compile, e);
      case "between":
        return emitBetween(this.#code, this.compile, e);
      case "coalesce":
        return emitCoalesce(this.#code, this.compile, e);
      case "case":
        return emitCase(this.#code, this.compile, e);
      case "column":
        throw new Error("invariant: a column is a path");
    }
  }

  #resolved(resolution: Resolution | null, e: Expression): Slot {
    assert(resolution !== null, `canCompile was asked before a ${e.kind} is compiled`);
    return resolution.emit(this.#code, resolution.arguments.map(this.compile));
  }

  #literal(e: Extract<Expression, { readonly kind: "literal" }>): Slot {
    const { value, type } = e;
    const constant = (v: unknown): string => this.#code.constant(v);
    if (value === null) {
      const lanes = initialOf(type).map((initial) => (initial === "" ? heapBytes : initial));
      return { type, lanes, isNull: "1", literal: null };
    }
    const slot = (lanes: readonly string[]): Slot => ({ type, lanes, isNull: null, literal: value });
    switch (physicalOf(type)) {
      case "u8":
        return slot([value === true ? "1" : "0"]);
      case "i128": {
        const big = value as bigint;
        const low = BigInt.asIntN(64, big);
        return { ...slot([constant(low), constant(BigInt.asIntN(64, big >> 64n))]), narrow: low === big };
      }
      case "bytes": {
        const bytes = value instanceof Uint8Array ? value : encoder.encode(String(value as string));
        const start = this.#heap.keep(bytes);
        return slot([heapBytes, constant(start), constant(start + bytes.length)]);
      }
      case "interval":
        assert(isInterval(value), "an interval literal has its three parts");
        return slot([constant(value.months), constant(value.days), constant(value.micros)]);
      default:
        return slot([constant(value)]);
    }
  }
}
