import type { CheckpointInfo, CheckpointOptions } from "../contract/control.ts";
import { messageOf, SqlError } from "../contract/errors.ts";
import type { TaskSnapshot } from "../contract/rpc.ts";
import type { Cancel, World } from "../contract/world.ts";
import type { CompleteSnapshot } from "./attempt-storage.ts";
import type { Committed } from "./commit.ts";
import { afterFailure, type CheckpointFailureReason } from "./failures.ts";
import { acknowledge, finishedSnapshot, type PendingCheckpoint, startCheckpoint, type TakenSnapshot } from "./pending-checkpoint.ts";
import { TaskProgress } from "./task-progress.ts";
import { type CheckpointKind, decideTrigger, triggerDelay_ms } from "./trigger-decision.ts";

export type CheckpointCommand = "triggerCheckpoint" | "checkpointComplete" | "abortCheckpoint";

/** What a coordinator does to the world. Tasks are indices of the topology. */
export interface CoordinatorPorts {
  readonly world: World;
  readonly options: CheckpointOptions;
  readonly upstream: readonly (readonly number[])[];
  readonly nextCheckpoint: number;
  nameOf(task: number): string;
  send(task: number, command: CheckpointCommand, checkpoint: number): void;
  commit(snapshot: CompleteSnapshot): Promise<Committed>;
  /** A checkpoint began, was completed or failed. */
  report(info: CheckpointInfo): void;
  /** More checkpoints failed in a row than the job tolerates. */
  failed(message: string): void;
}

interface Waiter {
  resolve(checkpoint: number): void;
  reject(error: Error): void;
}

/** Triggers, gathers and commits the checkpoints of one attempt, one at a time. The decisions are in files of their own. */
export class CheckpointCoordinator {
  readonly #ports: CoordinatorPorts;
  readonly #progress: TaskProgress;
  #pending: PendingCheckpoint | null = null;
  /** Snapshots of failed checkpoints, oldest first: their changes belong to the next one that is completed. */
  #carried: readonly TakenSnapshot[] = [];
  /** Tasks that the pending checkpoint's trigger was sent to. */
  #triggered = new Set<number>();
  #committing: Promise<void> | null = null;
  #requests: Waiter[] = [];
  #served: Waiter[] = [];
  #nextCheckpoint: number;
  #taken = 0;
  #failures = 0;
  #lastFailed = false;
  #due_ms: number | null = null;
  #pauseEnds_ms = 0;
  #wakeUp: Cancel | null = null;
  #expiry: Cancel | null = null;
  #stopped = false;

  constructor(ports: CoordinatorPorts) {
    this.#ports = ports;
    this.#progress = new TaskProgress(ports.upstream);
    this.#nextCheckpoint = ports.nextCheckpoint;
  }

  get nextCheckpoint(): number {
    return this.#nextCheckpoint;
  }

  taskRunning(task: number): void {
    this.#progress.running.add(task);
    this.#consider();
  }

