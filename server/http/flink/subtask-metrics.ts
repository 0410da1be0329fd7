import type { CheckpointInfo } from "../../../runtime/contract/checkpoints.ts";
import type { SubtaskInfo } from "../../../runtime/contract/control.ts";
import { idle_ms } from "./io-metrics.ts";
import type { Metrics } from "./metric-queries.ts";

/** A task's metrics under Flink's names (semantics.md section 12). A task is held up only between two calls: softly, in Flink's words. */
export const subtaskMetrics = (s: SubtaskInfo, now_ms: number, last: CheckpointInfo | null = null): Metrics => ({
  numRecordsIn: s.recordsIn,
  numRecordsOut: s.recordsOut,
  numRecordsInPerSecond: s.rates.recordsIn,
  numRecordsOutPerSecond: s.rates.recordsOut,
  numBytesIn: s.bytesIn,
  numBytesOut: s.bytesOut,
  numBytesInPerSecond: s.rates.bytesIn,
  numBytesOutPerSecond: s.rates.bytesOut,
  numBuffersOut: s.framesOut,
  busyTimeMsPerSecond: Math.round(s.busy_ratio * 1_000),
  idleTimeMsPerSecond: Math.round(Math.max(0, 1 - s.busy_ratio - s.backpressured_ratio) * 1_000),
  backPressuredTimeMsPerSecond: Math.round(s.backpressured_ratio * 1_000),
  softBackPressuredTimeMsPerSecond: Math.round(s.backpressured_ratio * 1_000),
  hardBackPressuredTimeMsPerSecond: 0,
  isBackPressured: s.backpressured_ratio > 0 ? 1 : 0,
  accumulateBusyTimeMs: Math.round(s.busy_ms),
  accumulateIdleTimeMs: idle_ms(s, now_ms),
  accumulateBackPressuredTimeMs: Math.round(s.backpressured_ms),
  ...(s.watermark_us === null ? {} : { currentInputWatermark: Number(s.watermark_us / 1_000n) }),
  ...checkpointMetrics(s, last),
});

function checkpointMetrics(s: SubtaskInfo, last: CheckpointInfo | null): Metrics {
  const figures = last?.subtasks.find(({ vertexId, subtask }) => vertexId === s.vertexId && subtask === s.subtask)?.figures ?? null;
  if (figures === null) return {};
  return {
    checkpointAlignmentTime: Math.round(figures.alignment_ms * 1_000_000),
    checkpointStartDelayNanos: Math.round(figures.startDelay_ms * 1_000_000),
  };
}
