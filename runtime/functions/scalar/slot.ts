import { type Physical, physicalOf, type SqlType } from "../../contract/types.ts";
import type { Value } from "../../contract/value.ts";

/**
 * A value within the generated row loop. Each lane is a JavaScript expression without side effects (a name or a constant):
 *
 * u8: truthy or falsy; i32, f64: a number; i64: a BigInt within 64 bits; i128: [low, high] as in I128Column;
 * bytes: [array, start, end]; interval: [months, days, micros]; list, struct: none, only NULL or not is known.
 *
 * Below a NULL the lanes hold any value of the right JavaScript type, string offsets inside their array.
 */
export interface Slot {
  readonly type: SqlType;
  readonly lanes: readonly string[];
  /** An expression that is truthy where the value is NULL; null = never NULL. */
  readonly isNull: string | null;
  /** The value, when it is a literal. */
  readonly literal?: Value;
  /** An i128 that is known to fit 64 bits: its high lane is the sign of its low lane. */
  readonly narrow?: boolean;
}

/** Strings computed into the heap have this expression as their array: the heap's array changes when it grows. */
export const heapBytes = "heap.bytes";

const initialLanes: Readonly<Record<Physical, readonly string[]>> = {
  u8: ["0"],
  i32: ["0"],
  i64: ["0n"],
  i128: ["0n", "0n"],
  f64: ["0"],
  bytes: ["", "0", "0"],
  interval: ["0", "0", "0n"],
  list: [],
  struct: [],
};

/** What lanes hold before they are assigned. */
export const initialOf = (type: SqlType): readonly string[] => initialLanes[physicalOf(type)];

/** The one lane of u8, i32, i64 and f64. */
export const lane = (slot: Slot): string => slot.lanes[0] as string;

/** An i128 as one BigInt. */
export const wide = (slot: Slot): string =>
  slot.narrow === true ? (slot.lanes[0] as string) : `((${slot.lanes[1]} << 64n) | BigInt.asUintN(64, ${slot.lanes[0]}))`;

/** An i64 or i128 as one BigInt. */
export const bigOf = (slot: Slot): string => (slot.lanes.length === 2 ? wide(slot) : lane(slot));
