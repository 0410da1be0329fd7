import type { Frame, FrameBound, OverCall } from "./ordering.ts";

/**
 * What answers in the order of event time need of rows that were answered before: the last so many of a partition, those no longer
 * ago than a span, or all of them.
 */
export interface Retention {
  readonly rows: number;
  readonly span_us: bigint;
  readonly all: boolean;
}

const nothing: Retention = { rows: 0, span_us: 0n, all: false };
const everything: Retention = { rows: 0, span_us: 0n, all: true };

/** Whether the answer is carried on from row to row: then no earlier row is needed. */
export function isCarried(call: OverCall): boolean {
  switch (call.kind) {
    case "rowNumber":
    case "rank":
    case "denseRank":
      return true;
    case "aggregate":
      return call.frame.start.kind === "unboundedPreceding" && call.frame.end.kind === "currentRow" && call.frame.exclude === "nothing";
    default:
      return false;
  }
}

export const retentionOf = (calls: readonly OverCall[]): Retention => calls.map(needOf).reduce(union, nothing);

export const keepsNothing = ({ rows, span_us, all }: Retention): boolean => rows === 0 && span_us === 0n && !all;

const union = (a: Retention, b: Retention): Retention => ({
  rows: Math.max(a.rows, b.rows),
  span_us: a.span_us > b.span_us ? a.span_us : b.span_us,
  all: a.all || b.all,
});

function needOf(call: OverCall): Retention {
  if (isCarried(call)) return nothing;
  switch (call.kind) {
    case "lag":
      return "constant" in call.offset && !call.ignoreNulls ? { ...nothing, rows: call.offset.constant } : everything;
    case "firstValue":
    case "lastValue":
    case "nthValue":
    case "aggregate":
      return frameNeed(call.frame);
    default:
      return everything;
  }
}

/** How far back the frame begins. Peers are answered together. */
function frameNeed({ start, end }: Frame): Retention {
  return union(boundNeed(start), boundNeed(end));
}

function boundNeed(bound: FrameBound): Retention {
  switch (bound.kind) {
    case "currentRow":
      return nothing;
    case "preceding":
      return bound.unit === "rows" && "constant" in bound.offset ? { ...nothing, rows: Math.max(0, bound.offset.constant) } : everything;
    case "value":
      return bound.span_us === null ? everything : { ...nothing, span_us: bound.span_us };
    default:
      return everything;
  }
}

/** Whether rows that come later in the order may change the answer for a row. Peers come with it. */
export function looksAhead(call: OverCall): boolean {
  switch (call.kind) {
    case "rowNumber":
    case "rank":
    case "denseRank":
      return false;
    case "lag":
      return !("constant" in call.offset) || call.offset.constant < 0;
    case "firstValue":
    case "lastValue":
    case "nthValue":
    case "aggregate":
      return isAhead(call.frame.end) || isAhead(call.frame.start);
    default:
      return true;
  }
}

const isAhead = (bound: FrameBound): boolean =>
  bound.kind === "following" ||
  bound.kind === "unboundedFollowing" ||
  (bound.kind === "preceding" && !("constant" in bound.offset && bound.offset.constant >= 0)) ||
  (bound.kind === "value" && (bound.span_us === null || bound.span_us < 0n));
