import { assertAttempt, type JobRecord, writeJobRecord } from "../checkpoint/job-records.ts";
import type { RestorePlan } from "../checkpoint/restore.ts";
import type { BrokenDelta } from "../checkpoint/verification.ts";
import type { CheckpointOptions, JobFault, JobInfo, JobState } from "../contract/control.ts";
import { messageOf } from "../contract/errors.ts";
import type { TaskFault } from "../contract/rpc.ts";
import { Attempt, type AttemptOutcome, internalFault } from "./attempt.ts";
import { JobHistory } from "./job-history.ts";
import { jobInfoOf } from "./job-info.ts";
import { beginTasks, claimNext, type Footing, type JobPlan, type JobServices, launchFault, prepareAttempt } from "./launch.ts";
import { decideRestart, noRestarts, type RestartHistory } from "./restart-strategy.ts";
import { isResting, nextJobState, notNow, type RestingState } from "./states.ts";
import { type Deferred, deferred, sleep } from "../contract/wait.ts";

type StopState = Extract<RestingState, "CANCELED" | "PAUSED" | "SUSPENDED">;

/** Savepoints that may be under way beside other checkpoints. */
const savepointsUnderWay_max = 16;

/** Ids that an attempt may have used without a trace: failures in a row that could not be stored, and all that were under way. */
const unrecordedIds_max = ({ tolerableFailures, maxConcurrent }: CheckpointOptions): number =>
  tolerableFailures + 1 + maxConcurrent + savepointsUnderWay_max;

/**
 * One job through all its attempts: restore, deploy, and on a fault the same again, as the restart strategy decides. What
 * the job rests in (FINISHED, FAILED, CANCELED, PAUSED) is kept in the store and holds over a restart of the server.
 */
export class JobMaster {
  readonly #services: JobServices;
  readonly #history = new JobHistory();
  #plan: JobPlan;
  #record: JobRecord;
  #state: JobState;
  #attempt: Attempt | null = null;
  #restarts: RestartHistory = noRestarts;
  #nextCheckpoint: number;
  /** Ids that were used without a trace when the process before died: failures in a row that could not be stored, and the last one. */
  #unrecordedIds: number;
  /** What an attempt found to be not what was written: its successor goes back to before it. */
  #broken: readonly BrokenDelta[] = [];
  #stop: StopState | null = null;
  /** Suspended to run on at once: for those who wait for its end, it goes on. */
  #halting = false;
  /** Holds over restarts: the sources would go on from the last checkpoint. */
  #draining = false;
  #interrupt = new AbortController();
  #sent: () => void = () => undefined;
  #resting: Deferred<RestingState> = deferred();
  #running: Promise<void> = Promise.resolve();

  /** `record` is what the store knows of the job, or a new one with attempt 0. */
  constructor(services: JobServices, plan: JobPlan, record: JobRecord) {
    this.#services = services;
    this.#plan = plan;
    this.#record = record;
    this.#state = "INITIALIZING";
    this.#nextCheckpoint = record.nextCheckpoint;
    this.#unrecordedIds = record.attempt === 0 ? 0 : unrecordedIds_max(plan.submission.checkpoints);
  }

  get id(): string {
    return this.#record.id;
  }

  get name(): string {
    return this.#record.job;
  }

  get history(): JobHistory {
    return this.#history;
  }

  get state(): JobState {
    return this.#state;
  }

  get plan(): JobPlan {
    return this.#plan;
  }

  get attempt(): Attempt | null {
    return this.#attempt;
  }

  info(): JobInfo {
    return jobInfoOf({
      record: this.#record,
      state: this.#state,
      topology: this.#plan.topology,
      checkpointing: this.#plan.submission.checkpoints,
      attempt: this.#attempt,
      history: this.#history,
      waitsFor: this.#services.resources.shortage(this.#record.id),
      autoscale: this.#plan.submission.autoscale ?? null,
    });
  }

