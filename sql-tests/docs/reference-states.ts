import { isTerminalTask, jobTransitions, restingStates, taskTransitions } from "../../runtime/control/states.ts";
import type { JobState, TaskState } from "../../runtime/contract/control.ts";
import { code, page, table } from "./markdown.ts";

const jobDocs: Readonly<Record<JobState, string>> = {
  INITIALIZING: "The JobMaster is being made; the job's record is read from the store.",
  CREATED: "Its state is being restored, its slots waited for.",
  RUNNING: "Its tasks are deployed; single tasks may still be INITIALIZING.",
  RESTARTING: "A fault ended the attempt; the next begins when the restart strategy says, with the last checkpoint.",
  FAILING: "A fault that no restart helps; tasks are being canceled.",
  FAILED: "Ended by a fault. Its state is kept: RESUME tries again.",
  CANCELLING: "Its tasks are being canceled, for CANCEL, PAUSE or STOP.",
  CANCELED: "Ended by a user. Its result stays readable.",
  PAUSED: "Stopped with a checkpoint, to be resumed. Flink's interface shows SUSPENDED.",
  FINISHED: "All input was read, and the last checkpoint holds everything.",
  SUSPENDED: "The server shuts down; the job runs on when it is back.",
  RECONCILING: "Flink's state of a job whose running tasks a new JobMaster takes over; here attempts always begin anew.",
};

const taskDocs: Readonly<Record<TaskState, string>> = {
  CREATED: "Not scheduled yet.",
  SCHEDULED: "It has a slot.",
  DEPLOYING: "It is on its way to the slot.",
  INITIALIZING: "It reads its state and opens its operators.",
  RUNNING: "It processes rows; having read all input, it waits here for its last checkpoint.",
  FINISHED: "Done, and in a completed checkpoint.",
  CANCELING: "It was told to stop.",
  CANCELED: "It stopped as told.",
  FAILED: "It stopped with a fault, or its slot is gone.",
  RECONCILING: "Flink's; unused.",
};

const rows = <S extends string>(
  transitions: Readonly<Record<S, readonly S[]>>,
  docs: Readonly<Record<S, string>>,
): readonly (readonly string[])[] =>
  (Object.keys(docs) as S[]).map((state) => [code(state), docs[state], transitions[state].map(code).join(", ")]);

/** docs/reference/states.md: the lives of jobs and tasks. */
export const renderStates = (): string =>
  page(
    "States of jobs and tasks",
    "runtime/control/states.ts",
    "Flink's states. A move that is not listed is a bug, and the code refuses it.",
    "## Jobs",
    `A job rests in ${restingStates.map(code).join(", ")}: nothing of it runs.`,
    table(["state", "meaning", "may become"], rows<JobState>(jobTransitions, jobDocs)),
    "## Tasks",
    `A task has ended in ${(Object.keys(taskTransitions) as TaskState[]).filter(isTerminalTask).map(code).join(", ")}.`,
    table(["state", "meaning", "may become"], rows<TaskState>(taskTransitions, taskDocs)),
  );
