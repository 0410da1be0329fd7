import { SqlError } from "../../contract/errors.ts";
import { physicalOf, sameType, type SqlType } from "../../contract/types.ts";
import type { Value } from "../../contract/value.ts";
import type { NativeFunction } from "../native/define.ts";
import { nativeFunctions } from "../native/registry.ts";
import type { ByteHeap } from "./byte-heap.ts";
import { textOf } from "./bytes.ts";
import { type Code, nullable } from "./code.ts";
import { type Call, compute, type Resolution, type ScalarFunction } from "./define.ts";
import { lanesOfBig } from "./number-lanes.ts";
import { bigOf, lane, type Slot } from "./slot.ts";

/**
 * Functions of values (../native) called from the row loop. A failure's text depends on the data, so it is kept here until the
 * loop that it left has said which failure it was.
 */
class Evaluation {
  readonly #evaluate: (...args: readonly Value[]) => Value;
  #error: SqlError | null = null;
  /** The result of the last call. */
  value: Value = null;

  constructor(definition: NativeFunction) {
    this.#evaluate = definition.evaluate as (...args: readonly Value[]) => Value;
  }

  /** 1 where the data has no result. */
  run(...args: readonly Value[]): 0 | 1 {
    try {
      this.value = this.#evaluate(...args);
      return 0;
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      this.#error = error;
      return 1;
    }
  }

  get error(): SqlError {
    return this.#error ?? new SqlError({ sqlState: "22000", message: "a value has no result" });
  }

  /** Stores the result in the heap and returns where it starts; it ends at `heap.at`. */
  store(heap: ByteHeap): number {
    return this.value instanceof Uint8Array ? heap.append(this.value, 0, this.value.length) : heap.appendText(this.value as string);
  }
}

/** A JavaScript expression of the slot's Value; it is not NULL. */
function valueOf(slot: Slot, code: Code): string {
  switch (physicalOf(slot.type)) {
    case "u8":
      return `!!${lane(slot)}`;
    case "i128":
      return bigOf(slot);
    case "bytes":
      return `${code.constant(slot.type.id === "blob" ? bytesOf : textOf)}(${slot.lanes.join(", ")})`;
    case "interval":
      return `{ months: ${slot.lanes[0]}, days: ${slot.lanes[1]}, micros: ${slot.lanes[2]} }`;
    default:
      return lane(slot);
  }
}

const bytesOf = (bytes: Uint8Array, start: number, end: number): Uint8Array => bytes.slice(start, end);

function lanesOfResult(code: Code, type: SqlType, evaluation: string): readonly string[] {
  const value = `${evaluation}.value`;
  switch (physicalOf(type)) {
    case "u8":
      return [code.local(`${value} ? 1 : 0`)];
    case "i128":
      return lanesOfBig(code, value);
    case "bytes": {
      const start = code.local(`${evaluation}.store(heap)`);
      return ["", start, "heap.at"];
    }
    case "interval":
      return ["months", "days", "micros"].map((part) => code.local(`${value}.${part}`));
    default:
      return [code.local(value)];
  }
}

function emit(code: Code, definition: NativeFunction, args: readonly Slot[]): Slot {
  const own = new Evaluation(definition);
  const evaluation = code.constant(own);
  const type = definition.returns;
  const takesNull = definition.takesNull === true;
  const value = (slot: Slot): string =>
    takesNull && slot.isNull !== null ? `(${slot.isNull} ? null : ${valueOf(slot, code)})` : valueOf(slot, code);
  return nullable(code, type, takesNull ? [] : args, (isNull) => {
    code.line(`if (${evaluation}.run(${args.map(value).join(", ")}) === 1) ${code.failureOf(() => own.error)}`);
    const result = code.declare(type, null);
    code.line(`if (${evaluation}.value === null) ${isNull} = 1;`);
    code.block("else", () => code.assign(result, lanesOfResult(code, type, evaluation)));
    return result.lanes;
  });
}

/** DuckDB casts arguments to the declared types, so that they are equal or the call is another function of that name. */
function accepts(definition: NativeFunction, call: Call): boolean {
  const { parameters, rest } = definition;
  if (call.arguments.length < parameters.length || (rest === undefined && call.arguments.length > parameters.length)) return false;
  return call.arguments.every((argument, i) => sameText(argument.type, parameters[i] ?? (rest as SqlType)));
}

/** JSON is text, and DuckDB casts between the two without a word. */
const sameText = (given: SqlType, wanted: SqlType): boolean => sameType(given, wanted) || (given.id === "json" && wanted.id === "varchar");

const resolve =
  (definition: NativeFunction) =>
  (call: Call): Resolution | null =>
    accepts(definition, call) && call.type.id === definition.returns.id
      ? compute(call, (code, args) => emit(code, definition, args))
      : null;

/** A function of values as one of the row loop. */
export const scalarOf = (definition: NativeFunction): ScalarFunction => ({
  names: [definition.name],
  doc: definition.doc,
  examples: definition.examples,
  resolve: resolve(definition),
});

export const nativeScalars: readonly ScalarFunction[] = nativeFunctions.map(scalarOf);
