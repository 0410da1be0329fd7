import type { StateTimes, SubtaskInfo, TaskState } from "../../../runtime/contract/control.ts";
import { type Times, taskStates } from "./states.ts";

/** The states of a subtask that has not ended, in their order: how long each lasted is told. */
export const activeStates = ["CREATED", "SCHEDULED", "DEPLOYING", "INITIALIZING", "RUNNING"] as const satisfies readonly TaskState[];
export type ActiveState = (typeof activeStates)[number];

const terminalStates = ["FINISHED", "CANCELED", "FAILED"] as const satisfies readonly TaskState[];

const endOf = ({ entered_ms }: SubtaskInfo): number | undefined => {
  const ends = terminalStates.flatMap((state) => (entered_ms[state] === undefined ? [] : [entered_ms[state]]));
  return ends.length === 0 ? undefined : Math.min(...ends);
};

/** From its deployment to its end; -1 stands for "not yet". */
export function timesOfSubtask(subtask: SubtaskInfo, now_ms: number): Times {
  const start = subtask.entered_ms.DEPLOYING;
  const end = endOf(subtask);
  return {
    "start-time": start === undefined ? -1 : Math.round(start),
    "end-time": end === undefined ? -1 : Math.round(end),
    duration: start === undefined ? -1 : Math.max(0, Math.round((end ?? now_ms) - start)),
  };
}

/** From the first subtask's deployment to the last one's end. */
export function timesOfSubtasks(subtasks: readonly SubtaskInfo[], now_ms: number): Times {
  const times = subtasks.map((subtask) => timesOfSubtask(subtask, now_ms));
  const starts = times.map((time) => time["start-time"]).filter((start) => start >= 0);
  const start = starts.length === 0 ? -1 : Math.min(...starts);
  const ended = times.length > 0 && times.every((time) => time["end-time"] >= 0);
  const end = ended ? Math.max(...times.map((time) => time["end-time"])) : -1;
  return { "start-time": start, "end-time": end, duration: start < 0 ? -1 : Math.max(0, Math.round(end < 0 ? now_ms : end) - start) };
}

/** How long the subtask was in each of the states that it has been in, in ms. */
export function durationsOf(subtask: SubtaskInfo, now_ms: number): StateTimes {
  const entered = Object.entries(subtask.entered_ms).toSorted(([, a], [, b]) => a - b);
  return Object.fromEntries(
    entered.map(([state, from_ms], i) => [state, Math.max(0, Math.round((entered[i + 1]?.[1] ?? now_ms) - from_ms))]),
  );
}

/** -1 for states that it has not been in. */
export const activeDurations = (subtask: SubtaskInfo, now_ms: number): object => {
  const durations = durationsOf(subtask, now_ms);
  return Object.fromEntries(activeStates.map((state) => [state, durations[state] ?? -1]));
};

/** When it came into each state; 0 for those that it has not been in. */
export const timestampsOf = ({ entered_ms }: SubtaskInfo): object =>
  Object.fromEntries(taskStates.map((state) => [state, Math.round(entered_ms[state] ?? 0)]));
