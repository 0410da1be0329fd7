import { type SqlType, varchar } from "../../contract/types.ts";
import type { ByteHeap } from "./byte-heap.ts";
import { type Code, nullable, strict } from "./code.ts";
import { type Call, compute, type Resolution } from "./define.ts";
import type { Slot } from "./slot.ts";

/**
 * How the generated code calls the functions over strings. A string is passed as its lanes: array, start, end.
 * A function that stores a new string in the heap returns its start, and its end is `heap.at`. A function that gives a part of
 * its first argument returns where that starts (-1 for NULL), and its end is `heap.end`.
 */

const lanesOf = (args: readonly Slot[]): string => args.flatMap((arg) => arg.lanes).join(", ");

/** A string computed by `store`, called with all lanes of all arguments. */
export const emitStored = (code: Code, type: SqlType, args: readonly Slot[], store: (heap: ByteHeap, ...args: never) => number): Slot =>
  strict(code, type, args, () => {
    const start = code.local(`${code.constant(store)}(heap, ${lanesOf(args)})`);
    return ["", start, "heap.at"];
  });

/** A part of the first argument, which shares its bytes. `extra` are expressions passed behind it instead of the other arguments. */
export const emitView = (
  code: Code,
  type: SqlType,
  args: readonly Slot[],
  view: (heap: ByteHeap, ...args: never) => number,
  extra: (() => readonly string[]) | null = null,
): Slot =>
  strict(
    code,
    type,
    args,
    () => {
      const operands = extra === null ? lanesOf(args) : [lanesOf(args.slice(0, 1)), ...extra()].join(", ");
      const start = code.local(`${code.constant(view)}(heap, ${operands})`);
      return ["", start, "heap.end"];
    },
    args[0]?.lanes[0] as string,
  );

/** As `emitView`, for a view that may be NULL. */
export const emitNullableView = (
  code: Code,
  type: SqlType,
  args: readonly Slot[],
  view: (heap: ByteHeap, ...args: never) => number,
  extra: () => readonly string[],
): Slot =>
  nullable(
    code,
    type,
    args,
    (isNull) => {
      const start = code.local(`${code.constant(view)}(heap, ${[lanesOf(args.slice(0, 1)), ...extra()].join(", ")})`);
      code.line(`if (${start} < 0) ${isNull} = 1;`);
      return ["", `Math.max(${start}, 0)`, `${start} < 0 ? 0 : heap.end`];
    },
    args[0]?.lanes[0] as string,
  );

/** A number or condition computed from strings by `f`. */
export const emitScalar = (code: Code, type: SqlType, args: readonly Slot[], f: (...args: never) => unknown): Slot =>
  strict(code, type, args, () => [code.local(`${code.constant(f)}(${lanesOf(args)})`)]);

export const allText = (call: Call, count: number): boolean =>
  call.arguments.length === count && call.arguments.every((a) => a.type.id === "varchar");

/** A function of strings to a string that `store` computes. */
export const storedText = (call: Call, count: number, store: (heap: ByteHeap, ...args: never) => number): Resolution | null =>
  allText(call, count) && call.type.id === "varchar" ? compute(call, (code, args) => emitStored(code, varchar, args, store)) : null;

/** A function of strings to a number or boolean. */
export const scalarOfText = (call: Call, count: number, f: (...args: never) => unknown): Resolution | null =>
  allText(call, count) ? compute(call, (code, args) => emitScalar(code, call.type, args, f)) : null;
