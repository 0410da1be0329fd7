import { messageOf } from "../contract/errors.ts";
import { type Operator, watermark_max } from "../contract/operator.ts";
import { limits } from "../contract/limits.ts";
import type { TaskDeployment, TaskFault, TaskId, TaskMetrics, TaskSnapshot } from "../contract/rpc.ts";
import type { BarrierMode, CheckpointPhase } from "../contract/checkpoints.ts";
import type { TaskState } from "../contract/control.ts";
import type { Cancel, World } from "../contract/world.ts";
import type { Barrier } from "../exchange/elements.ts";
import { buildChain, type Chain } from "./chain.ts";
import { type Alignment, InputProcessor } from "./input-processor.ts";
import { Mailbox, type StepResult } from "./mailbox.ts";
import { restoreState } from "./restore-state.ts";
import { SourcePoller } from "./source-poller.ts";
import { buffersOf, takeSnapshot } from "./take-snapshot.ts";
import type { TaskEnvironment } from "./task-environment.ts";
import { faultOf } from "./task-fault.ts";
import { openInputs } from "./task-inputs.ts";
import { TaskMeter } from "./task-meter.ts";
import { TaskOutputs } from "./task-outputs.ts";

/** running: reads input; ended: all input processed, stays for one last checkpoint; over: a terminal state is or will be reported. */
type Phase = "starting" | "running" | "ended" | "over";
/** A piece of work that counts as one step. */
type Command = () => void | Promise<void>;

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
  private readonly commands: Command[] = [];
  private phase: Phase = "starting";
  private tickDue = false;
  private stopTicks: Cancel | null = null;
  private stopFlush: Cancel | null = null;
  /** The newest checkpoint taken or aborted here: triggers up to it come too late. */
  private triggered = 0;
  /** A trigger that came before the end of the inputs: taken at the end, unless its barrier comes first. */
  private armed: Barrier | null = null;
  /** The first checkpoint taken after the end: once it is complete, so is the task. */
  private lastCheckpoint: number | null = null;

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
    this.meter = new TaskMeter(deployment.inEdges.length === 0, this.now_ms());
    this.outputs = new TaskOutputs(deployment, environment.wires, wake);
    const inputs = openInputs(deployment, environment.wires, wake);
    this.chain = buildChain({ deployment, environment, outputs: this.outputs, meter: this.meter });
    const { source, head, operators } = this.chain;
    this.inputs = inputs === null ? null : new InputProcessor(inputs, head, this.meter, this.world.clock, this.inputHandler());
    this.poller = source === null ? null : new SourcePoller(source, this.world.timers, wake, () => this.endInput());
    this.ticking = operators.map(({ operator }) => operator).filter((operator) => operator.tick !== undefined);
    this.unclosed = operators.map(({ operator }) => operator);
    this.queue(() => this.open());
    this.report("INITIALIZING", null);
  }

  /** Takes the checkpoint here at a source or after the end of all inputs; elsewhere its barriers decide when. */
  triggerCheckpoint(checkpoint: number, mode: BarrierMode): void {
    this.queue(() => this.trigger({ kind: "barrier", checkpoint, mode }));
  }

  checkpointComplete(checkpoint: number): void {
    this.queue(async () => {
      for (const { operator } of this.chain.operators) await operator.checkpointComplete?.(checkpoint);
      if (this.lastCheckpoint !== null && checkpoint >= this.lastCheckpoint) await this.finish();
    });
  }

  abortCheckpoint(checkpoint: number): void {
    this.queue(() => {
      if (this.armed !== null && this.armed.checkpoint <= checkpoint) this.armed = null;
      this.triggered = Math.max(this.triggered, checkpoint);
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
    return this.meter.report(this.id, this.mailbox.busy_ms, this.now_ms());
  }

  private step(): StepResult | Promise<StepResult> {
    const command = this.commands.shift();
    if (command !== undefined) return worked(command());
    if (this.phase !== "running") return "waiting";
    const { available } = this.outputs;
    this.meter.backpressured(!available, this.now_ms());
    if (!available) return "waiting";
    if (this.tickDue) this.tick();
    return (this.inputs ?? (this.poller as SourcePoller)).step();
  }

  private async open(): Promise<void> {
    restoreState(this.chain, this.deployment.restored);
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

  private inputHandler(): ConstructorParameters<typeof InputProcessor>[4] {
    return {
      aligning: (checkpoint) => this.reportPhase(checkpoint, "aligning"),
      checkpoint: (barrier, alignment) => this.checkpoint(barrier, alignment),
      declined: (checkpoint) => {
        this.environment.report({
          did: "declined",
          task: this.id,
          checkpoint,
          reason: "a newer checkpoint began before its barriers had come",
        });
      },
      inputEnded: () => this.endInput(),
    };
  }

  private trigger(barrier: Barrier): void | Promise<void> {
    if (barrier.checkpoint <= this.triggered) return;
    if (this.phase === "running" && this.inputs !== null) this.armed = barrier;
    else {
      const startDelay_ms = Math.max(0, this.world.clock.now_ms() - barrier.mode.triggered_ms);
      return this.checkpoint(barrier, { startDelay_ms, alignment_ms: 0, processed_bytes: 0 });
    }
  }

  /** The cut: nothing is processed from the first call to the last. */
  private async checkpoint(barrier: Barrier, alignment: Alignment): Promise<void> {
    const { checkpoint } = barrier;
    this.triggered = checkpoint;
    this.reportPhase(checkpoint, "sync");
    const start_ms = this.now_ms();
    for (const { operator } of this.chain.operators) await operator.prepareBarrier?.(checkpoint);
    if (this.over) return;
    const finished = this.phase === "ended";
    if (!finished) this.outputs.control(barrier);
    this.outputs.post();
    const { state, results, rows, bytes } = takeSnapshot(this.chain, checkpoint);
    const sync_ms = this.now_ms() - start_ms;
    const figures = { ...alignment, sync_ms, async_ms: 0, rows, bytes, persisted_bytes: 0, unaligned: false };
    const snapshot: TaskSnapshot = { finished, state, results, figures };
    if (finished) this.lastCheckpoint ??= checkpoint;
    this.environment.report({ did: "acknowledged", task: this.id, checkpoint, snapshot }, buffersOf(snapshot));
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
    if (this.armed !== null) await this.trigger(this.armed);
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
