import { assertNever } from "../contract/errors.ts";
import { limits } from "../contract/limits.ts";
import type { FromSlot, TaskDeployment, TaskId, ToSlot } from "../contract/rpc.ts";
import type { Cancel, World } from "../contract/world.ts";
import { LocalWires } from "../exchange/wire.ts";
import { Task } from "../task/task.ts";
import type { DefinitionOf, TaskEnvironment } from "../task/task-environment.ts";
import type { SnapshotPieces } from "../task/take-snapshot.ts";
import { faultOf } from "../task/task-fault.ts";
import { OpenPulls } from "./open-pulls.ts";
import { keyOf } from "./task-key.ts";

export interface SlotHostOptions {
  readonly world: World;
  readonly definitionOf: DefinitionOf;
  /** As the limits say, if nothing else is said. */
  readonly snapshotPieces?: SnapshotPieces | undefined;
  /** Joins channels within the slot, or within a process that holds several slots. */
  readonly wires?: LocalWires;
  /** To the JobMaster. */
  readonly post: (message: FromSlot, transfer: readonly ArrayBuffer[]) => void;
}

/** The tasks of one slot, whatever carries the messages: a thread (slot.ts) or this thread (local-slots.ts). */
export class SlotHost {
  private readonly options: SlotHostOptions;
  private readonly wires: LocalWires;
  private readonly tasks = new Map<string, Task>();
  private readonly pulls: OpenPulls;
  private stopMetrics: Cancel | null = null;
  private resetting = false;

  constructor(options: SlotHostOptions) {
    this.options = options;
    this.wires = options.wires ?? new LocalWires();
    this.pulls = new OpenPulls((message) => options.post(message, []));
  }

  /** Messages for a task or an attempt that is not here are dropped. `exit` is the carrier's business. */
  receive(message: Exclude<ToSlot, { readonly do: "exit" }>): void {
    switch (message.do) {
      case "deploy":
        for (const deployment of message.deployments) this.deploy(deployment);
        return;
      case "restore":
        return this.task(message.task)?.restore(message.rows);
      case "begin":
        return this.task(message.task)?.begin();
      case "triggerCheckpoint":
        return this.task(message.task)?.triggerCheckpoint(message.checkpoint, message.mode);
      case "checkpointComplete":
        return this.task(message.task)?.checkpointComplete(message.checkpoint);
      case "drain":
        return this.task(message.task)?.drain();
      case "abortCheckpoint":
        return this.task(message.task)?.abortCheckpoint(message.checkpoint);
      case "tableRows":
        return this.pulls.answered(message);
      case "reset":
        return this.reset();
      case "ping":
        return this.options.post({ did: "pong" }, []);
      case "cancel":
        void this.task(message.task)?.cancel();
        return;
      default:
        assertNever(message);
    }
  }

  /** Cancels every task; resolves when all is closed. */
  async close(): Promise<void> {
    await Promise.all([...this.tasks.values()].map((task) => task.cancel()));
    this.stopMetrics?.();
  }

  private reset(): void {
    this.resetting = true;
    for (const task of this.tasks.values()) void task.cancel();
    this.answerReset();
  }

  private answerReset(): void {
    if (!this.resetting || this.tasks.size > 0) return;
    this.resetting = false;
    this.options.post({ did: "reset" }, []);
  }

  private task(id: TaskId): Task | undefined {
    return this.tasks.get(keyOf(id));
  }

  private deploy(deployment: TaskDeployment): void {
    const id = deployment.task;
    try {
      const { world, definitionOf, snapshotPieces } = this.options;
      const report = (message: FromSlot, transfer: readonly ArrayBuffer[] = []): void => this.report(message, transfer);
      const environment: TaskEnvironment = { world, definitionOf, wires: this.wires, pullTable: this.pulls.pull, report };
      this.tasks.set(keyOf(id), new Task(deployment, snapshotPieces === undefined ? environment : { ...environment, snapshotPieces }));
      this.stopMetrics ??= world.timers.every(limits.metricsReport_ms, () => this.reportMetrics());
    } catch (error) {
      for (const { port } of [...deployment.inputs, ...deployment.outputs]) port?.close();
      this.report({ did: "taskState", task: id, state: "FAILED", fault: faultOf(error) }, []);
    }
  }

  private report(message: FromSlot, transfer: readonly ArrayBuffer[]): void {
    if (message.did === "taskState" && terminal.has(message.state)) this.forget(message.task);
    this.options.post(message, transfer);
  }

  private forget(id: TaskId): void {
    this.tasks.delete(keyOf(id));
    this.pulls.forget(id);
    if (this.tasks.size > 0) return;
    this.stopMetrics?.();
    this.stopMetrics = null;
    this.answerReset();
  }

  private reportMetrics(): void {
    const tasks = [...this.tasks.values()].map((task) => task.metrics()).filter((metrics) => metrics !== null);
    if (tasks.length > 0) this.options.post({ did: "metrics", tasks }, []);
  }
}

const terminal: ReadonlySet<string> = new Set(["FINISHED", "CANCELED", "FAILED"]);