  /** Resolves with the state that the job comes to rest in. */
  finished(): Promise<RestingState> {
    return isResting(this.#state) && !this.#isHalted ? Promise.resolve(this.#state) : this.#resting.promise;
  }

  /** Lists a job that came to rest before the server did. */
  rest(state: RestingState): void {
    this.#move(state);
  }

  /**
   * Runs the job; resolves when its tasks may begin, it has come to rest without, or waits for another try. `recovered`: it ran
   * before the server started, and its tables are there: resolves once its tasks are on their way, while their state is read.
   */
  start(recovered = false): Promise<void> {
    this.#move("CREATED");
    this.#stop = null;
    this.#interrupt = new AbortController();
    this.#restarts = { ...noRestarts, resumed_ms: this.#services.world.clock.monotonic_ms() };
    this.#services.resources.enter(this.#record, this.#plan.runsOnSlotsOf ?? this.#plan.topology);
    const deployed = deferred<void>();
    this.#sent = recovered ? () => deployed.resolve() : () => undefined;
    this.#running = this.#run(() => deployed.resolve()).finally(() => deployed.resolve());
    return deployed.promise;
  }

  /** Runs on from the last checkpoint, perhaps with another plan. */
  async resume(plan: JobPlan): Promise<void> {
    await this.#running;
    // Of two who ask at once, one finds the job running. A change of the plan finds it as it was halted for that.
    if (this.#state !== "PAUSED" && this.#state !== "FAILED" && !this.#isHalted) throw notNow(this.name, this.#state, "cannot be resumed");
    this.#plan = plan;
    this.#record = { ...this.#record, fault: null, ended_ms: null };
    if (!this.#halting) {
      this.#resting = deferred();
      this.#draining = false;
    }
    this.#halting = false;
    await this.start();
  }

  /** Takes a checkpoint, if tasks run, and rests as PAUSED, unless it ends by itself meanwhile. A failed checkpoint leaves the job running. */
  async pause(): Promise<void> {
    if (this.#state === "RUNNING" && this.#attempt !== null) await this.#attempt.coordinator.request("manual", true);
    await this.#stopIn("PAUSED", "the job is being paused");
    if (this.#state !== "PAUSED" && this.#state !== "FINISHED") throw notNow(this.name, this.#state, "was not paused");
  }

  /** The same, but nothing is kept of it: should the server die now, the job runs when it is back. For a change of the plan; says when tasks were stopped. */
  async halt(why: string, withCheckpoint = true): Promise<number> {
    if (withCheckpoint && this.#state === "RUNNING" && this.#attempt !== null) await this.#attempt.coordinator.request("manual", true);
    const stop_ms = this.#services.world.clock.monotonic_ms();
    this.#halting = !isResting(this.#state);
    await this.#stopIn("SUSPENDED", why);
    return stop_ms;
  }

  /** Ends the job's input where it is and resolves with the state that it comes to rest in: FINISHED, if nothing fails for good. */
  drain(): Promise<RestingState> {
    this.#draining = true;
    this.#attempt?.drain();
    return this.finished();
  }

  /** Resolves once all tasks run (true), or the attempt has ended before (false). */
  async comesToRun(): Promise<boolean> {
    const attempt = this.#attempt;
    return attempt !== null && Promise.race([attempt.allRunning, attempt.outcome.then(() => false)]);
  }

  /** Another plan for a job that rests: it is for when it runs again. */
  replan(plan: JobPlan): void {
    this.#plan = plan;
  }

  /** Whatever else is under way: who pauses or changes the job is told. One that ends by itself meanwhile stays what it became. */
  async cancel(): Promise<void> {
    await this.#stopIn("CANCELED", "the job is being canceled");
    if (this.#state !== "PAUSED" && this.#state !== "FAILED" && !this.#isHalted) return;
    this.#move("CANCELED");
    this.#halting = false;
    this.#services.resources.leave(this.#record);
    this.#resting.resolve("CANCELED");
    await this.#persist();
  }

  /** Stops the tasks without a word to the store: the job runs on when the server does. */
  async suspend(): Promise<void> {
    await this.#stopIn("SUSPENDED", "the server is shutting down");
  }

  /** Resolves once the job rests; at once if it does. A job that ends by itself meanwhile stays what it became. */
  async #stopIn(to: StopState, why: string): Promise<void> {
    if (!isResting(this.#state)) {
      this.#stop = to === "CANCELED" ? to : (this.#stop ?? to);
      this.#interrupt.abort(why);
      this.#attempt?.end({ kind: "stopped" });
    }
    await this.#running;
  }

  async #run(deployed: () => void): Promise<void> {
    for (;;) {
      const outcome = await this.#runAttempt(deployed);
      if (outcome.kind === "finished") return this.#comeToRest("FINISHED");
      if (outcome.kind === "stopped") return this.#comeToRest(this.#stop ?? "SUSPENDED");
      if (this.#state === "FAILING") return this.#comeToRest("FAILED");
      if (outcome.kind === "distrusted") continue;
      await sleep(this.#services.world, this.#restarts.resumed_ms - this.#services.world.clock.monotonic_ms(), this.#interrupt.signal);
      if (this.#stop !== null) {
        this.#move(this.#stop === "SUSPENDED" ? "SUSPENDED" : "CANCELLING");
        return this.#comeToRest(this.#stop);
      }
    }
  }

  async #runAttempt(deployed: () => void): Promise<AttemptOutcome> {
    const launched = await this.#launch(deployed).catch(
      (error: unknown): AttemptOutcome => ({ kind: "failed", fault: launchFault(error), task: null, slotLost: false }),
    );
    if (launched instanceof Attempt) deployed();
    const outcome = launched instanceof Attempt ? await launched.outcome : launched;
    this.#react(outcome);
    if (outcome.kind === "failed" && this.#state === "RESTARTING") deployed();
    await this.#attempt?.stop(outcome.kind === "failed" ? outcome.fault.message : "the job is stopping");
    this.#nextCheckpoint = this.#attempt?.coordinator.nextCheckpoint ?? this.#nextCheckpoint;
    return outcome;
  }

  /** Deploys the tasks, unless the job was stopped before; the state that they restore is read while they start up. */
  async #launch(onWait: () => void): Promise<Attempt | Extract<AttemptOutcome, { kind: "stopped" | "distrusted" }>> {
    this.#attempt = null;
    this.#record = await claimNext(this.#services, { ...this.#record, nextCheckpoint: this.#nextCheckpoint });
    const { signal } = this.#interrupt;
    const footing = await prepareAttempt(this.#services, this.#plan, this.#record, this.#unrecordedIds, this.#broken, signal, onWait);
    if (footing === null) return { kind: "stopped" };
    this.#unrecordedIds = 0;
    this.#record = footing.record;
    this.#nextCheckpoint = footing.record.nextCheckpoint;
    const attempt = this.#attemptOn(footing);
    this.#attempt = attempt;
    if (this.#stop !== null) attempt.end({ kind: "stopped" });
    const { checkpoint } = footing.restores;
    // Fresh tasks begin at once: the store is prepared for them before.
    if (checkpoint !== null) this.#deploy(attempt, `, restoring checkpoint ${checkpoint}`);
    const begun = await beginTasks(this.#services, this.#plan, footing, attempt);
    if (begun !== "begun") return begun === "ended" ? attempt : begun;
    this.#broken = [];
    this.#sayWhatWasSkipped(footing.restores);
    if (checkpoint === null) this.#deploy(attempt, "");
    else this.#restored(checkpoint);
    if (this.#draining) attempt.drain();
    return attempt;
  }

  #deploy(attempt: Attempt, restoring: string): void {
    this.#move("RUNNING");
    attempt.deploy();
    this.#sent();
    this.#services.log("info", `job "${this.#record.job}": attempt ${this.#record.attempt} deployed${restoring}`);
  }

  #restored(checkpoint: number): void {
    this.#history.restored({ checkpoint, restored_ms: this.#services.world.clock.now_ms() });
    this.#services.log("info", `job "${this.#record.job}": attempt ${this.#record.attempt} goes on from checkpoint ${checkpoint}`);
  }

  #attemptOn({ record, restores, slots }: Footing): Attempt {
    const { submission, topology } = this.#plan;
    return new Attempt({
      ...this.#services,
      job: submission.name,
      jobId: record.id,
      number: record.attempt,
      topology,
      slots,
      restores,
      nextCheckpoint: record.nextCheckpoint,
      checkpoints: submission.checkpoints,
      report: (info) => this.#history.checkpoint(info),
    });
  }

  #sayWhatWasSkipped({ checkpoint, skipped, skippedBecause }: RestorePlan): void {
    if (skipped.length === 0) return;
    const message = `checkpoint ${skipped.join(", ")} cannot be trusted (${skippedBecause}); the job goes back to checkpoint ${checkpoint}`;
    this.#services.log("error", `job "${this.#plan.submission.name}": ${message}`);
    this.#history.exception(this.#faultOf({ ...internalFault(message), domain: "external", sqlState: "58030" }, null));
  }

  /** The state that follows an attempt's end; its tasks are canceled after. */
  #react(outcome: AttemptOutcome): void {
    if (outcome.kind === "finished") return;
    if (outcome.kind === "stopped") return this.#move(this.#stop === "SUSPENDED" ? "SUSPENDED" : "CANCELLING");
    if (outcome.kind === "distrusted") {
      this.#broken = outcome.broken;
      return this.#move("RESTARTING");
    }
    const { world, log } = this.#services;
    const { submission } = this.#plan;
    const fault = this.#faultOf(outcome.fault, outcome.task);
    this.#history.exception(fault);
    const now_ms = world.clock.monotonic_ms();
    const { slotLost } = outcome;
    const facts = { now_ms, retry: outcome.fault.retry, random: world.random(), slotLost };
    const decision = decideRestart(submission.restart, this.#restarts, facts);
    if (decision.do === "fail") {
      this.#record = { ...this.#record, fault };
      this.#move("FAILING");
      log("error", `job "${submission.name}" failed for good, as ${decision.reason}: ${fault.message}`);
      return;
    }
    this.#restarts = decision.history;
    this.#record = { ...this.#record, restarts: this.#record.restarts + 1 };
    if (this.#state !== "RESTARTING") this.#move("RESTARTING");
    log("warn", `job "${submission.name}" restarts in ${decision.delay_ms} ms: ${fault.message}`);
  }

  #faultOf({ message, domain, sqlState }: TaskFault, task: string | null): JobFault {
    return { message, domain, sqlState, task, at_ms: this.#services.world.clock.now_ms() };
  }

  async #comeToRest(state: RestingState): Promise<void> {
    if (this.#state !== state) this.#move(state);
    // Another stop came first: nobody runs the job on.
    if (state !== "SUSPENDED") this.#halting = false;
    this.#record = { ...this.#record, ended_ms: this.#services.world.clock.now_ms() };
    if (state !== "SUSPENDED" || !this.#halting) this.#services.resources.leave(this.#record);
    if (state !== "SUSPENDED") await this.#persist();
    if (state !== "SUSPENDED" || !this.#halting) this.#resting.resolve(state);
  }

  /** A state that cannot be kept is said, and holds until the server ends. */
  async #persist(): Promise<void> {
    this.#record = { ...this.#record, state: this.#state, nextCheckpoint: this.#nextCheckpoint };
    const record = this.#record;
    try {
      await this.#services.store.transact(async (transaction) => {
        await assertAttempt(transaction, record);
        await writeJobRecord(transaction, record);
      });
    } catch (error) {
      this.#services.log("error", `job "${record.job}": its state ${record.state} could not be stored: ${messageOf(error)}`);
    }
  }

  /** Stopped for a change of its plan, to run on at once. */
  get #isHalted(): boolean {
    return this.#halting && this.#state === "SUSPENDED";
  }

  #move(state: JobState): void {
    this.#state = nextJobState(this.#state, state);
  }
}
