import type { JobState, TaskState } from "../contract/control.ts";
import { assert, SqlError } from "../contract/errors.ts";

/**
 * Lifecycles as data (semantics.md section 9): an unlisted move is a bug. The first state of a restart is RUNNING, as in
 * Flink's default scheduler. Stopping for a pause goes through CANCELLING; PAUSED and FAILED jobs can be resumed, and
 * SUSPENDED ones, whose tasks were stopped to run on with another plan.
 */
export const jobTransitions = {
  INITIALIZING: ["CREATED", "FAILING", "CANCELLING", "SUSPENDED", "FINISHED", "FAILED", "CANCELED", "PAUSED"],
  CREATED: ["RUNNING", "RESTARTING", "FAILING", "CANCELLING", "SUSPENDED"],
  RUNNING: ["RESTARTING", "FAILING", "CANCELLING", "FINISHED", "SUSPENDED"],
  RESTARTING: ["RUNNING", "FAILING", "CANCELLING", "SUSPENDED"],
  FAILING: ["FAILED", "SUSPENDED"],
  CANCELLING: ["CANCELED", "PAUSED", "SUSPENDED"],
  PAUSED: ["CREATED", "CANCELED", "SUSPENDED"],
  FAILED: ["CREATED", "CANCELED"],
  RECONCILING: ["RUNNING", "FAILING", "CANCELLING", "SUSPENDED"],
  CANCELED: [],
  FINISHED: [],
  SUSPENDED: ["CREATED", "CANCELED"],
} as const satisfies Readonly<Record<JobState, readonly JobState[]>>;

export const taskTransitions = {
  CREATED: ["SCHEDULED", "CANCELED", "FAILED"],
  SCHEDULED: ["DEPLOYING", "CANCELED", "FAILED"],
  DEPLOYING: ["INITIALIZING", "RUNNING", "CANCELING", "CANCELED", "FAILED"],
  INITIALIZING: ["RUNNING", "CANCELING", "CANCELED", "FAILED"],
  RUNNING: ["FINISHED", "CANCELING", "CANCELED", "FAILED"],
  CANCELING: ["FINISHED", "CANCELED", "FAILED"],
  RECONCILING: ["INITIALIZING", "RUNNING", "FINISHED", "CANCELED", "FAILED"],
  FINISHED: [],
  CANCELED: [],
  FAILED: [],
} as const satisfies Readonly<Record<TaskState, readonly TaskState[]>>;

export function nextJobState(from: JobState, to: JobState): JobState {
  assert(
    (jobTransitions[from] as readonly JobState[]).includes(to),
    `a job goes from ${from} to one of ${jobTransitions[from].join(", ")}, not to ${to}`,
  );
  return to;
}

export const taskMayBecome = (from: TaskState, to: TaskState): boolean => (taskTransitions[from] as readonly TaskState[]).includes(to);

export const isTerminalTask = (state: TaskState): boolean => taskTransitions[state].length === 0;

/** A statement that a job in this state does not take. */
export const notNow = (name: string, state: JobState, what: string): SqlError =>
  new SqlError({ sqlState: "55000", message: `job "${name}" is ${state} and ${what}` });

/** The states that a job rests in: nothing runs, nothing is under way. */
export const restingStates = ["FINISHED", "FAILED", "CANCELED", "PAUSED", "SUSPENDED"] as const satisfies readonly JobState[];
export type RestingState = (typeof restingStates)[number];
export const isResting = (state: JobState): state is RestingState => (restingStates as readonly JobState[]).includes(state);

/** The job has ended and never runs again. */
export const isOver = (state: JobState): boolean => jobTransitions[state].length === 0;
