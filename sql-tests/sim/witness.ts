import type { FromSlot, TaskDeployment, TaskId, ToSlot } from "../../runtime/contract/rpc.ts";
import { BrokenInvariant } from "./kernel/kernel.ts";
import { Marks } from "./marks.ts";

/** Reads what the JobMasters and their tasks say to each other, and throws when it is against the protocol. */
export class Witness {
  readonly marks = new Marks();
  /** The attempt that each checkpoint id of a job was used by. */
  readonly #attemptOf = new Map<string, Map<number, number>>();
  readonly #newest = new Map<string, number>();
  readonly #deployed = new Map<string, Set<string>>();
  readonly #running = new Map<string, Set<string>>();

  told(_slot: number, message: ToSlot): void {
    if (message.do === "deploy") for (const deployment of message.deployments) this.#deploy(deployment);
    if (message.do === "triggerCheckpoint") this.#triggered(message.task, message.checkpoint);
    if (message.do === "checkpointComplete") this.marks.add("checkpoint completed for a task");
    if (message.do === "abortCheckpoint") this.marks.add("checkpoint aborted for a task");
  }

  heard(_slot: number, message: FromSlot): void {
    if (!("task" in message)) return;
    if (message.task.attempt < (this.#newest.get(message.task.job) ?? 0)) this.marks.add("message of an old attempt");
    if (message.did === "taskState" && (message.state === "RUNNING" || message.state === "FINISHED"))
      this.#running.get(attemptKey(message.task))?.add(taskKey(message.task));
    if (message.did === "declined") this.marks.add("checkpoint declined");
    if (message.did === "acknowledged" && message.snapshot.inFlight.length > 0) this.marks.add("rows in flight kept");
  }

  #deploy({ task, inFlight }: TaskDeployment): void {
    const newest = this.#newest.get(task.job) ?? 0;
    if (task.attempt < newest) throw new BrokenInvariant(`attempt ${task.attempt} is deployed after attempt ${newest}`);
    this.#newest.set(task.job, task.attempt);
    const key = attemptKey(task);
    this.#deployed.set(key, (this.#deployed.get(key) ?? new Set()).add(taskKey(task)));
    if (!this.#running.has(key)) this.#running.set(key, new Set());
    if (task.attempt > 1) this.marks.add("task deployed again");
    if (inFlight.length > 0) this.marks.add("rows in flight restored");
  }

  #triggered(task: TaskId, checkpoint: number): void {
    const attempts = this.#attemptOf.get(task.job) ?? new Map<number, number>();
    this.#attemptOf.set(task.job, attempts);
    const user = attempts.get(checkpoint);
    if (user !== undefined && user !== task.attempt)
      throw new BrokenInvariant(`checkpoint ${checkpoint} of "${task.job}" was used by attempt ${user}, now by attempt ${task.attempt}`);
    attempts.set(checkpoint, task.attempt);
    const missing = [...(this.#deployed.get(attemptKey(task)) ?? [])].filter((key) => !this.#running.get(attemptKey(task))?.has(key));
    if (missing.length > 0) throw new BrokenInvariant(`checkpoint ${checkpoint} of "${task.job}" was triggered before ${missing[0]} ran`);
  }
}

const attemptKey = ({ job, attempt }: TaskId): string => `${job}/${attempt}`;
const taskKey = ({ vertex, subtask }: TaskId): string => `${vertex}[${subtask}]`;
