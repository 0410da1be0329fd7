import type { WindowAggregateSpec } from "../../contract/job-graph.ts";

/** A window [start, end) is over when the watermark reaches its window_time, the end less 1 ms (semantics.md section 4). */
export const windowTime_us = 1_000n;

/**
 * How windows are made of slices: state is kept per slice, a window is the merge of the slices whose ends lie in (start, end].
 * TUMBLE: a slice is a window. HOP: slices of the slide. CUMULATE: slices of the step. Rows with windows attached: a slice per window_end.
 */
export interface WindowGeometry {
  /** Slices end at the points offset + k * size; size 0: times are slice ends already. */
  readonly sliceSize_us: bigint;
  readonly offset_us: bigint;
  /** Several windows may hold one slice. */
  readonly shared: boolean;
  /** End of the last window that holds the slice: when that has fired, the slice goes and its rows are late. */
  lastWindow(sliceEnd: bigint): bigint;
  /** The windows' start; the window's first slice ends after it. */
  windowStart(windowEnd: bigint): bigint;
  /** The least window end after `time` at which a window may fire. */
  windowEndAfter(time: bigint): bigint;
}

/** The greatest grid point that is not above `time`. */
function floorTo(time: bigint, size: bigint, offset: bigint): bigint {
  const rest = (time - offset) % size;
  return time - (rest < 0n ? rest + size : rest);
}

const gridAfter = (size: bigint, offset: bigint) => (time: bigint) => floorTo(time, size, offset) + size;

export function geometryOf(window: WindowAggregateSpec["window"]): WindowGeometry {
  switch (window.kind) {
    case "tumble":
      return {
        sliceSize_us: window.size_us,
        offset_us: window.offset_us,
        shared: false,
        lastWindow: (sliceEnd) => sliceEnd,
        windowStart: (windowEnd) => windowEnd - window.size_us,
        windowEndAfter: gridAfter(window.size_us, window.offset_us),
      };
    case "hop":
      return {
        sliceSize_us: window.slide_us,
        offset_us: window.offset_us,
        shared: window.size_us > window.slide_us,
        lastWindow: (sliceEnd) => sliceEnd + window.size_us - window.slide_us,
        windowStart: (windowEnd) => windowEnd - window.size_us,
        windowEndAfter: gridAfter(window.slide_us, window.offset_us),
      };
    case "cumulate": {
      const start = (end: bigint): bigint => floorTo(end - 1n, window.maxSize_us, window.offset_us);
      return {
        sliceSize_us: window.step_us,
        offset_us: window.offset_us,
        shared: window.maxSize_us > window.step_us,
        lastWindow: (sliceEnd) => start(sliceEnd) + window.maxSize_us,
        windowStart: start,
        windowEndAfter: gridAfter(window.step_us, window.offset_us),
      };
    }
    case "attached":
      return {
        sliceSize_us: 0n,
        offset_us: 0n,
        shared: false,
        lastWindow: (sliceEnd) => sliceEnd,
        // Every row carries its own start, as a key; only its own slice is in a window.
        windowStart: (windowEnd) => windowEnd - 1n,
        windowEndAfter: (time) => time + 1n,
      };
  }
}

export const hasFired = (windowEnd: bigint, watermark: bigint): boolean => windowEnd - windowTime_us <= watermark;
