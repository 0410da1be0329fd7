import { messageOf } from "../contract/errors.ts";
import { type Operator, watermark_max } from "../contract/operator.ts";
import { mayBeOvertaken } from "../contract/in-flight.ts";
import { sizeOf_bytes } from "../contract/frame.ts";
import { limits } from "../contract/limits.ts";
import type { RestoredTable, TaskDeployment, TaskFault, TaskId, TaskMetrics } from "../contract/rpc.ts";
import type { BarrierMode, CheckpointPhase } from "../contract/checkpoints.ts";
import type { TaskState } from "../contract/control.ts";
import type { Cancel, World } from "../contract/world.ts";
import type { Barrier } from "../exchange/elements.ts";
import { buildChain, type Chain } from "./chain.ts";
import { type InputHandler, InputProcessor } from "./input-processor.ts";
import { Mailbox, type StepResult } from "./mailbox.ts";
import { PieceTurns } from "./piece-turns.ts";
import { Replay } from "./replay.ts";
import { restoreState } from "./restore-state.ts";
import { SourcePoller } from "./source-poller.ts";
import { buffersOf } from "./take-snapshot.ts";
import { TaskCheckpoints } from "./task-checkpoints.ts";
import type { TaskEnvironment } from "./task-environment.ts";
import { faultOf } from "./task-fault.ts";
import { openInputs } from "./task-inputs.ts";
import { TaskMeter } from "./task-meter.ts";
import { TaskOutputs } from "./task-outputs.ts";

/** running: reads input; ended: all input processed, stays for one last checkpoint; over: a terminal state is or will be reported. */
type Phase = "starting" | "running" | "ended" | "over";
/** A piece of work that counts as one step. */
type Command = () => undefined | void | Promise<void>;

/**
 * One subtask of a vertex: a chain of operators between its input channels and its output channels (README.md).
 * All work is done in steps of its mailbox, one at a time; the calls from outside only queue commands.
 */
export class Task {
  readonly id: TaskId;
  private readonly deployment: TaskDeployment;
  private readonly environment: TaskEnvironment;
  private readonly world: World;
  private readonly mailbox: Mailbox;
  private readonly meter: TaskMeter;
  private readonly outputs: TaskOutputs;
  private readonly chain: Chain;
  /** Exactly one of the two feeds the chain. */
  private readonly inputs: InputProcessor | null;
  private readonly poller: SourcePoller | null;
  private readonly ticking: readonly Operator[];
  private readonly unclosed: Operator[];
  private readonly turns: PieceTurns;
  private readonly commands: Command[] = [];
  private phase: Phase = "starting";
  private tickDue = false;
  private stopTicks: Cancel | null = null;
  private stopFlush: Cancel | null = null;
  private readonly checkpoints: TaskCheckpoints;
  /** Wakes the task when a barrier that was to wait may overtake. */
  private readonly overtakes = new Set<Cancel>();

  constructor(deployment: TaskDeployment, environment: TaskEnvironment) {
    this.id = deployment.task;
    this.deployment = deployment;
    this.environment = environment;
    this.world = environment.world;
    const wake = (): void => this.mailbox.wake();
    this.mailbox = new Mailbox(
      {
        step: () => this.step(),
        turnEnded: (waiting) => this.turnEnded(waiting),
        failed: (error) => void this.stop("FAILED", faultOf(error)),
      },
      this.world,
    );
    this.turns = new PieceTurns(this.world.clock);
    this.meter = new TaskMeter(deployment.inEdges.length === 0, this.now_ms());
    this.outputs = new TaskOutputs(deployment, environment.wires, wake);
    const inputs = openInputs(deployment, environment.wires, this.world, wake, (barrier) => this.barrierCame(barrier));
    this.chain = buildChain({ deployment, environment, outputs: this.outputs, meter: this.meter });
    const { source, head, operators } = this.chain;
    this.checkpoints = this.makeCheckpoints();
    const replay = new Replay(deployment, inputs?.gate.channels ?? []);
    this.inputs = inputs === null ? null : new InputProcessor(inputs, replay, head, this.meter, this.world.clock, this.inputHandler());
    this.poller = source === null ? null : new SourcePoller(source, this.world.timers, wake, () => this.endInput());
    this.ticking = operators.map(({ operator }) => operator).filter((operator) => operator.tick !== undefined);
    this.unclosed = operators.map(({ operator }) => operator);
    if (!deployment.awaitsState) this.begin();
    this.report("INITIALIZING", null);
  }

