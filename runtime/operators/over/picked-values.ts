import type { Column, I64Column } from "../../contract/batch.ts";
import type { Offset, OverCall } from "../../contract/ordering.ts";
import { makeColumnBuilder } from "../../exchange/batch-builder.ts";
import { type LayoutNode, layoutOf } from "../../exchange/frame-layout.ts";
import { gatherColumn } from "../../expr/gather.ts";
import { type FrameInput, type FramePart, framesOf, offsetOf } from "./frame-bounds.ts";
import type { Positions } from "./positions.ts";

type Picking = Extract<OverCall, { readonly kind: "lag" | "lead" | "firstValue" | "lastValue" | "nthValue" }>;

/** No row is picked: there is none, or it is not known which. */
const none = -1;
const unknown = -2;

/** Functions that take a value of another row of the partition: per position the row that it is of, then the values are gathered. */
export function pickedValues(call: Picking, input: FrameInput): Column {
  const { positions, columns } = input;
  const value = columns[call.value] as Column;
  const counts = call.ignoreNulls && value.validity !== null ? new ValueCounts(value.validity, positions) : null;
  const picked = new Int32Array(positions.count);
  const pick = pickOf(call, input, counts);
  for (let p = 0; p < positions.count; p++) {
    const at = pick(p);
    picked[p] = at < 0 ? at : (positions.rows.values[at] as number);
  }
  const fallback = call.kind === "lag" || call.kind === "lead" ? call.fallback : null;
  if (fallback === null || !picked.includes(none)) return gathered(value, picked, positions.count);
  return withFallback(call, value, columns[fallback] as Column, picked, positions);
}

type Pick = (position: number) => number;

function isNullOffset(offset: Offset, { positions, columns }: FrameInput, p: number): boolean {
  if ("constant" in offset) return false;
  const { validity } = columns[offset.column] as Column;
  return validity !== null && validity[positions.rows.values[p] as number] === 0;
}

function pickOf(call: Picking, input: FrameInput, counts: ValueCounts | null): Pick {
  switch (call.kind) {
    case "lag":
    case "lead": {
      const sign = call.kind === "lag" ? -1 : 1;
      const offset = offsetOf(call.offset, input);
      const shift = shifted(input.positions, (p) => sign * offset(p), counts);
      return (p) => (isNullOffset(call.offset, input, p) ? unknown : shift(p));
    }
    case "firstValue":
      return inFrame(framesOf(call.frame, input), counts, () => 1);
    case "lastValue":
      return fromEnd(framesOf(call.frame, input), counts);
    case "nthValue":
      return inFrame(framesOf(call.frame, input), counts, nthOf(call.nth, input));
  }
}

/** Rows without a NULL, counted from the front: so the n-th from anywhere is found without a search. */
class ValueCounts {
  /** How many positions before each have a value; one more at the end. */
  readonly before: Int32Array;
  /** The positions that have one, in order. */
  readonly at: Int32Array;

  constructor(validity: Uint8Array, { rows, count }: Positions) {
    this.before = new Int32Array(count + 1);
    this.at = new Int32Array(count);
    let values = 0;
    for (let p = 0; p < count; p++) {
      this.before[p] = values;
      if (validity[rows.values[p] as number] === 1) this.at[values++] = p;
    }
    this.before[count] = values;
  }
}

function shifted({ partitionStart, partitionEnd }: Positions, distance: Pick, counts: ValueCounts | null): Pick {
  const within = (at: number, p: number): number =>
    at >= (partitionStart.values[p] as number) && at < (partitionEnd.values[p] as number) ? at : none;
  if (counts === null) return (p) => within(p + distance(p), p);
  const { before, at } = counts;
  return (p) => {
    const n = distance(p);
    if (n === 0) return p;
    const index = n < 0 ? (before[p] as number) + n : (before[p + 1] as number) + n - 1;
    return index < 0 || index >= (before.at(-1) as number) ? none : within(at[index] as number, p);
  };
}

function inFrame(parts: readonly FramePart[], counts: ValueCounts | null, nth: Pick): Pick {
  return (p) => {
    let left = nth(p);
    if (left < 1) return none;
    for (const { low, high } of parts) {
      const [from, to] = countedRange(low[p] as number, high[p] as number, counts);
      if (left <= to - from) return counts === null ? from + left - 1 : (counts.at[from + left - 1] as number);
      left -= to - from;
    }
    return none;
  };
}

function fromEnd(parts: readonly FramePart[], counts: ValueCounts | null): Pick {
  return (p) => {
    for (let k = parts.length - 1; k >= 0; k--) {
      const { low, high } = parts[k] as FramePart;
      const [from, to] = countedRange(low[p] as number, high[p] as number, counts);
      if (to > from) return counts === null ? to - 1 : (counts.at[to - 1] as number);
    }
    return none;
  };
}

const countedRange = (low: number, high: number, counts: ValueCounts | null): readonly [number, number] =>
  counts === null ? [low, high] : [counts.before[low] as number, counts.before[high] as number];

/** 0, which picks nothing, where it is NULL. */
function nthOf(column: number, { positions, columns }: FrameInput): Pick {
  const { values, validity } = columns[column] as I64Column;
  return (p) => {
    const row = positions.rows.values[p] as number;
    return validity !== null && validity[row] === 0 ? 0 : Number(values[row] as bigint);
  };
}

/** The value of each picked row, NULL for none. */
function gathered(value: Column, picked: Int32Array, count: number): Column {
  const valid = new Uint8Array(count);
  const from = new Int32Array(count);
  for (let p = 0; p < count; p++) {
    const row = picked[p] as number;
    from[p] = Math.max(0, row);
    valid[p] = row === none || row === unknown || (value.validity !== null && value.validity[row] === 0) ? 0 : 1;
  }
  return { ...gatherColumn({ ...value, validity: null }, from, count), validity: valid.includes(0) ? valid : null };
}

/** The same, with the row's own fallback where no row is picked. */
function withFallback(call: Picking, value: Column, fallback: Column, picked: Int32Array, { rows, count }: Positions): Column {
  const builder = makeColumnBuilder(layoutOf({ columns: [{ name: call.kind, type: call.type }] }).columns[0] as LayoutNode);
  const known = gathered(value, picked, count);
  for (let from = 0; from < count; ) {
    const isMissing = picked[from] === none;
    let to = from + 1;
    while (to < count && (picked[to] === none) === isMissing) to++;
    if (isMissing) builder.append(fallback, { selection: rows.values, from, to });
    else builder.append(known, { selection: null, from, to });
    from = to;
  }
  return builder.build();
}
