import { anything, boolean, integer, type JsonSchema, listOf, mapOf, nullable, number, record, text, words } from "../schema.ts";

const numbers = record({ min: number, max: number, avg: number, p50: number, p90: number, p95: number, p99: number, p999: number });
const status = words("IN_PROGRESS", "COMPLETED", "FAILED");

const sizes = {
  latest_ack_timestamp: integer,
  checkpointed_size: integer,
  state_size: integer,
  end_to_end_duration: integer,
  alignment_buffered: integer,
  processed_data: integer,
  persisted_data: integer,
  num_subtasks: integer,
  num_acknowledged_subtasks: integer,
} as const;

const taskProperties = { id: integer, status, ...sizes } as const;

const checkpointProperties = {
  id: integer,
  status,
  is_savepoint: boolean,
  savepointFormat: nullable(text),
  checkpoint_type: words("CHECKPOINT", "UNALIGNED_CHECKPOINT", "SAVEPOINT", "SYNC_SAVEPOINT"),
  trigger_timestamp: integer,
  ...sizes,
  tasks: mapOf(record(taskProperties)),
  state_rows: integer,
  result_rows: integer,
  external_path: text,
  discarded: boolean,
  failure_timestamp: integer,
  failure_message: text,
} as const;

const optional = ["external_path", "discarded", "failure_timestamp", "failure_message"];
const kind = words("in_progress", "completed", "failed");

export const checkpointDetailSchema: JsonSchema = record({ "@class": kind, ...checkpointProperties }, optional);

export const checkpointsSchema = record({
  counts: record({ restored: integer, total: integer, in_progress: integer, completed: integer, failed: integer }),
  summary: record({
    checkpointed_size: numbers,
    state_size: numbers,
    end_to_end_duration: numbers,
    alignment_buffered: numbers,
    processed_data: numbers,
    persisted_data: numbers,
  }),
  latest: record({
    completed: nullable(checkpointDetailSchema),
    savepoint: nullable(checkpointDetailSchema),
    failed: nullable(checkpointDetailSchema),
    restored: nullable(record({ id: integer, restore_timestamp: integer, is_savepoint: boolean, external_path: text })),
  }),
  history: listOf(record(checkpointProperties, optional)),
});

export const checkpointConfigSchema = record({
  mode: words("exactly_once"),
  interval: integer,
  timeout: integer,
  min_pause: integer,
  max_concurrent: integer,
  externalization: record({ enabled: boolean, delete_on_cancellation: boolean }),
  state_backend: text,
  checkpoint_storage: text,
  unaligned_checkpoints: boolean,
  tolerable_failed_checkpoints: integer,
  aligned_checkpoint_timeout: integer,
  checkpoints_after_tasks_finish: boolean,
  state_changelog_enabled: boolean,
  changelog_storage: anything,
  changelog_periodic_materialization_interval: integer,
});

const durations = record({ sync: numbers, async: numbers });
const alignment = record({ buffered: numbers, processed: numbers, persisted: numbers, duration: numbers });

export const checkpointSubtasksSchema = record({
  ...taskProperties,
  summary: record({
    checkpointed_size: numbers,
    state_size: numbers,
    end_to_end_duration: numbers,
    checkpoint_duration: durations,
    alignment,
    start_delay: numbers,
  }),
  subtasks: listOf(
    record(
      {
        index: integer,
        status: words("completed", "pending_or_failed"),
        ack_timestamp: integer,
        end_to_end_duration: integer,
        checkpointed_size: integer,
        state_size: integer,
        checkpoint: record({ sync: integer, async: integer }),
        alignment: record({ buffered: integer, processed: integer, persisted: integer, duration: integer }),
        start_delay: integer,
        unaligned_checkpoint: boolean,
        aborted: boolean,
      },
      [
        "ack_timestamp",
        "end_to_end_duration",
        "checkpointed_size",
        "state_size",
        "checkpoint",
        "alignment",
        "start_delay",
        "unaligned_checkpoint",
        "aborted",
      ],
    ),
  ),
});
