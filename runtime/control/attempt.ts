import type { FilePlaces } from "../contract/file-places.ts";
import type { AttemptStorage } from "../checkpoint/attempt-storage.ts";
import { CheckpointCoordinator } from "../checkpoint/coordinator.ts";
import type { RestorePlan } from "../checkpoint/restore.ts";
import type { BrokenDelta } from "../checkpoint/verification.ts";
import type { CheckpointInfo, CheckpointOptions } from "../contract/checkpoints.ts";
import type { StateTimes, TaskState } from "../contract/control.ts";
import { assert, messageOf } from "../contract/errors.ts";
import type { FromSlot, RestoredTable, TaskFault, TaskId, TaskMetrics } from "../contract/rpc.ts";
import type { World } from "../contract/world.ts";
import { makeDeployments, taskIdOf } from "./deployment.ts";
import type { Log } from "./log.ts";
import type { ResourceManager } from "./resource-manager.ts";
import { StateFeed } from "./state-feed.ts";
import { isTerminalTask, taskMayBecome } from "./states.ts";
import type { ExecutionVertex, Topology } from "./topology.ts";
import { deferred, within } from "../contract/wait.ts";

/** One attempt at one subtask (Flink's Execution). */
export interface Execution {
  readonly vertex: ExecutionVertex;
  readonly slot: number;
  state: TaskState;
  metrics: TaskMetrics | null;
  entered_ms: StateTimes;
}

/** How an attempt ended; the first cause counts. */
export type AttemptOutcome =
  | { readonly kind: "finished" }
  /** `slotLost`: with a slot, or the process at the other end of a channel; the job is not suspected. */
  | { readonly kind: "failed"; readonly fault: TaskFault; readonly task: string | null; readonly slotLost: boolean }
  /** State that tasks were given is not what was written: another attempt goes back to an older checkpoint. */
  | { readonly kind: "distrusted"; readonly broken: readonly BrokenDelta[] }
  | { readonly kind: "stopped" };

export interface AttemptOptions {
  /** The job's name: for texts. */
  readonly job: string;
  readonly jobId: string;
  readonly number: number;
  readonly topology: Topology;
  readonly slots: readonly number[];
  readonly restores: Pick<RestorePlan, "checkpoint" | "inFlight">;
  readonly nextCheckpoint: number;
  readonly checkpoints: CheckpointOptions;
  readonly world: World;
  readonly resources: ResourceManager;
  readonly scratchDirectory: string;
  readonly places: FilePlaces;
  readonly log: Log;
  report(info: CheckpointInfo): void;
}

/** Longer than any task should need to close; then it is left behind, fenced off by its attempt, and its TaskManager is given up. */
const cancel_ms_max = 30_000;

/** All tasks of a job from one deployment to its end. A fault of one ends the attempt (one pipelined region). */
export class Attempt {
  readonly #options: AttemptOptions;
  readonly #outcome = deferred<AttemptOutcome>();
  readonly #allTerminal = deferred<true>();
  readonly #allRunning = deferred<true>();
  readonly #indexOf: ReadonlyMap<string, number>;
  readonly #background = new Set<Promise<void>>();
  #storage: AttemptStorage | null = null;
  readonly executions: readonly Execution[];
  readonly coordinator: CheckpointCoordinator;
  /** Takes the state that the tasks wait for. */
  readonly feed: StateFeed;

