import { describe, expect, it } from "vitest";
import type { CheckpointInfo, CheckpointOptions, SnapshotFigures } from "../../../runtime/contract/checkpoints.ts";
import { summaryOf } from "./checkpoint-summary.ts";
import { checkpointConfigOf, checkpointDetailOf, checkpointsOf, subtasksOf } from "./checkpoints.ts";

const now_ms = 10_000;

const figures = (subtask: number): SnapshotFigures => ({
  startDelay_ms: 5 + subtask,
  alignment_ms: 10 * subtask,
  sync_ms: 2,
  async_ms: 1.6,
  rows: 40,
  bytes: 1_000 + subtask,
  processed_bytes: 300,
  persisted_bytes: 200 * subtask,
  unaligned: subtask > 0,
});

const checkpoint: CheckpointInfo = {
  id: 4,
  type: "UNALIGNED_CHECKPOINT",
  status: "COMPLETED",
  triggered_ms: 1_000,
  completed_ms: 1_090,
  failed_ms: null,
  stateRows: 70,
  resultRows: 10,
  bytes: 3_003,
  failure: null,
  subtasks: [
    { vertexId: "source", subtask: 0, acknowledged_ms: 1_020, figures: figures(0) },
    { vertexId: "agg", subtask: 0, acknowledged_ms: 1_050, figures: figures(1) },
    { vertexId: "agg", subtask: 1, acknowledged_ms: 1_070, figures: figures(2) },
  ],
};

const savepoint: CheckpointInfo = { ...checkpoint, id: 5, type: "SAVEPOINT", triggered_ms: 2_000, completed_ms: 2_030 };

const expired: CheckpointInfo = {
  ...checkpoint,
  id: 6,
  type: "CHECKPOINT",
  status: "FAILED",
  triggered_ms: 3_000,
  completed_ms: null,
  failed_ms: 4_000,
  stateRows: 0,
  resultRows: 0,
  bytes: 0,
  failure: "it was not acknowledged within 1000 ms: Aggregate (2/2) has rows to process in front of the barrier",
  subtasks: checkpoint.subtasks.map((s) => (s.subtask === 1 ? { ...s, acknowledged_ms: null, figures: null } : s)),
};

const running: CheckpointInfo = { ...expired, id: 7, status: "IN_PROGRESS", triggered_ms: 9_000, failed_ms: null, failure: null };

const options: CheckpointOptions = {
  interval_ms: 1_000,
  timeout_ms: 600_000,
  minPause_ms: 0,
  maxConcurrent: 1,
  tolerableFailures: 3,
  retained: 2,
  unaligned: true,
  alignedTimeout_ms: 5_000,
};

const all = [checkpoint, savepoint, expired, running];

describe("Flink's checkpoint pages", () => {
  it.each([
    ["checkpoints", () => checkpointsOf({ restores: 2, lastRestore: { checkpoint: 5, restored_ms: 2_500 } }, all, now_ms)],
    ["checkpoints-config", () => checkpointConfigOf(options)],
    ["checkpoints-details", () => checkpointDetailOf(checkpoint, now_ms)],
    ["checkpoints-details-subtasks", () => subtasksOf(checkpoint, "agg", now_ms)],
    ["checkpoints-details-subtasks-failed", () => subtasksOf(expired, "agg", now_ms)],
  ])("give %s with Flink's keys", (name, answer) =>
    expect(`${JSON.stringify(answer(), null, 2)}\n`).toMatchFileSnapshot(`goldens/${name}.json`),
  );
  it("say what is not there", () => expect(subtasksOf(checkpoint, "sink", now_ms)).toBe(null));
});

describe("a summary", () => {
  it("has percentiles of the nearest rank", () => {
    const values = Array.from({ length: 200 }, (_, i) => i + 1);
    expect(summaryOf(values)).toEqual({ min: 1, max: 200, avg: 101, p50: 100, p90: 180, p95: 190, p99: 198, p999: 200 });
  });
  it("of nothing is 0", () => expect(summaryOf([])).toMatchObject({ min: 0, max: 0, avg: 0, p99: 0 }));
});