  /** Hands rows of restored state to the operator that they belong to, which is not open yet. */
  restore(rows: RestoredTable): void {
    this.queue(() => {
      restoreState(this.chain, rows);
      this.environment.report({ did: "restored", task: this.id, bytes: sizeOf_bytes(rows.frames) });
    });
  }

  /** All restored state has come: opens the operators. */
  begin(): void {
    this.queue(() => this.open());
  }

  /** Takes the checkpoint here at a source or after the end of all inputs; elsewhere its barriers decide when. */
  triggerCheckpoint(checkpoint: number, mode: BarrierMode): void {
    this.queue(() => {
      const waits = this.phase === "running" && this.inputs !== null;
      // No barrier will come from feeders that have ended: what is left of their rows is recorded until the ends.
      if (waits) this.barrierCame({ kind: "barrier", checkpoint, mode });
      return this.checkpoints.trigger(checkpoint, mode, waits);
    });
  }

  checkpointComplete(checkpoint: number): void {
    this.queue(async () => {
      for (const { operator } of this.chain.operators) await operator.checkpointComplete?.(checkpoint);
      if (this.checkpoints.endsWith(checkpoint)) await this.finish();
    });
  }

  abortCheckpoint(checkpoint: number): void {
    this.queue(() => {
      this.checkpoints.abort(checkpoint);
      this.inputs?.abort(checkpoint);
    });
  }

  /** Reads its source no further: the last watermark follows, and the end. */
  drain(): void {
    this.queue(async () => {
      if (this.poller === null || this.phase !== "running") return;
      this.poller.close();
      await this.endInput();
    });
  }

  /** Stops between two steps; a call under way gets some time to come back. Resolves when everything is closed. */
  async cancel(): Promise<void> {
    await this.stop("CANCELED", null);
  }

  /** null when nothing changed since the last call. */
  metrics(): TaskMetrics | null {
    return this.meter.report(this.id, this.mailbox.busy_ms, this.outputs.sent, this.now_ms());
  }

  private step(): StepResult | Promise<StepResult> {
    const command = this.commands.shift();
    if (command !== undefined) return worked(command());
    if (this.checkpoints.encode()) return this.turns.afterPiece(() => this.settled());
    return this.settled();
  }

  private settled(): StepResult | Promise<StepResult> {
    this.checkpoints.settle();
    return this.process();
  }

  private process(): StepResult | Promise<StepResult> {
    if (this.phase !== "running") return "waiting";
    const { available } = this.outputs;
    this.meter.backpressured(!available, this.now_ms());
    if (!available) return "waiting";
    if (this.tickDue) this.tick();
    return (this.inputs ?? (this.poller as SourcePoller)).step();
  }

  private async open(): Promise<void> {
    // From the tail: what an operator emits while it opens meets open ones.
    for (const { operator } of this.chain.operators.toReversed()) await operator.open?.();
    if (this.over) return;
    this.phase = "running";
    if (this.ticking.length > 0) {
      this.stopTicks = this.world.timers.every(limits.operatorTick_ms, () => {
        this.tickDue = true;
        this.mailbox.wake();
      });
    }
    this.report("RUNNING", null);
  }

  private tick(): void {
    this.tickDue = false;
    const now_ms = this.world.clock.now_ms();
    for (const operator of this.ticking) operator.tick?.(now_ms);
  }

  private turnEnded(waiting: boolean): void {
    if (this.over) return;
    if (waiting && this.outputs.available) this.outputs.flush();
    else if (this.stopFlush === null && this.outputs.gathering) this.flushSoon();
    this.outputs.post();
    this.inputs?.postCredits();
  }

  /** Also while a call of the head is under way: gathered rows are no business of the operators. */
  private flushSoon(): void {
    this.stopFlush = this.world.timers.after(limits.exchangeFlush_ms_max, () => {
      this.stopFlush = null;
      try {
        this.outputs.flush();
        this.outputs.post();
      } catch (error) {
        void this.stop("FAILED", faultOf(error));
      }
    });
  }

  private inputHandler(): InputHandler {
    return {
      aligning: (checkpoint) => this.reportPhase(checkpoint, "aligning"),
      checkpoint: (barrier, alignment, recording) => this.checkpoints.cut(barrier, alignment, recording),
      declined: (checkpoint) => this.decline(checkpoint),
      inputEnded: () => this.endInput(),
    };
  }

