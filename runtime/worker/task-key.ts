import type { TaskId } from "../contract/rpc.ts";

export const keyOf = ({ job, vertex, subtask, attempt }: TaskId): string => JSON.stringify([job, vertex, subtask, attempt]);