  constructor(options: AttemptOptions) {
    this.#options = options;
    const { vertices } = options.topology;
    this.executions = vertices.map((vertex) => ({
      vertex,
      slot: options.slots[vertex.index] as number,
      state: "SCHEDULED",
      metrics: null,
      entered_ms: { SCHEDULED: options.world.clock.now_ms() },
    }));
    this.#indexOf = new Map(vertices.map((vertex) => [keyOf(vertex.vertex.id, vertex.subtask), vertex.index]));
    this.coordinator = this.#makeCoordinator();
    this.feed = new StateFeed((vertex, subtask, rows) => this.#sendState(vertex, subtask, rows));
  }

  /** Resolves once with how the attempt ended; its tasks may still run until `stop` has resolved. */
  get outcome(): Promise<AttemptOutcome> {
    return this.#outcome.promise;
  }

  /** Resolves when all tasks run at once for the first time; perhaps never. */
  get allRunning(): Promise<true> {
    return this.#allRunning.promise;
  }

  /** Sends the tasks to their slots. Those that restore a checkpoint wait there for their state, and for `begin`. */
  deploy(): void {
    const { jobId, number, topology, slots, restores, resources, scratchDirectory, places } = this.#options;
    const [gone] = resources.goneOf(slots);
    if (gone !== undefined) return this.slotExited(gone, "it went before its tasks came");
    for (const execution of this.executions) this.#move(execution, "DEPLOYING");
    const tasks = makeDeployments({
      job: jobId,
      attempt: number,
      topology,
      slots,
      restoredCheckpoint: restores.checkpoint,
      inFlight: restores.inFlight,
      scratchDirectory,
      places,
    });
    try {
      resources.deploy(tasks);
    } catch (error) {
      this.#undeployable(`the tasks cannot be sent: ${messageOf(error)}`);
    }
  }

  /** The state that was read is what was written, and the store is ready for the attempt's checkpoints: the tasks may begin. */
  begin(storage: AttemptStorage): void {
    this.#storage = storage;
    if (this.#options.restores.checkpoint === null) return;
    const { jobId, number, resources } = this.#options;
    for (const { slot, vertex } of this.executions) resources.send(slot, { do: "begin", task: taskIdOf(jobId, number, vertex) });
  }

  /** Some tasks may be there and some not: all are told to end, and none is waited for. */
  #undeployable(reason: string): void {
    const { jobId, number, resources } = this.#options;
    for (const { slot, vertex } of this.executions) {
      resources.send(slot, { do: "cancel", task: taskIdOf(jobId, number, vertex) });
      this.#taskState(vertex.index, "FAILED", internalFault(reason));
    }
  }

  /** Lets the sources end where they are: with the rows under way and a last checkpoint the attempt finishes. */
  drain(): void {
    const { jobId, number, resources } = this.#options;
    for (const { slot, vertex } of this.executions) {
      if (vertex.upstream.length === 0) resources.send(slot, { do: "drain", task: taskIdOf(jobId, number, vertex) });
    }
  }

  /** A message about one of the attempt's tasks; those of other attempts are dropped here (fencing). */
  receive(message: Exclude<FromSlot, { readonly did: "ready" | "reset" | "pong" | "metrics" | "pullTable" }>): void {
    const index = this.#find(message.task);
    if (index === null) return;
    switch (message.did) {
      case "taskState":
        return this.#taskState(index, message.state, message.fault);
      case "restored":
        return this.feed.restored(message.bytes);
      case "channelLost":
        return this.#fail({ ...internalFault(message.reason), domain: "external" }, index, true);
      case "ended":
        return this.coordinator.taskEnded(index);
      case "acknowledged":
        return this.coordinator.acknowledged(index, message.checkpoint, message.snapshot);
      case "checkpointing":
        return this.coordinator.phase(index, message.checkpoint, message.phase);
      case "declined":
        return this.coordinator.declined(index, message.checkpoint, message.reason);
    }
  }

  receiveMetrics(metrics: TaskMetrics): void {
    const index = this.#find(metrics.task);
    if (index !== null) (this.executions[index] as Execution).metrics = metrics;
  }

  slotExited(slot: number, reason: string): void {
    const fault = internalFault(`slot ${slot} is gone: ${reason}`);
    for (const { slot: own, state, vertex } of this.executions) {
      if (own !== slot) continue;
      if (!isTerminalTask(state)) this.#fail(fault, vertex.index, true);
      this.#taskState(vertex.index, "FAILED", fault);
    }
  }

  /** Ends the attempt for a reason of its own. */
  end(outcome: AttemptOutcome): void {
    this.feed.close();
    this.#outcome.resolve(outcome);
  }

  /** Cancels what still runs; resolves when no task and no transaction of the attempt is under way. */
  async stop(why: string): Promise<void> {
    const { job, jobId, number, resources, world, log, slots } = this.#options;
    for (const execution of this.executions) {
      if (isTerminalTask(execution.state) || execution.state === "CANCELING") continue;
      if (!taskMayBecome(execution.state, "CANCELING")) this.#move(execution, "CANCELED");
      else {
        this.#move(execution, "CANCELING");
        resources.send(execution.slot, { do: "cancel", task: taskIdOf(jobId, number, execution.vertex) });
      }
    }
    this.#storage?.abandon();
    await this.coordinator.stop(why);
    const all = await within(world, cancel_ms_max, this.#allTerminal.promise);
    if (all === null) {
      log("error", `job "${job}": tasks of attempt ${number} did not stop within ${cancel_ms_max} ms and are left behind`);
      const hung = this.executions.filter(({ state }) => !isTerminalTask(state)).map(({ slot }) => slot);
      for (const slot of new Set(hung)) resources.abandon(slot, `a task of job "${job}" did not end within ${cancel_ms_max} ms`);
    }
    await Promise.all(this.#background);
    resources.release({ id: jobId, job }, slots);
  }

  #taskState(index: number, state: TaskState, fault: TaskFault | null): void {
    const execution = this.executions[index] as Execution;
    if (!this.#move(execution, state)) return;
    if (state === "RUNNING") {
      this.coordinator.taskRunning(index);
      if (this.executions.every((e) => e.state === "RUNNING" || isTerminalTask(e.state))) this.#allRunning.resolve(true);
    }
    if (state === "FINISHED") this.coordinator.taskFinished(index);
    if (state === "FAILED") this.#fail(fault ?? internalFault("a task failed without saying why"), index);
    if (state === "FINISHED" && this.executions.every((e) => e.state === "FINISHED")) this.end({ kind: "finished" });
  }

  #fail(fault: TaskFault, task: number | null, slotLost = false): void {
    this.end({ kind: "failed", fault, task: task === null ? null : this.#nameOf(task), slotLost });
  }

  /** False for a move that the task's lifecycle does not have: a late report, of no consequence. */
  #move(execution: Execution, state: TaskState): boolean {
    if (!taskMayBecome(execution.state, state)) return false;
    execution.state = state;
    execution.entered_ms = { ...execution.entered_ms, [state]: this.#options.world.clock.now_ms() };
    if (this.executions.every((e) => isTerminalTask(e.state))) this.#allTerminal.resolve(true);
    return true;
  }

  /** Tasks take part in checkpoints once they have begun. */
  get #begun(): AttemptStorage {
    assert(this.#storage !== null, "an attempt whose tasks run has begun in the store");
    return this.#storage;
  }

  #sendState(vertex: string, subtask: number, rows: RestoredTable): void {
    const { jobId, number, resources } = this.#options;
    const execution = this.executions[this.#indexOf.get(keyOf(vertex, subtask)) ?? -1];
    assert(execution !== undefined, `there is a task for state of ${vertex}/${subtask}`);
    const task = taskIdOf(jobId, number, execution.vertex);
    resources.send(execution.slot, { do: "restore", task, rows }, rows.frames);
  }

  #find(task: TaskId): number | null {
    if (task.job !== this.#options.jobId || task.attempt !== this.#options.number) return null;
    return this.#indexOf.get(keyOf(task.vertex, task.subtask)) ?? null;
  }

  #nameOf(index: number): string {
    const { vertex, subtask } = this.#options.topology.vertices[index] as ExecutionVertex;
    return `${vertex.name} (${subtask + 1}/${vertex.parallelism})`;
  }

  #makeCoordinator(): CheckpointCoordinator {
    const { jobId, number, topology, checkpoints, world, resources, nextCheckpoint } = this.#options;
    return new CheckpointCoordinator({
      world,
      options: checkpoints,
      upstream: topology.vertices.map((vertex) => vertex.upstream),
      nextCheckpoint,
      nameOf: (task) => this.#nameOf(task),
      placeOf: (task) => {
        const { vertex, subtask } = topology.vertices[task] as ExecutionVertex;
        return { vertexId: vertex.id, subtask };
      },
      send: (task, command) => {
        const { slot, vertex } = this.executions[task] as Execution;
        resources.send(slot, { ...command, task: taskIdOf(jobId, number, vertex) });
      },
      commit: (snapshot) => this.#begun.commit(snapshot),
      report: (info) => this.#checkpointMoved(info),
      failed: (message) => this.#fail({ ...internalFault(message), domain: "external", sqlState: "58000" }, null),
    });
  }

  #checkpointMoved(info: CheckpointInfo): void {
    const { job, log } = this.#options;
    this.#options.report(info);
    if (info.status === "FAILED") log("warn", `job "${job}": checkpoint ${info.id} failed: ${info.failure}`);
    if (info.status === "COMPLETED") this.#inBackground("compaction", () => this.#begun.compact());
    if (info.status === "FAILED") this.#inBackground("the record of a failed checkpoint", () => this.#begun.recordFailure(info));
  }

  /** Work whose failure harms nobody but is said. */
  #inBackground(what: string, work: () => Promise<void>): void {
    const running = work()
      .catch((error: unknown) => this.#options.log("warn", `job "${this.#options.job}": ${what} failed: ${messageOf(error)}`))
      .finally(() => this.#background.delete(running));
    this.#background.add(running);
  }
}

const keyOf = (vertex: string, subtask: number): string => `${vertex}/${subtask}`;

export const internalFault = (message: string): TaskFault => ({
  message,
  domain: "internal",
  retry: "retry",
  sqlState: "XX000",
  stack: null,
});
