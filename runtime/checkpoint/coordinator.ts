import type { BarrierMode, CheckpointInfo, CheckpointOptions, CheckpointPhase } from "../contract/checkpoints.ts";
import { messageOf, SqlError } from "../contract/errors.ts";
import type { TaskSnapshot } from "../contract/rpc.ts";
import type { Cancel, World } from "../contract/world.ts";
import type { CompleteSnapshot } from "./attempt-storage.ts";
import { slowTasksText } from "./blame.ts";
import { type CheckpointEnd, checkpointInfo, type PlaceOf, typeOf } from "./checkpoint-info.ts";
import type { Committed } from "./commit.ts";
import { afterFailure, type CheckpointFailureReason } from "./failures.ts";
import { acknowledge, finishedSnapshot, isComplete, type PendingCheckpoint } from "./pending-checkpoint.ts";
import { startCheckpoint, subsumedBy, type TakenSnapshot, takenBy } from "./pending-checkpoint.ts";
import { CheckpointRequests, type Waiter } from "./requests.ts";
import { TaskProgress } from "./task-progress.ts";
import { type CheckpointKind, type CheckpointRequest, decideTrigger, triggerDelay_ms } from "./trigger-decision.ts";

export type CheckpointCommand =
  | { readonly do: "triggerCheckpoint"; readonly checkpoint: number; readonly mode: BarrierMode }
  | { readonly do: "checkpointComplete" | "abortCheckpoint"; readonly checkpoint: number };

/** What a coordinator does to the world. Tasks are indices of the topology. */
export interface CoordinatorPorts {
  readonly world: World;
  readonly options: CheckpointOptions;
  readonly upstream: readonly (readonly number[])[];
  readonly nextCheckpoint: number;
  nameOf(task: number): string;
  readonly placeOf: PlaceOf;
  send(task: number, command: CheckpointCommand): void;
  commit(snapshot: CompleteSnapshot): Promise<Committed>;
  /** A checkpoint began, was completed or failed. */
  report(info: CheckpointInfo): void;
  /** More checkpoints failed in a row than the job tolerates. */
  failed(message: string): void;
}

/** What belongs to one checkpoint under way beside its facts. */
interface UnderWay {
  checkpoint: PendingCheckpoint;
  /** Tasks that its trigger was sent to. */
  readonly triggered: Set<number>;
  readonly served: readonly Waiter[];
  readonly stopExpiry: Cancel;
}

/** Triggers, gathers and commits the checkpoints of one attempt. They are committed one after the other, in the order of their ids. */
export class CheckpointCoordinator {
  readonly #ports: CoordinatorPorts;
  readonly #progress: TaskProgress;
  readonly #requests = new CheckpointRequests();
  /** Oldest first. */
  #underWay: readonly UnderWay[] = [];
  /** Snapshots of failed checkpoints, oldest first: their changes belong to the next one that is completed. */
  #carried: readonly TakenSnapshot[] = [];
  #commits: Promise<void> = Promise.resolve();
  #nextCheckpoint: number;
  #lastCompleted = 0;
  #taken = 0;
  #failures = 0;
  #lastFailed = false;
  #due_ms: number | null = null;
  #pauseEnds_ms = 0;
  #wakeUp: Cancel | null = null;
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
    for (const underWay of this.#underWay) this.#triggerDirectly(underWay);
    this.#consider();
  }