  taskEnded(task: number): void {
    this.#progress.ended.add(task);
    if (this.#pending !== null) this.#triggerDirectly(this.#pending);
    this.#consider();
  }

  taskFinished(task: number): void {
    this.#progress.finish(task);
    if (this.#pending !== null) this.acknowledged(task, this.#pending.id, finishedSnapshot);
    this.#consider();
  }

  acknowledged(task: number, checkpoint: number, snapshot: TaskSnapshot): void {
    const step = acknowledge(this.#pending, checkpoint, task, snapshot);
    if (step.do === "ignore" || this.#stopped) return;
    if (step.do === "carry") {
      this.#carried = [...this.#carried, { checkpoint, snapshot }];
      return;
    }
    this.#pending = step.next;
    if (step.do === "commit") this.#committing = this.#commit(step.next);
  }

  declined(task: number, checkpoint: number, reason: string): void {
    if (this.#pending?.id !== checkpoint || this.#committing !== null) return;
    this.#fail(this.#pending, "declined", `${this.#ports.nameOf(task)} declined it: ${reason}`);
  }

  /** A checkpoint as soon as may be, for one who waits for it: the pause between checkpoints does not hold it back. */
  request(): Promise<number> {
    if (this.#stopped) return Promise.reject(stoppedError("the job does not run"));
    return new Promise((resolve, reject) => {
      this.#requests.push({ resolve, reject });
      this.#consider();
    });
  }

  /** No more checkpoints; one that is being committed is brought to its end first. */
  async stop(why: string): Promise<void> {
    if (!this.#stopped) {
      this.#stopped = true;
      this.#wakeUp?.();
      if (this.#pending !== null && this.#committing === null) this.#fail(this.#pending, "stopping", why);
    }
    await this.#committing;
    for (const waiter of [...this.#served, ...this.#requests]) waiter.reject(stoppedError(why));
    this.#served = [];
    this.#requests = [];
  }

  #consider(): void {
    this.#wakeUp?.();
    this.#wakeUp = null;
    if (this.#stopped) return;
    const now_ms = this.#ports.world.clock.monotonic_ms();
    const allRunning = this.#progress.allRunning();
    if (allRunning) this.#due_ms ??= now_ms + triggerDelay_ms(this.#ports.options.interval_ms, 0);
    const decision = decideTrigger({
      now_ms,
      allRunning,
      pending: this.#pending !== null,
      manualWaiting: this.#requests.length > 0,
      allEnded: this.#progress.allEnded(),
      lastFailed: this.#lastFailed,
      due_ms: this.#due_ms ?? now_ms,
      pauseEnds_ms: this.#pauseEnds_ms,
    });
    if (decision.do === "trigger") this.#start(decision.kind, now_ms);
    if (decision.do === "sleep") this.#wakeUp = this.#ports.world.timers.after(decision.until_ms - now_ms, () => this.#consider());
  }

  #start(kind: CheckpointKind, now_ms: number): void {
    const { world, options } = this.#ports;
    const pending = startCheckpoint(this.#nextCheckpoint++, kind, world.clock.now_ms(), this.#progress.participants());
    this.#pending = pending;
    this.#triggered = new Set();
    this.#served = this.#requests;
    this.#requests = [];
    this.#taken += 1;
    this.#due_ms = now_ms + triggerDelay_ms(options.interval_ms, this.#taken);
    this.#ports.report(infoOf(pending, "IN_PROGRESS", null));
    this.#expiry = world.timers.after(options.timeout_ms, () => this.#expire(pending.id));
    this.#triggerDirectly(pending);
  }

  #triggerDirectly(pending: PendingCheckpoint): void {
    for (const task of this.#progress.targets(pending.awaited)) {
      if (this.#triggered.has(task)) continue;
      this.#triggered.add(task);
      this.#ports.send(task, "triggerCheckpoint", pending.id);
    }
  }

  #expire(checkpoint: number): void {
    const pending = this.#pending;
    if (pending?.id !== checkpoint || this.#committing !== null) return;
    const missing = [...pending.awaited].map((task) => this.#ports.nameOf(task)).slice(0, 3);
    this.#fail(pending, "expired", `${missing.join(", ")} did not acknowledge it within ${this.#ports.options.timeout_ms} ms`);
  }

  async #commit(pending: PendingCheckpoint): Promise<void> {
    this.#expiry?.();
    try {
      const { id, triggered_ms } = pending;
      const committed = await this.#ports.commit({ checkpoint: id, triggered_ms, snapshots: [...this.#carried, ...takenBy(pending)] });
      this.#carried = [];
      this.#committing = null;
      this.#complete(pending, committed);
    } catch (error) {
      this.#committing = null;
      this.#fail(pending, "storage", `it could not be stored: ${messageOf(error)}`);
    }
  }

  #complete(pending: PendingCheckpoint, committed: Committed): void {
    this.#pending = null;
    this.#failures = 0;
    this.#lastFailed = false;
    this.#pauseEnds_ms = this.#ports.world.clock.monotonic_ms() + this.#ports.options.minPause_ms;
    this.#ports.report(infoOf(pending, "COMPLETED", null, committed));
    for (const [task, snapshot] of pending.snapshots) {
      if (snapshot.finished) this.#progress.finish(task);
      this.#ports.send(task, "checkpointComplete", pending.id);
    }
    for (const waiter of this.#served.splice(0)) waiter.resolve(pending.id);
    this.#consider();
  }

  #fail(pending: PendingCheckpoint, reason: CheckpointFailureReason, why: string): void {
    this.#expiry?.();
    this.#pending = null;
    this.#carried = [...this.#carried, ...takenBy(pending)];
    this.#lastFailed = true;
    const now_ms = this.#ports.world.clock.monotonic_ms();
    this.#pauseEnds_ms = now_ms + this.#ports.options.minPause_ms;
    this.#due_ms = Math.max(this.#due_ms ?? 0, now_ms + Math.min(this.#ports.options.interval_ms, retryDelay_ms));
    this.#ports.report(infoOf(pending, "FAILED", why));
    for (const task of this.#progress.participants()) this.#ports.send(task, "abortCheckpoint", pending.id);
    for (const waiter of this.#served.splice(0)) waiter.reject(failedError(pending.id, why));
    const { tolerableFailures } = this.#ports.options;
    const step = afterFailure(this.#failures, reason, tolerableFailures);
    this.#failures = step.consecutive;
    if (step.failJob) this.#ports.failed(`more than ${tolerableFailures} checkpoints failed in a row; checkpoint ${pending.id}: ${why}`);
    this.#consider();
  }
}

/** Not less than this after a failed checkpoint, unless the interval is shorter. */
const retryDelay_ms = 1_000;

const takenBy = ({ id, snapshots }: PendingCheckpoint): readonly TakenSnapshot[] =>
  [...snapshots.values()].map((snapshot) => ({ checkpoint: id, snapshot }));

function infoOf(
  pending: PendingCheckpoint,
  status: CheckpointInfo["status"],
  failure: string | null,
  committed?: Committed,
): CheckpointInfo {
  return {
    id: pending.id,
    status,
    triggered_ms: pending.triggered_ms,
    completed_ms: committed?.completed_ms ?? null,
    stateRows: committed?.stateRows ?? 0,
    resultRows: committed?.resultRows ?? 0,
    bytes: committed?.bytes ?? 0,
    failure,
  };
}

const stoppedError = (why: string): SqlError => new SqlError({ sqlState: "55000", message: `no checkpoint was taken: ${why}` });

const failedError = (checkpoint: number, why: string): SqlError =>
  new SqlError({ sqlState: "58000", message: `checkpoint ${checkpoint} failed: ${why}` });