  private makeCheckpoints(): TaskCheckpoints {
    return new TaskCheckpoints({
      chain: this.chain,
      outputs: this.outputs,
      world: this.world,
      subtask: this.id.subtask,
      pieces: this.environment.snapshotPieces ?? { atOnce_rows: limits.snapshotAtOnce_rows, piece_rows: limits.snapshotPiece_rows },
      hasEnded: () => this.phase === "ended",
      isOver: () => this.over,
      queue: (command) => this.queue(command),
      phase: (checkpoint, phase) => this.reportPhase(checkpoint, phase),
      decline: (checkpoint) => this.decline(checkpoint),
      acknowledge: (checkpoint, snapshot) =>
        this.environment.report({ did: "acknowledged", task: this.id, checkpoint, snapshot }, buffersOf(snapshot)),
    });
  }

  private decline(checkpoint: number): void {
    const reason = "a newer checkpoint began before its barriers had come";
    this.environment.report({ did: "declined", task: this.id, checkpoint, reason });
  }

  /** A barrier is among the elements of a channel: it may be one that does not wait there for its turn. */
  private barrierCame(barrier: Barrier): void {
    const { mode } = barrier;
    if (mode.unalignedAfter_ms === null || !this.deployment.inEdges.every(mayBeOvertaken)) return;
    const overtake = (): void => this.queue(() => this.inputs?.overtake(barrier));
    const wait_ms = mode.unalignedAfter_ms - (this.world.clock.now_ms() - mode.triggered_ms);
    if (wait_ms <= 0) return overtake();
    const stop = this.world.timers.after(wait_ms, () => {
      this.overtakes.delete(stop);
      overtake();
    });
    this.overtakes.add(stop);
  }

  private async endInput(): Promise<void> {
    // A task with inputs has had the last watermark from them.
    if (this.chain.source !== null) this.chain.head.output.watermark(watermark_max);
    for (const { operator } of this.chain.operators) await operator.finish?.();
    if (this.over) return;
    this.outputs.control({ kind: "end" });
    this.outputs.post();
    this.phase = "ended";
    this.stopTicks?.();
    this.environment.report({ did: "ended", task: this.id });
    await this.checkpoints.inputEnded();
  }

  private async finish(): Promise<void> {
    for (const operator of this.takeUnclosed()) await operator.close?.();
    if (this.over) return;
    this.phase = "over";
    this.release();
    this.report("FINISHED", null);
  }

  /** Closes each operator, whatever the others say: the task has its verdict already. */
  private async stop(state: "CANCELED" | "FAILED", fault: TaskFault | null): Promise<void> {
    if (this.over) return;
    this.phase = "over";
    this.release();
    await this.mailbox.stop(limits.taskCancel_ms_max);
    for (const operator of this.takeUnclosed()) {
      try {
        await operator.close?.();
      } catch (error) {
        fault = fault === null ? null : { ...fault, message: `${fault.message} (and could not close: ${messageOf(error)})` };
      }
    }
    this.report(state, fault);
  }

  /** Each operator is closed once. */
  private *takeUnclosed(): Generator<Operator> {
    for (let next = this.unclosed.shift(); next !== undefined; next = this.unclosed.shift()) yield next;
  }

  private release(): void {
    for (const stop of this.overtakes) stop();
    this.checkpoints.close();
    this.stopTicks?.();
    this.stopFlush?.();
    this.poller?.close();
    this.inputs?.close();
    this.outputs.close();
  }

  private queue(command: Command): void {
    if (this.over) return;
    this.commands.push(command);
    this.mailbox.wake();
  }

  private reportPhase(checkpoint: number, phase: CheckpointPhase): void {
    this.environment.report({ did: "checkpointing", task: this.id, checkpoint, phase });
  }

  private report(state: TaskState, fault: TaskFault | null): void {
    const metrics = this.over ? this.metrics() : null;
    if (metrics !== null) this.environment.report({ did: "metrics", tasks: [metrics] });
    this.environment.report({ did: "taskState", task: this.id, state, fault });
  }

  private get over(): boolean {
    return this.phase === "over";
  }

  private now_ms(): number {
    return this.world.clock.monotonic_ms();
  }
}

const worked = (done: void | Promise<void>): StepResult | Promise<StepResult> =>
  done === undefined ? "worked" : done.then(() => "worked" as const);