  taskFinished(task: number): void {
    this.#progress.finish(task);
    for (const { checkpoint } of this.#underWay) this.acknowledged(task, checkpoint.id, finishedSnapshot);
    this.#consider();
  }

  acknowledged(task: number, checkpoint: number, snapshot: TaskSnapshot): void {
    const pending = this.#underWay.map((underWay) => underWay.checkpoint);
    const state = { pending, lastStarted: this.#nextCheckpoint - 1, lastCompleted: this.#lastCompleted };
    const step = acknowledge(state, checkpoint, task, { snapshot, at_ms: this.#ports.world.clock.now_ms() });
    if (step.do === "ignore" || this.#stopped) return;
    if (step.do === "carry") {
      // It may come twice, or after it was taken from the checkpoint that failed.
      const isKnown = this.#carried.some((taken) => taken.checkpoint === checkpoint && taken.task === task);
      if (!isKnown) this.#carried = [...this.#carried, { checkpoint, task, snapshot }];
      return;
    }
    const own = this.#find(checkpoint) as UnderWay;
    own.checkpoint = step.next;
    if (step.do === "complete") this.#gathered(own);
  }

  /** A task says what it does for a checkpoint now. */
  phase(task: number, checkpoint: number, phase: CheckpointPhase): void {
    const own = this.#find(checkpoint);
    if (own?.checkpoint.awaited.has(task) !== true) return;
    own.checkpoint = { ...own.checkpoint, phases: new Map(own.checkpoint.phases).set(task, phase) };
  }

  declined(task: number, checkpoint: number, reason: string): void {
    const own = this.#find(checkpoint);
    if (own === null || isComplete(own.checkpoint)) return;
    this.#fail(own, "declined", `${this.#ports.nameOf(task)} declined it: ${reason}`);
    this.#consider();
  }

  /** A checkpoint as soon as may be, for one who waits for it: the pause between checkpoints does not hold it back. */
  request(kind: CheckpointRequest["kind"] = "manual", aligned = kind === "savepoint"): Promise<number> {
    if (this.#stopped) return Promise.reject(stoppedError("the job does not run"));
    const { unaligned } = this.#ports.options;
    const waiting = this.#requests.add({ kind, aligned: aligned || !unaligned, forced: kind === "savepoint" && !unaligned });
    // Whoever asked may have gone meanwhile: a request that nobody waits for fails in silence.
    waiting.catch(() => undefined);
    this.#consider();
    return waiting;
  }

  /** No more checkpoints; those that are being committed are brought to their end first. */
  async stop(why: string): Promise<void> {
    if (!this.#stopped) {
      this.#stopped = true;
      this.#wakeUp?.();
      for (const underWay of this.#underWay) if (!isComplete(underWay.checkpoint)) this.#fail(underWay, "stopping", why);
    }
    await this.#commits;
    for (const waiter of this.#requests.take(true)) waiter.reject(stoppedError(why));
  }

  #find(checkpoint: number): UnderWay | null {
    return this.#underWay.find((underWay) => underWay.checkpoint.id === checkpoint) ?? null;
  }

  #consider(): void {
    this.#wakeUp?.();
    this.#wakeUp = null;
    if (this.#stopped) return;
    const { world, options } = this.#ports;
    const now_ms = world.clock.monotonic_ms();
    const allRunning = this.#progress.allRunning();
    if (allRunning) this.#due_ms ??= now_ms + triggerDelay_ms(options.interval_ms, 0);
    const decision = decideTrigger({
      now_ms,
      allRunning,
      pending: this.#underWay.length,
      maxConcurrent: options.maxConcurrent,
      request: this.#requests.mostUrgent,
      allEnded: this.#progress.allEnded(),
      lastFailed: this.#lastFailed,
      due_ms: this.#due_ms ?? now_ms,
      pauseEnds_ms: this.#pauseEnds_ms,
    });
    if (decision.do === "trigger") {
      this.#start(decision.kind, decision.aligned || !options.unaligned, now_ms);
      this.#consider();
    }
    if (decision.do === "sleep") this.#wakeUp = world.timers.after(decision.until_ms - now_ms, () => this.#consider());
  }

  #start(kind: CheckpointKind, aligned: boolean, now_ms: number): void {
    const { world, options } = this.#ports;
    const mode: BarrierMode = { triggered_ms: world.clock.now_ms(), unalignedAfter_ms: aligned ? null : options.alignedTimeout_ms };
    const checkpoint = startCheckpoint(this.#nextCheckpoint++, kind, mode, this.#progress.participants());
    const stopExpiry = world.timers.after(options.timeout_ms, () => this.#expire(checkpoint.id));
    const underWay: UnderWay = { checkpoint, triggered: new Set(), served: this.#requests.take(aligned), stopExpiry };
    this.#underWay = [...this.#underWay, underWay];
    this.#taken += 1;
    this.#due_ms = now_ms + triggerDelay_ms(options.interval_ms, this.#taken);
    this.#report(checkpoint, { status: "IN_PROGRESS" });
    this.#triggerDirectly(underWay);
  }

  #triggerDirectly({ checkpoint, triggered }: UnderWay): void {
    for (const task of this.#progress.targets(checkpoint.awaited, checkpoint.mode.unalignedAfter_ms !== null)) {
      if (triggered.has(task)) continue;
      triggered.add(task);
      this.#ports.send(task, { do: "triggerCheckpoint", checkpoint: checkpoint.id, mode: checkpoint.mode });
    }
  }

  #expire(checkpoint: number): void {
    const own = this.#find(checkpoint);
    if (own === null || isComplete(own.checkpoint)) return;
    const { options, upstream } = this.#ports;
    const slow = slowTasksText(own.checkpoint, upstream, (task) => this.#ports.nameOf(task));
    this.#fail(own, "expired", `it was not acknowledged within ${options.timeout_ms} ms: ${slow}`);
    this.#consider();
  }

  /** All have acknowledged: what older ones still wait for will not come, and what they have goes with this one. */
  #gathered(own: UnderWay): void {
    own.stopExpiry();
    const pending = this.#underWay.map(({ checkpoint }) => checkpoint);
    for (const { id } of subsumedBy(own.checkpoint, pending)) {
      this.#fail(this.#find(id) as UnderWay, "subsumed", `checkpoint ${own.checkpoint.id} was complete before it`);
    }
    this.#commits = this.#commits.then(() => this.#commit(own));
  }

  async #commit(own: UnderWay): Promise<void> {
    const { id, mode } = own.checkpoint;
    const carried = this.#carried;
    try {
      const snapshots = [...carried, ...takenBy(own.checkpoint)];
      const committed = await this.#ports.commit({
        checkpoint: id,
        type: typeOf(own.checkpoint),
        triggered_ms: mode.triggered_ms,
        snapshots,
      });
      this.#carried = this.#carried.filter((taken) => !carried.includes(taken));
      this.#complete(own, committed);
    } catch (error) {
      this.#fail(own, "storage", `it could not be stored: ${messageOf(error)}`);
    }
    this.#consider();
  }

  #complete(own: UnderWay, committed: Committed): void {
    const { checkpoint, served } = own;
    this.#underWay = this.#underWay.filter((underWay) => underWay !== own);
    this.#lastCompleted = checkpoint.id;
    this.#failures = 0;
    this.#lastFailed = false;
    this.#pauseEnds_ms = this.#ports.world.clock.monotonic_ms() + this.#ports.options.minPause_ms;
    this.#report(checkpoint, { status: "COMPLETED", committed });
    for (const [task, { snapshot }] of checkpoint.snapshots) {
      if (snapshot.finished) this.#progress.finish(task);
      this.#ports.send(task, { do: "checkpointComplete", checkpoint: checkpoint.id });
    }
    for (const waiter of served) waiter.resolve(checkpoint.id);
  }

  #fail(own: UnderWay, reason: CheckpointFailureReason, why: string): void {
    const { checkpoint, served } = own;
    own.stopExpiry();
    this.#underWay = this.#underWay.filter((underWay) => underWay !== own);
    this.#carried = [...this.#carried, ...takenBy(checkpoint)].sort((a, b) => a.checkpoint - b.checkpoint);
    const { world, options } = this.#ports;
    if (reason !== "subsumed") {
      const now_ms = world.clock.monotonic_ms();
      this.#lastFailed = true;
      this.#pauseEnds_ms = now_ms + options.minPause_ms;
      this.#due_ms = Math.max(this.#due_ms ?? 0, now_ms + Math.min(options.interval_ms, retryDelay_ms));
    }
    this.#report(checkpoint, { status: "FAILED", failed_ms: world.clock.now_ms(), why });
    for (const task of this.#progress.participants()) this.#ports.send(task, { do: "abortCheckpoint", checkpoint: checkpoint.id });
    for (const waiter of served) waiter.reject(failedError(checkpoint.id, why));
    const step = afterFailure(this.#failures, { reason, savepoint: checkpoint.kind === "savepoint" }, options.tolerableFailures);
    this.#failures = step.consecutive;
    if (step.failJob)
      this.#ports.failed(`more than ${options.tolerableFailures} checkpoints failed in a row; checkpoint ${checkpoint.id}: ${why}`);
  }

  #report(checkpoint: PendingCheckpoint, end: CheckpointEnd): void {
    this.#ports.report(checkpointInfo(checkpoint, end, this.#ports.placeOf));
  }
}

/** Not less than this after a failed checkpoint, unless the interval is shorter. */
const retryDelay_ms = 1_000;

const stoppedError = (why: string): SqlError => new SqlError({ sqlState: "55000", message: `no checkpoint was taken: ${why}` });

const failedError = (checkpoint: number, why: string): SqlError =>
  new SqlError({ sqlState: "58000", message: `checkpoint ${checkpoint} failed: ${why}` });
